"""Folders of pictures with what is written in them, and how well they are read.

Two forms are understood. One text file for each picture, ``page.txt`` beside ``page.jpg``: a line for each written row,
top to bottom, spaces do not matter, empty if there is nothing to read. Or one ``labels.json`` for all::

    {"page.jpg": {"lines": ["123", "45 67"], "match": "lines", "category": "plain", "repo": "my-phone", "part": "tune"}}

``match`` is ``lines`` for rows in reading order (the default) or ``multiset`` where there is no order; ``category``,
``repo``, the source, and ``part`` are optional. A ``negatives.json`` of the same form may name pictures in
``negatives/``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_digits.errors import DataError
from edge_digits.evaluation.metrics import edit_distance
from edge_digits.io.sources import pictures

STRICT = frozenset({"plain", "ruled", "webcam", "scan", "rotated"})
"""Categories that are numbers on paper; tables, equations, forms, single and scattered digits, screens are not."""

CHECK = "check"
"""The part of which figures are shown and nothing else: no picture, no name, no error. What nobody has looked at says
how other people's pictures will be read."""


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with what is written in it. lines: digits of each row, without spaces; none in a picture without
    digits. match: "lines" or "multiset". category, source, part: "" where nobody says."""

    path: Path
    lines: tuple[str, ...]
    match: str = "lines"
    category: str = ""
    source: str = ""
    part: str = ""

    @property
    def may_be_shown(self) -> bool:
        """Whether more than figures may be shown of it, see ``CHECK``."""
        return self.part != CHECK

    @property
    def is_strict(self) -> bool:
        """Whether it is one of the pictures of numbers on paper."""
        return self.match == "lines" and self.category in STRICT

    @property
    def written(self) -> int:
        """How many digits are written in it."""
        return sum(map(len, self.lines))

    def errors(self, read: Sequence[str]) -> int:
        """Edit distance between the digits written and those read, all lines joined; of a multiset, how many are too
        many or missing. read: the digits of each line."""
        want, got = "".join(self.lines), "".join(read)
        if self.match == "multiset":
            return max(len(want), len(got)) - sum((Counter(want) & Counter(got)).values())
        return edit_distance(want, got)

    def exact_lines(self, read: Sequence[str]) -> int:
        """How many of the written lines were read exactly; 0 where there is no order."""
        if self.match != "lines":
            return 0
        counts = Counter(filter(None, read))
        return sum(min(count, counts[line]) for line, count in Counter(self.lines).items())


@dataclass(frozen=True)
class Measures:
    """Of some pictures: their number, their digits and lines. cer: errors, at most as many as digits for each picture,
    over the digits; macro_cer: mean of the sources' own; line_exact: share of written lines that were read exactly;
    image_exact: share of pictures without an error. NaN where there is nothing to divide by."""

    pictures: int
    digits: int
    lines: int
    sources: int
    cer: float
    macro_cer: float
    line_exact: float
    image_exact: float


def measures(read: Sequence[tuple[LabelledPicture, Sequence[str]]]) -> Measures:
    """The measures of pictures with digits, each with the digits of every line that was read in it."""
    lines = sum(len(picture.lines) for picture, _ in read if picture.match == "lines")
    sources = sorted({picture.source for picture, _ in read})
    rates = [_error_rate([pair for pair in read if pair[0].source == source]) for source in sources]
    return Measures(
        len(read),
        sum(picture.written for picture, _ in read),
        lines,
        len(sources),
        _error_rate(read),
        sum(rates) / len(rates) if rates else float("nan"),
        sum(picture.exact_lines(texts) for picture, texts in read) / lines if lines else float("nan"),
        sum(picture.errors(texts) == 0 for picture, texts in read) / len(read) if read else float("nan"),
    )


def _error_rate(read: Sequence[tuple[LabelledPicture, Sequence[str]]]) -> float:
    digits = sum(picture.written for picture, _ in read)
    return (
        sum(min(picture.errors(texts), picture.written) for picture, texts in read) / digits if digits else float("nan")
    )


def load_folder(folder: Path) -> list[LabelledPicture]:
    """The labelled pictures of ``folder``, those without digits last.

    Raises DataError if there are no labels, or they are damaged or name a picture that is not there.
    """
    if (folder / "labels.json").is_file():
        labelled = _from_json(folder / "labels.json", folder)
        if (folder / "negatives.json").is_file():
            labelled += _from_json(folder / "negatives.json", folder / "negatives")
    else:
        labelled = _from_texts(folder)
    for picture in labelled:
        if not picture.path.is_file():
            raise DataError(f"{picture.path}: no such picture, but there are labels for it")
    return sorted(labelled, key=lambda picture: not picture.lines)


def _from_json(path: Path, place: Path) -> list[LabelledPicture]:
    try:
        return [
            LabelledPicture(
                place / file,
                tuple(line.replace(" ", "") for line in label["lines"]),
                label.get("match", "lines"),
                label.get("category", ""),
                label.get("repo", ""),
                label.get("part", ""),
            )
            for file, label in json.loads(path.read_text(encoding="utf-8")).items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: not labels of pictures: {type(error).__name__}: {error}") from error


def _from_texts(folder: Path) -> list[LabelledPicture]:
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder")
    labelled = []
    for name in pictures(str(folder)):
        text = Path(name).with_suffix(".txt")
        if text.is_file():
            try:
                rows = text.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise DataError(f"{text}: cannot be read: {error}") from error
            lines = ("".join(row.split()) for row in rows)
            labelled.append(LabelledPicture(Path(name), tuple(filter(None, lines))))
    if not labelled:
        raise DataError(f"{folder}: neither labels.json nor a text file beside a picture, as page.txt beside page.jpg")
    return labelled
