"""Connected components of a thresholded picture, measured by their contours."""

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
"""Writes into a picture (H, W) uint16 the chosen components' pixels, numbered upwards from the last argument."""

NOISE = 12
"""Pixels along a row between two edges of ink, on the average, below which a picture is noise."""


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


def find_components(contrast: Image, threshold: int, least_height: int) -> tuple[Components, Draw]:
    """The 8-connected components above ``threshold`` that are ``least_height`` pixels high or higher, and a function
    that draws them.

    By their contours (Suzuki & Abe 1985), of which a page has few; labelling every pixel takes longer. In noise it is
    the other way round.
    """
    binary = as_image(cv2.threshold(contrast, threshold, 255, cv2.THRESH_BINARY)[1])
    edges = cv2.countNonZero(cv2.bitwise_xor(binary[:, 1:], binary[:, :-1])) if binary.shape[1] > 1 else 0
    if edges * NOISE > binary.size:
        return _by_pixels(binary, least_height)
    contours, hierarchy = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return _by_contours(contours, np.asarray(hierarchy)[0] if len(contours) else None, least_height)


def _by_contours(contours: Sequence[Any], hierarchy: NDArray[Any] | None, least_height: int) -> tuple[Components, Draw]:
    if hierarchy is None:
        return _components(np.zeros((0, 6), np.int32)), lambda picture, index, first: None
    counts = np.fromiter((len(c) for c in contours), np.intp, len(contours))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    points = np.concatenate(contours)[:, 0]
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    parent, first_hole, next_one = hierarchy[:, 3], hierarchy[:, 2], hierarchy[:, 0]
    tall = np.flatnonzero((high[:, 1] - low[:, 1] + 1 >= least_height) & (parent < 0))
    area = _areas(points, starts, parent)
    # A contour begins in its first row.
    table = np.stack(
        [low[:, 0], low[:, 1], high[:, 0] - low[:, 0] + 1, high[:, 1] - low[:, 1] + 1, area, points[starts, 0]], axis=1
    )

    def draw(picture: NDArray[np.uint16], index: NDArray[np.intp], first: int) -> None:
        for number, contour in enumerate(tall[index].tolist(), first):
            own, hole = [contours[contour]], int(first_hole[contour])
            while hole >= 0:
                own.append(contours[hole])
                hole = int(next_one[hole])
            cv2.drawContours(picture, own, -1, (number,), cv2.FILLED)

    return _components(table[tall].astype(np.int32)), draw


def _areas(points: NDArray[np.int32], starts: NDArray[np.intp], parent: NDArray[Any]) -> NDArray[np.int64]:
    """Pixels of each outer contour's component, by Pick's theorem: A + B / 2 + 1 with those on the contour, and without
    its holes', A - B / 2 + 1 each. points: (P, 2) corners of all contours. starts: (N,) each one's first. parent:
    (N,) whose hole a contour is, -1 of none."""
    after = np.arange(1, len(points) + 1)
    after[np.append(starts[1:], len(points)) - 1] = starts
    step = points[after] - points
    twice = points[:, 0].astype(np.int64) * step[:, 1] - points[:, 1].astype(np.int64) * step[:, 0]
    inside = np.abs(np.add.reduceat(twice, starts))
    border = np.add.reduceat(np.abs(step).max(axis=1).astype(np.int64), starts)
    area = (inside + border) // 2 + 1
    holes = np.flatnonzero(parent >= 0)
    np.subtract.at(area, parent[holes], (inside[holes] - border[holes]) // 2 + 1)
    return area


def _by_pixels(binary: Image, least_height: int) -> tuple[Components, Draw]:
    """The same by labelling every pixel, measured from the runs along the rows."""
    labels = np.asarray(cv2.connectedComponentsWithAlgorithm(binary, 8, cv2.CV_32S, cv2.CCL_GRANA)[1], np.int32)
    framed = cv2.copyMakeBorder(binary, 0, 0, 1, 1, cv2.BORDER_CONSTANT)
    ends = np.flatnonzero(cv2.bitwise_xor(framed[:, 1:], framed[:, :-1]).view(np.bool_)).astype(np.int32)
    y, left = np.divmod(ends[::2], np.int32(binary.shape[1] + 1))
    length = ends[1::2] - ends[::2]
    label = labels[y, left]
    area = np.bincount(label, length)[1:]
    order = np.argsort(label, kind="stable")
    y, left, right = y[order], left[order], (left + length)[order]
    last = np.cumsum(np.bincount(label)[1:]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    x = np.minimum.reduceat(left, first)
    columns = (x, y[first], np.maximum.reduceat(right, first) - x, y[last] + 1 - y[first], area, left[first])
    table = np.stack([column.astype(np.int32) for column in columns], axis=1)
    tall = np.flatnonzero(table[:, 3] >= least_height)

    def draw(picture: NDArray[np.uint16], index: NDArray[np.intp], first: int) -> None:
        number = np.zeros(len(table) + 1, np.uint16)
        number[tall[index] + 1] = np.arange(first, first + len(index))
        own = number[labels]
        np.copyto(picture, own, where=own > 0)

    return _components(table[tall]), draw


def _components(table: NDArray[np.int32]) -> Components:
    return Components(*table.T)
