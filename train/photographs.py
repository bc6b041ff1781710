"""The photographs of the data folder: how well they are read. They only measure; nothing is trained on them.

``labels.json`` says for each picture what is written (``lines``), how to compare it (``match``: ``lines`` in reading
order, or ``multiset`` where there is none), its ``category`` and its source (``repo``); ``negatives.json`` names the
pictures without digits, in ``negatives/``. The measures are those of the folder's own ``score.py``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from edge_digits.errors import DataError
from edge_digits.image import load_grey
from edge_digits.metrics import edit_distance
from edge_digits.reader import DigitReader
from edge_digits.types import Page
from train.pages import Answers

FOLDER = "photos"
STRICT = frozenset({"plain", "ruled", "webcam", "scan", "rotated"})
"""Categories that are numbers on paper; tables, equations, forms, single and scattered digits, screens are not."""


@dataclass(frozen=True)
class Photograph:
    """A picture with what is written in it. lines: digits of each row, without spaces; none in a picture without
    digits."""

    path: Path
    lines: tuple[str, ...]
    match: str
    category: str
    source: str

    @property
    def is_strict(self) -> bool:
        """Whether it is one of the pictures of numbers on paper."""
        return self.match == "lines" and self.category in STRICT


@dataclass(frozen=True, eq=False)
class Read:
    """A photograph and what was read in it."""

    photograph: Photograph
    page: Page

    @property
    def lines(self) -> tuple[str, ...]:
        """Digits of each line that was read."""
        return tuple("".join(filter(str.isdigit, line.text)) for line in self.page.lines)

    @property
    def errors(self) -> int:
        """Edit distance between the digits written and those read; of a multiset, how many are too many or missing."""
        want, got = "".join(self.photograph.lines), "".join(self.lines)
        if self.photograph.match == "multiset":
            return max(len(want), len(got)) - sum((Counter(want) & Counter(got)).values())
        return edit_distance(want, got)


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


def load(folder: Path) -> list[Photograph]:
    """All photographs in ``folder`` (the data folder's ``photos``), those without digits last.

    Raises DataError if a list of them is missing or damaged.
    """
    photographs = []
    for name, place in (("labels.json", folder), ("negatives.json", folder / "negatives")):
        path = folder / name
        try:
            labels = json.loads(path.read_text(encoding="utf-8"))
            photographs += [
                Photograph(
                    place / file,
                    tuple(line.replace(" ", "") for line in label["lines"]),
                    label.get("match", "lines"),
                    label["category"],
                    label["repo"],
                )
                for file, label in labels.items()
            ]
        except FileNotFoundError as error:
            raise DataError(f"{path}: no such file") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{path}: not labels of photographs: {type(error).__name__}: {error}") from error
    return photographs


def read_all(reader: DigitReader, photographs: Sequence[Photograph]) -> list[Read]:
    """Read each of ``photographs``. Raises ImageError if one cannot be read."""
    return [Read(one, reader.read(load_grey(one.path))) for one in tqdm(photographs, "photographs", leave=False)]


def measures(read: Sequence[Read]) -> Measures:
    """The measures of pictures with digits."""
    with_lines = [(r.photograph.lines, Counter(filter(None, r.lines))) for r in read if r.photograph.match == "lines"]
    digits, lines = sum(map(_written, read)), sum(len(written) for written, _ in with_lines)
    exact = sum(min(count, found[line]) for written, found in with_lines for line, count in Counter(written).items())
    rates = [_error_rate(own) for own in by_source(read).values()]
    return Measures(
        len(read),
        digits,
        lines,
        len(rates),
        _error_rate(read),
        float(np.mean(rates)) if rates else float("nan"),
        exact / lines if lines else float("nan"),
        sum(r.errors == 0 for r in read) / len(read) if read else float("nan"),
    )


def by_source(read: Sequence[Read]) -> dict[str, list[Read]]:
    """The pictures of each source, by its name."""
    return {s: [r for r in read if r.photograph.source == s] for s in sorted({r.photograph.source for r in read})}


def answers(read: Sequence[Read]) -> Answers:
    """Confidence of each digit that was read, and whether it is right: whether it is matched with an equal digit where
    written and read are aligned with the fewest edits. What was missed is nobody's answer."""
    confidence = [digit.confidence for r in read for line in r.page.lines for digit in line.digits]
    right = [ok for r in read for ok in aligned("".join(r.photograph.lines), "".join(r.lines))]
    return Answers(np.array(confidence, np.float64), np.array(right, np.bool_))


def aligned(written: str, read: str) -> list[bool]:
    """For each character read whether it is matched with an equal one that was written, in an alignment with the fewest
    edits (Levenshtein 1966)."""
    cost = np.zeros((len(written) + 1, len(read) + 1), int)
    cost[:, 0], cost[0, :] = np.arange(len(written) + 1), np.arange(len(read) + 1)
    for i, a in enumerate(written, 1):
        for j, b in enumerate(read, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (a != b))
    right = [False] * len(read)
    i, j = len(written), len(read)
    while i and j:
        equal = written[i - 1] == read[j - 1]
        if cost[i, j] == cost[i - 1, j - 1] + (not equal):
            right[j - 1] = equal
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i, j - 1] + 1:
            j -= 1
        else:
            i -= 1
    return right


def _written(read: Read) -> int:
    return sum(map(len, read.photograph.lines))


def _error_rate(read: Sequence[Read]) -> float:
    digits = sum(map(_written, read))
    return sum(min(r.errors, _written(r)) for r in read) / digits if digits else float("nan")
