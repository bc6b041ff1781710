"""Connected components of a picture at several thresholds, measured all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image, as_image

Column = NDArray[np.int32]

Draw = Callable[[NDArray[np.uint16], NDArray[np.intp], int], None]
"""Writes into a picture (H, W) uint16, whose numbers are lower, the chosen components' pixels, numbered upwards from
the last argument."""

NOISE = 20
"""Pixels along a row between two edges of ink, on the average, below which a picture is noise."""

_EVERY = 4
"""Rows of which one is looked at for noise."""


@dataclass(frozen=True)
class Components:
    """N components. x, y, width, height, area: (N,) int32, pixels. first_x: a column of each in its first row."""

    x: Column
    y: Column
    width: Column
    height: Column
    area: Column
    first_x: Column

    def __len__(self) -> int:
        return len(self.x)


Level = tuple[Components, Draw]

Contours = tuple[Sequence[Any], NDArray[Any]]
"""Of one threshold, and each one's next, previous, first hole and the contour whose hole it is, -1 for none."""


def find_components(contrast: Image, thresholds: Sequence[int], least_height: int) -> list[Level]:
    """For each of ``thresholds`` the 8-connected components above it that are ``least_height`` pixels high or higher,
    and a function that draws them.

    By their contours (Suzuki & Abe 1985), of which a page has few; labelling every pixel takes longer. In noise it is
    the other way round.
    """
    levels: dict[int, Level] = {}
    outlined: dict[int, Contours] = {}
    for level, threshold in enumerate(thresholds):
        binary = as_image(cv2.threshold(contrast, threshold, 255, cv2.THRESH_BINARY)[1])
        if _is_noise(binary[::_EVERY]):
            levels[level] = by_pixels(binary, least_height)
            continue
        contours, hierarchy = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        outlined[level] = contours, np.asarray(hierarchy)[0] if len(contours) else np.zeros((0, 4), np.int32)
    levels |= zip(outlined, by_contours(list(outlined.values()), least_height), strict=True)
    return [levels[level] for level in range(len(thresholds))]


def _is_noise(rows: Image) -> bool:
    """rows: (h, w), 0 or 255."""
    return rows.shape[1] > 1 and cv2.countNonZero(cv2.bitwise_xor(rows[:, 1:], rows[:, :-1])) * NOISE > rows.size


def by_contours(levels: Sequence[Contours], least_height: int) -> list[Level]:
    """The components of ``levels``, outlined by their contours, and what draws them."""
    contours = [contour for outlines, _ in levels for contour in outlines]
    if not contours:
        return [(_components(np.zeros((0, 6), np.int32)), lambda picture, index, first: None) for _ in levels]
    sizes = np.array([len(outlines) for outlines, _ in levels])
    level = np.repeat(np.arange(len(levels)), sizes)
    number = np.arange(len(contours)) - (np.cumsum(sizes) - sizes)[level]
    parent = np.concatenate([hierarchy[:, 3] for _, hierarchy in levels])
    host = np.where(parent < 0, -1, parent + np.arange(len(contours)) - number)
    counts = np.fromiter(map(len, contours), np.intp, len(contours))
    points = np.concatenate(contours)[:, 0]
    starts = np.cumsum(counts) - counts
    # A contour begins in its first row.
    height = np.maximum.reduceat(points[:, 1], starts) - points[starts, 1] + 1
    is_tall = (height >= least_height) & (host < 0)
    used = is_tall | ((host >= 0) & is_tall[host])
    x, width, area = _measured(points[np.repeat(used, counts)], counts[used], host[used] >= 0)
    place = np.cumsum(used) - 1
    outer, holes = place[is_tall], np.flatnonzero(used & ~is_tall)
    np.subtract.at(area, place[host[holes]], area[place[holes]])
    first = points[starts[is_tall]]
    columns = (x[outer], first[:, 1], width[outer], height[is_tall], area[outer], first[:, 0])
    table = np.stack(columns, axis=1).astype(np.int32)
    ends = np.searchsorted(level[is_tall], np.arange(len(levels) + 1))
    return [
        (_components(table[a:b]), _drawing(outlines, hierarchy, number[is_tall][a:b]))
        for (outlines, hierarchy), a, b in zip(levels, ends[:-1], ends[1:], strict=True)
    ]


def _drawing(contours: Sequence[Any], hierarchy: NDArray[Any], tall: NDArray[np.intp]) -> Draw:
    """tall: which of the contours are the components'."""

    def draw(picture: NDArray[np.uint16], index: NDArray[np.intp], first: int) -> None:
        for number, contour in enumerate(tall[index].tolist(), first):
            outlines, hole = [contours[contour]], int(hierarchy[contour, 2])
            while hole >= 0:
                outlines.append(contours[hole])
                hole = int(hierarchy[hole, 0])
            cv2.drawContours(picture, outlines, -1, (number,), cv2.FILLED)

    return draw


def _measured(
    points: NDArray[np.int32], counts: NDArray[np.intp], is_hole: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Left column, width and pixels of what each contour encloses, by Pick's theorem: A + B / 2 + 1 with the B pixels
    on it, and A - B / 2 + 1 without a hole's. points: (P, 2) corners of all contours. counts: (N,) corners of each."""
    starts = np.cumsum(counts) - counts
    x, y = points.T
    left = np.minimum.reduceat(x, starts)
    width = np.maximum.reduceat(x, starts) - left + 1
    after = np.arange(1, len(points) + 1)
    after[starts + counts - 1] = starts
    across, down = x[after] - x, y[after] - y
    # Sums on the way may overflow; what comes of them is the same, for it does not.
    inside = np.abs(np.add.reduceat(x * down - y * across, starts, dtype=np.int32))
    border = np.add.reduceat(np.maximum(np.abs(across), np.abs(down)), starts, dtype=np.int32)
    return left, width, (inside + np.where(is_hole, -border, border)) // 2 + 1


def by_pixels(binary: Image, least_height: int) -> Level:
    """The same of one picture (H, W), 0 or 255, by labelling every pixel."""
    labelled = cv2.connectedComponentsWithStatsWithAlgorithm(binary, 8, cv2.CV_32S, cv2.CCL_DEFAULT)
    count, labels, stats = int(labelled[0]), np.asarray(labelled[1], np.int32), np.asarray(labelled[2], np.int32)
    tall = 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_HEIGHT] >= least_height)
    table = stats[tall]
    first = _first_columns(labels, tall, *table[:, :3].T)

    def draw(picture: NDArray[np.uint16], index: NDArray[np.intp], start: int) -> None:
        number = np.zeros(count, np.uint16)
        number[tall[index]] = np.arange(start, start + len(index))
        np.maximum(picture, number.take(labels), out=picture)

    return _components(np.column_stack([table, first])), draw


def _first_columns(labels: NDArray[np.int32], label: NDArray[np.intp], x: Column, y: Column, width: Column) -> Column:
    """(N,) int32: the first column of each ``label`` in the first row of its box."""
    if not len(label):
        return np.zeros(0, np.int32)
    starts = np.cumsum(width) - width
    column = np.arange(int(width.sum()), dtype=np.int32) - np.repeat(starts - x, width)
    is_other = labels[np.repeat(y, width), column] != np.repeat(label, width)
    return np.minimum.reduceat(np.where(is_other, labels.shape[1], column), starts).astype(np.int32)


def _components(table: NDArray[np.int32]) -> Components:
    return Components(*table.T)
