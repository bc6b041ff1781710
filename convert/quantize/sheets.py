"""Photographed sheets of our own strokes with the place of every digit: what calibrates int8."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from convert.quantize.sheet_digits import find_digits
from edge_digits.charset import DIGITS, REJECT
from edge_digits.synthesis import camera, paper, pen
from edge_digits.synthesis.light import lit, random_light
from edge_digits.synthesis.strokes import Strokes, digit_strokes, extent, other_strokes, random_hand
from edge_digits.types import Box, Image

PENS = pen.KINDS
LIGHTS = ("even", "uneven", "dim")
COLUMNS, ROWS = 6, 4
"""Places on a sheet: each digit twice, and four things that are no digit."""
_CELL = 1.6
"""Side of a place, as a multiple of the digits' height."""
_WIDEST = 1.3
"""What is no digit spans at most so many digit heights."""
_LEAST_LEGIBLE = 0.8
"""Share of the digits that must be found."""
_UNEVEN = 0.7
"""The darkest spot of uneven light has at most this share of the brightest's."""
_DIM = 0.7
"""Below this exposure a picture is dim."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """picture: (H, W) uint8 grey. labels: 0..9 or ``charset.REJECT``; boxes: where each stands, not overlapping."""

    picture: Image
    labels: tuple[int, ...]
    boxes: tuple[Box, ...]


def legible_sheet(random: np.random.Generator, kind: str, light: str, height: float) -> Sheet:
    """One hand, one pen (of ``PENS``), one light (of ``LIGHTS``), digits ``height`` pixels high, photographed.

    The first one drawn on which a reader finds the digits: noise calibrates nothing.
    """
    while True:
        sheet = _sheet(random, kind, light, height)
        digits = [box for box, label in zip(sheet.boxes, sheet.labels, strict=True) if label < REJECT]
        digits_seen = find_digits(sheet.picture, digits)
        if len(digits) - digits_seen.count(None) >= _LEAST_LEGIBLE * len(digits):
            return sheet


def _sheet(random: np.random.Generator, kind: str, light: str, height: float) -> Sheet:
    side = round(_CELL * height)
    tool = pen.random_pen(random, height, kind)
    shape = ((ROWS + 1) * side, (COLUMNS + 1) * side)
    page = paper.random_paper(random, *shape, "board" if kind == "chalk" else "plain")
    hand = random_hand(random)
    others = ROWS * COLUMNS - 2 * len(DIGITS)
    labels = random.permutation([*range(len(DIGITS)), *range(len(DIGITS)), *[REJECT] * others]).tolist()
    boxes = []
    for place, label in enumerate(labels):
        strokes = _other(random) if label == REJECT else digit_strokes(random, label, hand)
        drawn = pen.draw(random, strokes, height, tool).ink
        if max(drawn.shape) > side - 4:
            factor = (side - 4) / max(drawn.shape)
            drawn = np.asarray(cv2.resize(drawn, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        h, w = drawn.shape
        x = side // 2 + place % COLUMNS * side + (side - w) // 2
        y = side // 2 + place // COLUMNS * side + (side - h) // 2
        paper.lay_ink(page, drawn, x, y, tool.reflectance, tool.kind == "chalk")
        boxes.append(Box(x - 1, y - 1, w + 2, h + 2))
    return Sheet(_photograph(random, page, light, tool.width), tuple(labels), tuple(boxes))


def _other(random: np.random.Generator) -> Strokes:
    while True:
        strokes = other_strokes(random)
        low, high = extent(strokes)
        if max(high - np.minimum(low, 0)) <= _WIDEST:
            return strokes


def _photograph(random: np.random.Generator, page: Image, light: str, finest: float) -> Image:
    shot = camera.random_shot(random, finest)
    while (shot.exposure < _DIM) != (light == "dim"):
        shot = camera.random_shot(random, finest)
    if light == "uneven":
        lamp = random_light(random, *page.shape)
        while lamp.min() > _UNEVEN * lamp.max():
            lamp = random_light(random, *page.shape)
        page = lit(page, lamp)
    return camera.photograph(random, page, shot)
