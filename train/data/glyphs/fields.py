"""Distance fields: a glyph stored once, from which any pen's width can be drawn at any height.

A field (SIDE, SIDE) uint8 holds at each pixel how far the pen's path is, in 1/STEPS of a pixel; the glyph is HEIGHT
pixels high in it, or as wide where it is wider than high. Green (2007, SIGGRAPH course notes) draws print so; here a
threshold on the distance is the pen's width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.uint8]
Strokes = Sequence[NDArray[np.float32]]

SIDE, HEIGHT, STEPS = 64, 48, 16
PATH = 1.2
"""Pixels from a pen's path that count as the path itself."""
MARGIN = (SIDE - HEIGHT) // 2
"""Half of the widest pen that a field can draw, in its pixels: a third of the height."""
FIELD_FINE, MASK_FINE = 2, 3
"""Strokes and masks are drawn so many times larger, and averaged: a field is finer than its own pixels."""


def from_strokes(strokes: Strokes, height: int = HEIGHT, most_width: int = HEIGHT) -> Field:
    """The field of pen movements, each (N, 2) x and y (down) in any unit; ``height`` pixels high, less where they are
    wider than ``most_width``. Returns (height + 2 MARGIN, width + 2 MARGIN), at least SIDE wide."""
    points = np.concatenate(list(strokes))
    low = points.min(axis=0)
    span = np.maximum(points.max(axis=0) - low, 1e-6)
    scale = min(height / span[1], most_width / span[0])
    rows = height + 2 * MARGIN
    columns = max(SIDE, round(span[0] * scale) + 2 * MARGIN)
    offset = (np.array([columns, rows]) - span * scale) / 2
    canvas = np.full((rows * FIELD_FINE, columns * FIELD_FINE), 255, np.uint8)
    for stroke in strokes:
        fixed = np.round(((stroke - low) * scale + offset) * (FIELD_FINE * 16)).astype(np.int32)
        cv2.polylines(canvas, [fixed.reshape(-1, 1, 2)], False, (0,), 1, cv2.LINE_8, 4)
    distance = cv2.distanceTransform(canvas, cv2.DIST_L2, 5)
    small = cv2.resize(distance, (columns, rows), interpolation=cv2.INTER_AREA) / FIELD_FINE
    return quantized(sharpened(small, 0.25))


def from_mask(ink: NDArray[np.float32]) -> tuple[Field, float]:
    """The field of a bitmap's ink (H, W) 0..1 at any size, whose threshold at ``half`` draws it as it was.

    Returns (SIDE, SIDE) and half of its stroke's typical width in the field's pixels.
    """
    inside = (placed(ink, MASK_FINE) > 0.5).view(np.uint8)
    out = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    contours, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    around = sum(cv2.arcLength(contour, True) for contour in contours)
    half = float(inside.sum()) / max(around, 1.0)
    distance = cv2.resize(out - deep + half, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return quantized(distance / MASK_FINE), half / MASK_FINE


def placed(ink: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Ink (H, W) 0..1 cut to what is inked, smoothed, and put amid (factor SIDE, factor SIDE) as high as a field's
    glyph, or as wide."""
    x, y, w, h = cv2.boundingRect((ink > 0.25).view(np.uint8))
    glyph = cv2.copyMakeBorder(ink[y : y + h, x : x + w], 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    scale = factor * HEIGHT / max(h, w, 1)
    size = (max(3, round(glyph.shape[1] * scale)), max(3, round(glyph.shape[0] * scale)))
    shrinks = scale < 1
    glyph = cv2.resize(glyph, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    side = factor * SIDE
    glyph = glyph[:side, :side]
    out = np.zeros((side, side), np.float32)
    top, left = (side - glyph.shape[0]) // 2, (side - glyph.shape[1]) // 2
    out[top : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph
    # Smoothing over the source's pixels rounds their stairs.
    return cast(NDArray[np.float32], cv2.GaussianBlur(out, (0, 0), max(0.6, 0.45 * scale)))


def sharpened(distance: NDArray[np.floating], least: float) -> NDArray[np.floating]:
    """Distances to a path that were averaged over some pixels, so that on the path itself they are ``least``: 0 there
    again, and the same far away."""
    return np.sqrt(np.maximum(distance**2 - least**2, 0))


def quantized(distance: NDArray[np.floating]) -> Field:
    """Distances in pixels as a field stores them."""
    return np.clip(np.round(distance * STEPS), 0, 255).astype(np.uint8)


def extent(field: Field) -> tuple[int, int]:
    """Width and height of the pen's path in the field's pixels, at least 1 each."""
    near = field < int(PATH * STEPS)
    columns, rows = np.asarray(near.any(axis=0)), np.asarray(near.any(axis=1))
    return _reach(columns), _reach(rows)


def _reach(hit: NDArray[np.bool_]) -> int:
    where = np.flatnonzero(hit)
    return int(where[-1] - where[0]) + 1 if len(where) else 1
