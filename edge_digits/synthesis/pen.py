"""What a pen leaves of a stroke: width and pressure that change, rounded ends, skips and grain.

Strokes are drawn with hard edges at several times the size and averaged down, which anti-aliases any width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, cast

import cv2
import numpy as np

from edge_digits.synthesis.strokes import Strokes, extent
from edge_digits.synthesis.texture import noise
from edge_digits.types import Box, Image

KINDS = ("ballpoint", "felt", "marker", "pencil", "chalk")


@dataclass(frozen=True, slots=True)
class Pen:
    """One pen in one hand.

    kind: one of KINDS. width: of its line in pixels. swell: how much the width varies along a stroke, share
    of the width. reflectance: of its full ink, 0..1 (light passes the paper twice: what is left of it); chalk
    is lighter than its board. pressure: how much the ink thins out along a stroke, 0..1. skips: share of the
    stroke where a ball does not roll, 0..1. grain: how far the paper's roughness shows, 0..1.
    """

    kind: str
    width: float
    swell: float
    reflectance: float
    pressure: float
    skips: float
    grain: float


class Drawing(NamedTuple):
    """Ink and where it goes: (H, W) uint8, 0 none … 255 full; column and row of the strokes' origin in it."""

    ink: Image
    origin_x: int
    origin_y: int


# Line width as a share of the digit's height, reflectance, swell, pressure, skips, grain; each: least, most.
_RANGES = {
    "ballpoint": ((0.025, 0.10), (0.12, 0.5), (0.05, 0.25), (0.05, 0.35), (0.0, 0.03), (0.0, 0.3)),
    "felt": ((0.06, 0.15), (0.06, 0.3), (0.05, 0.2), (0.0, 0.15), (0.0, 0.0), (0.0, 0.1)),
    "marker": ((0.11, 0.24), (0.04, 0.25), (0.03, 0.15), (0.0, 0.12), (0.0, 0.0), (0.0, 0.1)),
    "pencil": ((0.025, 0.11), (0.35, 0.78), (0.1, 0.35), (0.1, 0.5), (0.0, 0.02), (0.1, 0.7)),
    "chalk": ((0.06, 0.18), (0.6, 0.95), (0.1, 0.35), (0.1, 0.4), (0.0, 0.04), (0.2, 0.8)),
}
_USUAL = ("ballpoint", "ballpoint", "felt", "marker", "pencil")


def random_pen(rng: np.random.Generator, height: float, kind: str | None = None) -> Pen:
    """A pen to write digits ``height`` pixels high. kind: one of KINDS (None: any but chalk)."""
    kind = kind or _USUAL[int(rng.integers(len(_USUAL)))]
    draw = iter(rng.random(6).tolist())
    share, reflectance, swell, pressure, skips, grain = (low + (high - low) * next(draw) for low, high in _RANGES[kind])
    width = max(0.8, share * height)
    if kind != "chalk":  # a line about as thin as a pixel fades by itself
        reflectance = min(reflectance, 0.25 + 0.35 * width)
    return Pen(kind, width, swell, reflectance, pressure, skips, grain)


def draw(rng: np.random.Generator, strokes: Strokes, height: float, pen: Pen) -> Drawing:
    """Draw strokes whose unit is ``height`` pixels.

    Returns the ink, cut to the strokes with a margin of the pen's width, and where in it the strokes' (0, 0)
    lies.
    """
    factor = max(2, min(8, round(240 / height), math.ceil(10 / pen.width)))
    margin = math.ceil(pen.width * (0.5 + pen.swell)) + 1
    low, high = extent(strokes)
    left, top = math.floor(low[0] * height) - margin, math.floor(low[1] * height) - margin
    columns = math.ceil(high[0] * height) + margin - left
    rows = math.ceil(high[1] * height) + margin - top
    canvas = np.zeros((rows * factor, columns * factor), np.uint8)
    shift = np.array([-left, -top], np.float32) * factor
    for stroke in strokes:
        _draw_stroke(rng, canvas, stroke * (height * factor) + shift, pen, factor)
    ink = cast(Image, cv2.resize(canvas, (columns, rows), interpolation=cv2.INTER_AREA))
    if pen.grain:
        ink = roughen(rng, ink, pen.grain, pen.width)
    return Drawing(ink, -left, -top)


def roughen(rng: np.random.Generator, ink: Image, grain: float, width: float = 3.0) -> Image:
    """Ink (H, W) uint8 that only reaches the paper's high spots and thins out between them.

    grain: how much, 0..1. width: of the line in pixels; the nearer the camera, the larger the spots are.
    """
    rough = noise(rng, *ink.shape, grain=0.7 if width < 4 else 1.4)
    kept = np.clip(1.0 - grain * (0.3 + 0.35 * rough), 0.0, 1.0)
    return (ink * kept).astype(np.uint8)


def ink_box(ink: Image) -> Box:
    """Where ink (H, W) uint8 is at least a quarter of its strongest; width and height 0 where there is
    none."""
    return Box(*cv2.boundingRect((ink >= max(8, int(ink.max()) // 4)).view(np.uint8)))


def _draw_stroke(rng: np.random.Generator, canvas: Image, points: np.ndarray, pen: Pen, factor: int) -> None:
    """Draw one stroke (pixels of the canvas) in runs of equal width and pressure."""
    n = len(points)
    fixed = np.round(points * 8).astype(np.int32)
    (swing, fade), (swing_at, fade_at) = rng.uniform(0.02, 0.12, 2).tolist(), rng.uniform(0, 6.28, 2).tolist()
    along = np.arange(n)
    swell = 1.0 + pen.swell * (np.sin(swing * along + swing_at) + 0.3 * rng.standard_normal(n))
    # OpenCV draws lines of thickness 2k, and of 2k - 1, about 2k + 1 pixels wide.
    thickness = np.maximum(1, 2 * np.round((pen.width * factor * swell - 1) / 2)).astype(int)
    strength = 1.0 - pen.pressure * (0.5 + 0.5 * np.sin(fade * along + fade_at))
    if pen.skips:
        strength[rng.random(n) < pen.skips] *= 0.4
    level = (np.round(strength * 16) * (255 / 16)).astype(int)
    first = 0
    changes = np.flatnonzero((thickness[1:] != thickness[:-1]) | (level[1:] != level[:-1])) + 1
    for last in [*changes.tolist(), n - 1]:
        part = fixed[first : last + 1]
        cv2.polylines(canvas, [part], False, (int(level[first]),), int(thickness[first]), cv2.LINE_8, 3)
        first = last
