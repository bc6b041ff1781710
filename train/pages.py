"""Synthesized pages through the whole reader: which of the digits and rows that it reads are right.

Their truth is known to the pixel, they choose nothing but confidence, and anyone can make them again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_digits.charset import UNREADABLE
from edge_digits.reader import DigitReader
from edge_digits.synthesis.page import SyntheticPage, make_page
from edge_digits.types import Box, Digit, Line, Page

KINDS = ("plain", "ruled", "squared", "cells", "board")
"""Kinds of sheet, equally often."""
EACH = 50
"""Pages of each kind."""
SEED = 20_261_121
_SIZES = ((640, 480), (960, 720), (1280, 960))
_LEAST_OVERLAP = 0.3
"""Of a read box and a written one, as intersection over union, where both may be the same digit."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Confidences (N,) in 0..1, and whether each answer is right, (N,) bool."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.confidence)


@dataclass(frozen=True, eq=False)
class KindResult:
    """One kind of sheet. written: digits on its pages. found: digits of them that were read rightly. digits, lines:
    what was read; a digit is right if that digit was written there, a line if ``line_is_right``. A line's confidence is
    the product of its digits', whatever the model's line exponent is."""

    kind: str
    written: int
    found: int
    digits: Answers
    lines: Answers


def joined(parts: Sequence[Answers]) -> Answers:
    """All of ``parts`` (at least one), one after the other."""
    return Answers(np.concatenate([p.confidence for p in parts]), np.concatenate([p.right for p in parts]))


def read_all(reader: DigitReader, each: int = EACH, seed: int = SEED) -> list[KindResult]:
    """Read ``each`` pages of every kind. The same seed gives the same pages."""
    results = []
    with tqdm(total=each * len(KINDS), desc="reading synthesized pages", unit="page") as bar:
        for number, kind in enumerate(KINDS):
            pairs = []
            for index in range(each):
                rng = np.random.default_rng([seed, number, index])
                page = make_page(rng, *_SIZES[index % len(_SIZES)], kind=kind)
                pairs.append((page, reader.read(page.image)))
                bar.update()
            results.append(judged(kind, pairs))
    return results


def judged(kind: str, pairs: Sequence[tuple[SyntheticPage, Page]]) -> KindResult:
    """What was read beside what was written. A line that the picture cuts has no truth, so what was read of it does not
    count."""
    digits: list[tuple[float, bool]] = []
    lines: list[tuple[float, bool]] = []
    written = found = 0
    for truth, page in pairs:
        counted = [line for line in page.lines if not any(_covered(line.box, box) > 0.5 for box in truth.cut)]
        read = [digit for line in counted for digit in line.digits]
        right = digits_right([digit for line in truth.lines for digit in line.digits], read)
        digits += [(digit.confidence, ok) for digit, ok in zip(read, right, strict=True)]
        lines += [
            (math.prod(digit.confidence for digit in line.digits), line_is_right(line, truth.lines)) for line in counted
        ]
        written += sum(len(line.digits) for line in truth.lines)
        found += sum(right)
    return KindResult(kind, written, found, answers(digits), answers(lines))


def digits_right(written: Sequence[Digit], read: Sequence[Digit]) -> list[bool]:
    """For each digit read whether the same digit was written there; each written one answers for one read one."""
    pairs = [(_overlap(a.box, b.box), i, j) for i, a in enumerate(written) for j, b in enumerate(read)]
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for overlap, i, j in sorted(pairs, key=lambda pair: -pair[0]):
        if overlap >= _LEAST_OVERLAP and i not in taken and j not in partner:
            taken.add(i)
            partner[j] = i
    return [j in partner and written[partner[j]].value == digit.value for j, digit in enumerate(read)]


def line_is_right(line: Line, written: Sequence[Line]) -> bool:
    """Whether all that a line says is so: its digits are those of the row that is written there, and none is missing
    but where it has a ``?``. Spaces are not looked at."""
    if not written:
        return False
    row = max(written, key=lambda other: _overlap(line.box, other.box))
    if _overlap(line.box, row.box) <= 0:
        return False
    pattern = ".*".join(re.escape(part) for part in line.text.replace(" ", "").split(UNREADABLE))
    return re.fullmatch(pattern, row.text.replace(" ", "")) is not None


def answers(pairs: Sequence[tuple[float, bool]]) -> Answers:
    """Pairs of a confidence and whether the answer is right."""
    return Answers(np.array([c for c, _ in pairs], np.float64), np.array([r for _, r in pairs], np.bool_))


def _shared(one: Box, other: Box) -> int:
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(width, 0) * max(height, 0)


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0..1."""
    shared = _shared(one, other)
    return shared / (one.width * one.height + other.width * other.height - shared)


def _covered(box: Box, by: Box) -> float:
    """Share of ``box`` that lies in ``by``."""
    return _shared(box, by) / (box.width * box.height)
