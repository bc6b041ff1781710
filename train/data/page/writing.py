"""Numbers, signs and words as a hand writes them on a sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from train.data.glyphs.fields import SIDE, Field
from train.data.page import kerning
from train.data.page.canvas import WRITING, Canvas, Layer
from train.data.page.hand import Hand, drawn_width, pick
from train.data.pool import Pool

_TOUCH, _OVERLAP = (0.0, 0.05), (0.04, 0.1)
"""How deep the ink of touching digits and of overlapping ones is in each other, shares of the height."""
_SWALLOWED = 0.35
"""A digit starts at least so much of the width of the one before it to its right."""


@dataclass
class Sheet:
    """What is written on. region: x0, y0, x1, y1 of the page that writing may fill, in pixels before the view turns
    it. pitch, baseline: of the rows written, for lines to go with them, 0 where there are none. cells: the edges of a
    table's columns and rows."""

    canvas: Canvas
    pool: Pool
    region: tuple[float, float, float, float]
    pitch: float = 0.0
    baseline: float = 0.0


def put_glyph(
    sheet: Sheet,
    row: int,
    x: float,
    y: float,
    height: float,
    hand: Hand,
    random: np.random.Generator,
    label: int = WRITING,
    strength: float = 1.0,
) -> float:
    """Draw a glyph beside a digit of ``height`` whose middle is at ``y``, its ink's left edge at ``x``. Returns how
    wide it is."""
    glyphs = sheet.pool.glyphs
    scale = float(glyphs.units[row]) * height
    slant = hand.slant + float(random.normal(0, 0.03))
    aspect = hand.aspect * math.exp(float(random.normal(0, 0.05)))
    wide = float(glyphs.sizes[row, 0]) * scale * aspect
    tall = float(glyphs.sizes[row, 1]) * scale
    middle = y + (float(glyphs.centres[row]) - 0.5) * height
    side = SIDE / 2 * scale
    corners = np.array([[-side, -side], [side, -side], [side, side], [-side, side]])
    if height > 14:
        corners += random.normal(0, 0.018 * height, (4, 2))
    turn = float(random.normal(0, hand.turn))
    cos, sin = math.cos(turn), math.sin(turn)
    shape = np.array([[aspect * cos, aspect * sin], [-slant * cos - sin, -slant * sin + cos]])
    corners = corners @ shape + (x + wide / 2 + abs(slant) * tall * 0.3, middle)
    pen = height * drawn_width(glyphs, row, hand.pen * math.exp(float(random.normal(0, 0.06))))
    wobble = (random, hand.wobble) if hand.wobble and pen > 1.5 else None
    canvas = sheet.canvas
    canvas.draw(glyphs.fields[row], canvas.to_pixels(corners), pen, canvas.ink, strength, label, wobble)
    return wide


def put_digit(
    sheet: Sheet, value: int, x: float, y: float, height: float, hand: Hand, random: np.random.Generator
) -> float:
    """A digit, its left edge at ``x`` and its middle at ``y``. Returns how wide it is."""
    row = pick(sheet.pool.glyphs, hand, value, random)
    return _put_row(sheet, row, value, x, y, height, hand, random)


def _put_row(
    sheet: Sheet, row: int, value: int, x: float, y: float, height: float, hand: Hand, random: np.random.Generator
) -> float:
    size = height * math.exp(float(random.normal(0, hand.size)))
    return put_glyph(sheet, row, x, y + height * float(random.normal(0, hand.level)), size, hand, random, value)


def put_sign(
    sheet: Sheet, name: str, x: float, y: float, height: float, hand: Hand, random: np.random.Generator
) -> float:
    """One of ``signs.SIGNS`` beside digits of ``height``. Returns how wide it is."""
    first, count = sheet.pool.glyphs.groups[f"signs/{name}"]
    row = first + int(random.integers(count))
    return put_glyph(sheet, row, x, y, height * float(random.uniform(0.8, 1.1)), hand, random)


def put_number(
    sheet: Sheet, text: str, x: float, y: float, height: float, hand: Hand, random: np.random.Generator
) -> float:
    """A number with the signs in it, "-12.5" or "3/4", its left edge at ``x``. Returns how wide it is; " " leaves a
    gap."""
    start, before = x, None
    for letter, following in zip(text, text[1:] + " ", strict=True):
        if letter == " ":
            x += height * float(random.uniform(0.35, 0.6))
            before = None
            continue
        if letter.isdigit():
            row = pick(sheet.pool.glyphs, hand, int(letter), random)
            if before is not None and random.random() < hand.touching:
                x = _nearer(sheet, *before, row, height, hand, random)
            wide = _put_row(sheet, row, int(letter), x, y, height, hand, random)
            before = (row, x, wide)
        else:
            wide = put_sign(sheet, letter, x, y, height, hand, random)
            before = None
        x += wide + height * (hand.gap + 0.08 * abs(float(random.normal())))
        if letter == following == "0":
            x -= height * min(hand.zeros, hand.gap + 0.25)
        if not letter.isdigit():
            x += height * 0.06
    return x - start - height * hand.gap


def _nearer(
    sheet: Sheet,
    before: int,
    x: float,
    wide: float,
    row: int,
    height: float,
    hand: Hand,
    random: np.random.Generator,
) -> float:
    """Where a glyph starts whose ink touches or overlaps that of ``before``, which starts at ``x``."""
    room = kerning.room(sheet.pool.glyphs, before, row, hand.pen)
    depth = float(random.uniform(*(_TOUCH if random.random() < 0.6 else _OVERLAP)))
    return x + max(wide - height * (room * hand.aspect + depth), _SWALLOWED * wide)


def put_word(
    sheet: Sheet,
    groups: tuple[str, ...],
    x: float,
    y: float,
    height: float,
    hand: Hand,
    random: np.random.Generator,
    layer: Layer | None = None,
) -> float:
    """A word or printed line of one of ``groups``, its capitals ``height`` high; printed digits are none to read.
    layer: None for ink. Returns how wide it is; 0 where the pool has none."""
    words = sheet.pool.words
    held = [group for group in groups if group in words.groups]
    if not held:
        return 0.0
    first, count = words.groups[held[int(random.integers(len(held)))]]
    word = words.word(first + int(random.integers(count)))
    return put_field(sheet, word.field, word.half, word.middle, x, y, height, hand, random, layer, word.digits)


def put_field(
    sheet: Sheet,
    field: Field,
    half: float,
    middle: float,
    x: float,
    y: float,
    height: float,
    hand: Hand,
    random: np.random.Generator,
    layer: Layer | None,
    digits: np.ndarray,
) -> float:
    """See ``put_word``."""
    canvas = sheet.canvas
    layer = canvas.ink if layer is None else layer
    printed = layer is canvas.print
    scale = height / 32
    stretch = scale * (1.0 if printed else hand.aspect)
    rows, columns = field.shape
    slant = 0.0 if printed else 0.5 * hand.slant
    box = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float64)
    pen = hand.pen * height
    if half:
        stroke = 2 * half * scale
        pen = stroke if printed else min(max(pen, 0.75 * stroke), 1.3 * stroke)

    def place(points: np.ndarray) -> np.ndarray:
        upright = points - (8, middle)
        return np.stack([x + upright[:, 0] * stretch - slant * upright[:, 1] * scale, y + upright[:, 1] * scale], 1)

    canvas.draw(field, canvas.to_pixels(place(box)), pen, layer, label=WRITING)
    # Print is not promised to be read: its digits are none.
    for x0, y0, x1, y1 in () if printed else digits:
        corners = canvas.to_pixels(place(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)))
        canvas.disregard(corners)
    return (columns - 16) * stretch
