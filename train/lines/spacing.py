"""Digits side by side on one line: apart, touching, overlapping, or joined by a stroke."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image

SPACINGS = ("apart", "kerned", "touching", "overlapping", "joined")
"""How a digit stands beside the one before it.

apart: their boxes are apart. kerned: their boxes may overlap, their ink is apart. touching: pushed left until the ink
touches. overlapping: pushed further, by up to ``DEEPEST`` of their mean width. joined: apart, with a stroke of the pen
from one to the other.
"""

DEEPEST = 0.15
_SWALLOWED = 0.35
"""A digit starts at least so much of the width of the one before it to its right."""


def beside(parts: Sequence[Image], spacings: Sequence[str], random: np.random.Generator, level: bool = False) -> Image:
    """Write ``parts`` from left to right.

    parts: (h, w) uint8 coverage, 0 paper … 255 ink, each cut to its ink. spacings: for each part but the first how it
    stands beside the one before it, one of ``SPACINGS``. level: whether all stand on one straight line; else the hand
    is a bit unsteady. Returns (H, W) uint8 coverage, cut to the ink.
    """
    height = float(np.median([part.shape[0] for part in parts]))
    feet = _feet(parts, height, level, random)
    tops = feet - np.array([part.shape[0] for part in parts])
    tops -= tops.min()
    rows = int(max(top + part.shape[0] for top, part in zip(tops, parts, strict=True)))
    canvas = np.zeros((rows, sum(part.shape[1] for part in parts) + round((len(parts) + 1) * height)), np.uint8)
    edge = np.full(rows, -np.inf)
    x = 0
    for index, (part, top) in enumerate(zip(parts, tops, strict=True)):
        lead = np.full(rows, np.inf)
        lead[top : top + part.shape[0]] = _first_ink(part)
        if index:
            before = parts[index - 1]
            x = _place(edge, lead, spacings[index - 1], x, before, part, height, random)
            if spacings[index - 1] == "joined":
                _join(canvas, edge, x, part, int(top), before)
        window = canvas[top : top + part.shape[0], x : x + part.shape[1]]
        np.maximum(window, part, out=window)
        last = part.shape[1] - _first_ink(part[:, ::-1])
        reach = edge[top : top + part.shape[0]]
        np.maximum(reach, np.where(np.isfinite(last), x + last, -np.inf), out=reach)
    left, top, width, high = cv2.boundingRect(_inked(canvas).view(np.uint8))
    return canvas[top : top + high, left : left + width] if width else canvas[:, :1]


def _feet(parts: Sequence[Image], height: float, level: bool, random: np.random.Generator) -> NDArray[np.int64]:
    """The row below each part."""
    if level:
        return np.zeros(len(parts), np.int64)
    places = np.cumsum([part.shape[1] for part in parts])
    unsteady = random.normal(0, 0.12 if random.random() < 0.1 else 0.04, len(parts)) * height
    rise = random.normal(0, 0.04) * places
    return np.round(unsteady + rise).astype(np.int64)


def _inked(part: Image) -> NDArray[np.bool_]:
    """Where there is ink, also of the faintest pen."""
    return part >= max(1, int(part.max()) // 4)


def _first_ink(part: Image) -> NDArray[np.float64]:
    """(h,) the first inked column of each row, infinite where there is none."""
    inked = _inked(part)
    return np.where(inked.any(axis=1), inked.argmax(axis=1), np.inf)


def _place(
    edge: NDArray[np.float64],
    lead: NDArray[np.float64],
    spacing: str,
    last: int,
    before: Image,
    part: Image,
    height: float,
    random: np.random.Generator,
) -> int:
    """The column at which ``part`` starts. edge: the column after the last ink, by row; last: where the part before it
    starts."""
    end = int(edge.max())
    # A row further up or down is still a neighbour's.
    near = np.maximum(edge, np.maximum(np.append(edge[1:], -np.inf), np.append(-np.inf, edge[:-1])))
    pushes = near - lead
    contact = int(pushes.max()) if np.isfinite(pushes.max()) else end
    if spacing == "touching":
        x = contact - int(random.integers(0, 2))
    elif spacing == "overlapping":
        x = contact - 1 - round(random.uniform(0, DEEPEST) * (before.shape[1] + part.shape[1]) / 2)
    elif spacing == "kerned":
        x = contact + 2 + round(random.uniform(0, 0.5) * max(0, end - contact))
    else:
        widest = 0.3 if spacing == "joined" else 0.6
        x = max(end, contact) + 1 + round(height * float(np.exp(random.uniform(np.log(0.04), np.log(widest)))))
    return max(x, last + round(_SWALLOWED * before.shape[1]), 0)


def _join(canvas: Image, edge: NDArray[np.float64], x: int, part: Image, top: int, before: Image) -> None:
    """Draw a stroke from the rightmost ink so far to the leftmost of ``part``."""
    start = int(np.argmax(edge))
    first = _first_ink(part)
    goal = int(np.argmin(first))
    # The border matters: a 1 may fill its box, and be nowhere near paper in it.
    inside = cv2.distanceTransform(np.pad(_inked(before).view(np.uint8), 1), cv2.DIST_L2, 3)
    thickness = max(1, round(1.2 * float(inside.max())))
    a, b = (int(edge[start]) - 1, start), (x + int(first[goal]), top + goal)
    bend = ((a[0] + b[0]) // 2, max(a[1], b[1]) if abs(a[1] - b[1]) > 2 * thickness else (a[1] + b[1]) // 2)
    cv2.polylines(canvas, [np.array([a, bend, b], np.int32)], False, (255,), thickness, cv2.LINE_AA)
