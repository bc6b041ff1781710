"""A page -> what of it can be labelled, and what its reader got wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge_classes import NONE
from edge_digits.reader import DigitReader
from edge_digits.runtime.model import FileModel
from edge_digits.synthesis.page import SyntheticPage
from edge_digits.teach.examples import Examples
from edge_digits.teach.samples import candidate_at, ink_of, judge_inputs
from edge_digits.trace import Seen
from edge_digits.types import Box, intersection_over_union

LEAST_OVERLAP = 0.35
"""Intersection over union from which a reading is of a written digit."""

WRONG = 2.0
"""Doubt about what was misread, missed or made up."""


@dataclass(frozen=True)
class Lesson:
    """examples: what of a page can be labelled. doubt: (N,) how unsure its reading was, 0..1, or ``WRONG``, which an
    owner sees and corrects first."""

    examples: Examples
    doubt: NDArray[np.float32]


@dataclass(frozen=True)
class Score:
    """Of pages: digits written, of them misread or missed, and digits read where none is."""

    digits: int
    wrong: int
    extra: int

    def __add__(self, other: Score) -> Score:
        return Score(self.digits + other.digits, self.wrong + other.wrong, self.extra + other.extra)

    @property
    def error(self) -> float:
        """Share of the digits written that are misread or missed."""
        return self.wrong / max(self.digits, 1)


def lesson(page: SyntheticPage, reader: DigitReader, judge: FileModel, cnn: FileModel) -> Lesson:
    """What an owner could say of a page: of each digit that was found what it is, of each reading where none is that it
    is none."""
    observed: list[Seen] = []
    read = reader.read(page.image, observe=observed.append)
    seen = observed[0]
    index: list[int] = []
    labels: list[int] = []
    doubt: list[float] = []
    readings = [digit for line in read.lines for digit in line.digits]
    for box, value in _written(page):
        at = candidate_at(seen, box)
        if at is not None and at not in index:
            of_it = [digit for digit in readings if intersection_over_union(digit.box, box) > LEAST_OVERLAP]
            index.append(at)
            labels.append(value)
            is_right = bool(of_it) and of_it[0].value == value
            doubt.append(1 - of_it[0].confidence if is_right else WRONG)
    for digit in readings:
        at = candidate_at(seen, digit.box)
        is_written = any(intersection_over_union(digit.box, box) > LEAST_OVERLAP for box, _ in _written(page))
        if at is not None and at not in index and not is_written and not _cut(digit.box, page):
            index.append(at)
            labels.append(NONE)
            doubt.append(WRONG)
    inputs = judge_inputs(seen, np.array(index, np.intp))
    examples = Examples(judge.features(inputs), cnn.features(ink_of(inputs)), np.array(labels, np.intp))
    return Lesson(examples, np.array(doubt, np.float32))


def score(page: SyntheticPage, reader: DigitReader) -> Score:
    """How a page is read."""
    readings = [digit for line in reader.read(page.image).lines for digit in line.digits]
    right, taken = 0, set()
    written = _written(page)
    for box, value in written:
        free = [(number, digit.box) for number, digit in enumerate(readings) if number not in taken]
        shares = [(intersection_over_union(place, box), number) for number, place in free]
        share, number = max(shares, default=(0.0, -1))
        if share > LEAST_OVERLAP:
            taken.add(number)
            right += readings[number].value == value
    extra = sum(not _cut(digit.box, page) for number, digit in enumerate(readings) if number not in taken)
    return Score(len(written), len(written) - right, extra)


def _written(page: SyntheticPage) -> list[tuple[Box, int]]:
    return [(digit.box, digit.value) for line in page.lines for digit in line.digits]


def _cut(box: Box, page: SyntheticPage) -> bool:
    """Whether it belongs to a row that leaves the picture, of which the truth is not known."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return any(part.x <= x <= part.right and part.y <= y <= part.bottom for part in page.cut)
