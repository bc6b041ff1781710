"""The photographs of the data folder: how well they are read. They only measure; nothing is trained on them.

They are a labelled folder (``edge_digits.evaluation.ground_truth``); the measures are those of the folder's own
``score.py``. Of the part ``check`` there are figures and nothing else.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_digits.errors import DataError
from edge_digits.evaluation import ground_truth, intervals
from edge_digits.evaluation.ground_truth import CHECK, LabelledPicture, Measures
from edge_digits.evaluation.intervals import Figures, Interval
from edge_digits.page import Page
from train.evaluate import reading
from train.evaluate.pages import Answers
from train.evaluate.reading import Opening

logger = logging.getLogger(__name__)

FOLDER = "photos"


@dataclass(frozen=True, eq=False)
class Read:
    """A photograph and what was read in it."""

    photograph: LabelledPicture
    page: Page

    @property
    def lines(self) -> tuple[str, ...]:
        """Digits of each line that was read."""
        return tuple("".join(filter(str.isdigit, line.text)) for line in self.page.lines)

    @property
    def errors(self) -> int:
        """See ``LabelledPicture.errors``."""
        return self.photograph.errors(self.lines)


def load(folder: Path, part: str | None = None) -> list[LabelledPicture]:
    """The photographs of the data folder ``folder``, of one part or of all; [] with a warning if it has none. Raises
    DataError if they are damaged or no picture is of that part."""
    place = folder / FOLDER
    if not place.is_dir():
        logger.warning("%s is not in %s: left out", FOLDER, folder)
        return []
    labelled = ground_truth.load_folder(place)
    of_part = [one for one in labelled if part in (None, one.part)]
    if not of_part:
        there = ", ".join(sorted({one.part for one in labelled if one.part})) or "none"
        raise DataError(f"{place}: no photograph is of the part {part}; parts: {there}")
    return of_part


def read_all(opening: Opening, photographs: Sequence[LabelledPicture], progress: str = "photographs") -> list[Read]:
    """Read each of ``photographs``. Raises ImageError if one cannot be read."""
    pages = reading.read_pictures(opening, [one.path for one in photographs], progress)
    return [Read(one, page) for one, page in zip(photographs, pages, strict=True)]


def measures(read: Sequence[Read]) -> Measures:
    """The measures of pictures with digits."""
    return ground_truth.measures([(one.photograph, one.lines) for one in read])


def figures(read: Sequence[Read]) -> Figures:
    """The same with intervals."""
    return intervals.figures([(one.photograph, one.lines) for one in read])


def difference(first: Sequence[Read], second: Sequence[Read]) -> Interval:
    """By how much the macro CER of ``second`` is above that of ``first``, the same pictures with digits."""
    return intervals.macro_difference(*([(one.photograph, one.lines) for one in read] for read in (first, second)))


def parts(read: Sequence[Read]) -> dict[str, list[Read]]:
    """The pictures of each part, by its name, ``check`` first; where nobody says, all are of the part ""."""
    names = sorted({one.photograph.part for one in read}, key=lambda name: (name != CHECK, name))
    return {name: [one for one in read if one.photograph.part == name] for name in names}


def written(read: Sequence[Read]) -> list[Read]:
    """Those in which something is written."""
    return [one for one in read if one.photograph.lines]


def strict(read: Sequence[Read]) -> list[Read]:
    """Those of numbers on paper."""
    return [one for one in written(read) if one.photograph.is_strict]


def invented(read: Sequence[Read]) -> list[int]:
    """How many digits were read in each of those in which nothing is written."""
    return [sum(map(len, one.lines)) for one in read if not one.photograph.lines]


def by_kind(read: Sequence[Read]) -> dict[str, list[Read]]:
    """The pictures of each kind, by its name."""
    names = sorted({one.photograph.category for one in read})
    return {name: [one for one in read if one.photograph.category == name] for name in names}


def by_source(read: Sequence[Read]) -> dict[str, list[Read]]:
    """The pictures of each source, by its name."""
    names = sorted({one.photograph.source for one in read})
    return {name: [one for one in read if one.photograph.source == name] for name in names}


def answers(read: Sequence[Read]) -> Answers:
    """Confidence of each digit that was read, and whether it is right: whether it is matched with an equal digit where
    written and read are aligned with the fewest edits; where there is no order, whether one more was written. What was
    missed is nobody's answer."""
    confidence = [digit.confidence for r in read for line in r.page.lines for digit in line.digits]
    right = [ok for r in read for ok in _right(r)]
    return Answers(np.array(confidence, np.float64), np.array(right, np.bool_))


def surest(read: Sequence[Read]) -> Interval:
    """Share of wrong ones among the surest 90 % of the digits that were read."""
    judged = answers(read)
    source = [r.photograph.source for r in read for line in r.page.lines for _ in line.digits]
    return intervals.surest(judged.confidence, judged.right, source)


def _right(read: Read) -> list[bool]:
    want, got = "".join(read.photograph.lines), "".join(read.lines)
    if read.photograph.match != "multiset":
        return aligned(want, got)
    left, right = Counter(want), []
    for character in got:
        right.append(left[character] > 0)
        left[character] -= 1
    return right


def aligned(written: str, read: str) -> list[bool]:
    """For each character read whether it is matched with an equal one that was written, see ``alignment``."""
    return [there == character for there, character in zip(alignment(written, read), read, strict=True)]


def alignment(written: str, read: str) -> list[str | None]:
    """For each character read the one that was written in its place, None for one too many, in an alignment with the
    fewest edits (Levenshtein 1966)."""
    cost = np.zeros((len(written) + 1, len(read) + 1), int)
    cost[:, 0], cost[0, :] = np.arange(len(written) + 1), np.arange(len(read) + 1)
    for i, a in enumerate(written, 1):
        for j, b in enumerate(read, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (a != b))
    there: list[str | None] = [None] * len(read)
    i, j = len(written), len(read)
    while i and j:
        if cost[i, j] == cost[i - 1, j - 1] + (written[i - 1] != read[j - 1]):
            there[j - 1] = written[i - 1]
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i, j - 1] + 1:
            j -= 1
        else:
            i -= 1
    return there
