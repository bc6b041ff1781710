"""Synthesized pages through the whole reader: which of the digits and rows that it reads are right.

Their truth is known to the pixel, they choose nothing but confidence, and anyone can make them again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_digits.charset import UNREADABLE
from edge_digits.lines.grouping import group_lines
from edge_digits.lines.skew import estimate_skew
from edge_digits.page import Page
from edge_digits.reader import DigitReader
from edge_digits.types import Box, Line
from train.data.build_pool import open_pool
from train.data.shards import Order, make_one
from train.data.tiles import EMPTY, LAYOUTS, WRITING, Tile

COUNT = 250
"""Pages."""
SEED = 20_261_121
MOST_TURN = 32.0
"""Degrees by which a page is turned from which its rows are not those that are written."""
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
    """Pages of one layout. written: digits on them. read_right: digits of them that were read rightly. digits, lines:
    what was read; a digit is right if that digit was written there, a line if all its digits are and none of the row is
    missing. A line's confidence is the product of its digits', whatever the model's line exponent is."""

    kind: str
    written: int
    read_right: int
    digits: Answers
    lines: Answers


def joined(parts: Sequence[Answers]) -> Answers:
    """All of ``parts``, one after the other."""
    return Answers(
        np.concatenate([np.empty(0), *(p.confidence for p in parts)]),
        np.concatenate([np.empty(0, np.bool_), *(p.right for p in parts)]),
    )


def written(folder: Path, count: int | None = None, seed: int = SEED) -> Iterator[Tile]:
    """``count`` pages (None: ``COUNT``), always the same, of glyphs and fonts that no network was trained on.

    folder: the data folder. Raises DataError if MNIST cannot be had.
    """
    count = COUNT if count is None else count
    pool = open_pool(folder, "validation")
    order = Order(0, count, seed, "validation", "", "")
    pages = (make_one(pool, order, "pages", number) for number in range(count))
    return (page for page in pages if abs(page.turn) <= MOST_TURN)


def read_all(reader: DigitReader, pages: Sequence[Tile]) -> list[KindResult]:
    """Read pages; by layout, in which order they are drawn."""
    read = [(page, reader.read(page.image)) for page in tqdm(pages, "reading synthesized pages", unit="page")]
    kinds = [kind for kind in (*LAYOUTS, *EMPTY) if any(page.kind == kind for page in pages)]
    return [judged(kind, [pair for pair in read if pair[0].kind == kind]) for kind in kinds]


def judged(kind: str, pairs: Sequence[tuple[Tile, Page]]) -> KindResult:
    """What was read beside what was written. What is read of a digit that nobody asks for, too small, cut off or
    covered, does not count, nor does its line."""
    digits: list[tuple[float, bool]] = []
    lines: list[tuple[float, bool]] = []
    count = read_right = 0
    for page, read in pairs:
        matches = [_match([digit.box for digit in line.digits], page) for line in read.lines]
        rows = _rows_of(page)
        for line, match in zip(read.lines, matches, strict=True):
            right = [
                page.labels[m] == digit.value if m >= 0 else False for m, digit in zip(match, line.digits, strict=True)
            ]
            asked = [m < 0 or page.labels[m] >= 0 for m in match]
            digits += [(d.confidence, bool(ok)) for d, ok, use in zip(line.digits, right, asked, strict=True) if use]
            read_right += sum(bool(ok) for ok, use in zip(right, asked, strict=True) if use)
            if all(asked) and line.digits:
                sure = math.prod(digit.confidence for digit in line.digits)
                lines.append((sure, all(right) and _is_whole(line, match, rows)))
        count += int((page.labels >= 0).sum())
    return KindResult(kind, count, read_right, answers(digits), answers(lines))


def answers(pairs: Sequence[tuple[float, bool]]) -> Answers:
    """Pairs of a confidence and whether the answer is right."""
    return Answers(np.array([c for c, _ in pairs], np.float64), np.array([r for _, r in pairs], np.bool_))


def _match(boxes: Sequence[Box], page: Tile) -> list[int]:
    """For each box read which written digit it is, -1 if none; each written one answers for one read one."""
    overlaps = np.array([_overlaps(box, page.boxes) for box in boxes]).reshape(len(boxes), len(page.boxes))
    overlaps[:, page.labels == WRITING] = 0
    partner = [-1] * len(boxes)
    for place in np.argsort(-overlaps, axis=None).tolist():
        j, i = divmod(place, len(page.boxes))
        if overlaps[j, i] < _LEAST_OVERLAP:
            break
        if partner[j] < 0 and i not in partner:
            partner[j] = i
    return partner


def _rows_of(page: Tile) -> list[set[int]]:
    """The digits that stand in a row with each other."""
    index = np.flatnonzero(page.labels >= 0)
    boxes = page.boxes[index]
    return [{int(index[place]) for place in row} for row in group_lines(boxes, estimate_skew(boxes))]


def _is_whole(line: Line, match: Sequence[int], rows: Sequence[set[int]]) -> bool:
    """Whether no digit of the row is missing that the line does not say is."""
    row = next((row for row in rows if match[0] in row), set())
    return UNREADABLE in line.text or row <= set(match)


def _overlaps(box: Box, boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union with each of ``boxes`` (M, 4), 0..1."""
    across = np.minimum(box.right, boxes[:, 2]) - np.maximum(box.x, boxes[:, 0])
    down = np.minimum(box.bottom, boxes[:, 3]) - np.maximum(box.y, boxes[:, 1])
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return shared / np.maximum(areas + box.width * box.height - shared, 1e-6)
