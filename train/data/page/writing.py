"""How somebody writes: one hand with one pen, and numbers, signs and words by it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from train.data.glyphs.fields import SIDE, Field
from train.data.page.canvas import WRITING, Canvas, Layer
from train.data.pool import Glyphs, Pool

_FAMILY_WEIGHTS = {
    "strokes": 0.27,
    "mnist-thin": 0.27,
    "mnist": 0.08,
    "pendigits": 0.1,
    "optdigits-thin": 0.06,
    "optdigits": 0.01,
    "usps-thin": 0.04,
    "usps": 0.01,
    "semeion-thin": 0.04,
    "semeion": 0.01,
    "pen-font": 0.08,
    "careful-font": 0.03,
}
"""How often each family of digits writes. Skeletons and strokes take any pen, as real writers do; what keeps the pen of
its data set looks scanned."""
_PENS = ((0.025, 0.075, 0.42), (0.06, 0.14, 0.4), (0.12, 0.22, 0.14), (0.2, 0.28, 0.04))
"""Least and most share of a digit's height that a line is wide, and how often: ballpoint, felt, marker, a thick one."""
_THINNER, _THICKER = 0.6, 1.5
"""By how much a scanned stroke's own width can be changed without tearing it or closing its counters."""


@dataclass(frozen=True)
class Hand:
    """One writer.

    family: of ``Glyphs.groups``; place: 0..1 where in the family's order; spread: how far around it the hand's digits
    lie; variants: how many ways it has to write each digit, 0 for any number. pen: the line's width, share of a digit's
    height. slant: shear; aspect: factor on the width; turn, size, level: how unevenly digits are turned (radians), high
    and level (shares of the height). gap: between digits, share of the height, negative where they touch. zeros: by how
    much nearer to each other a number's zeros stand, share of the height. wobble: of the line's width.
    """

    family: str
    place: float
    spread: float
    variants: int
    pen: float
    slant: float
    aspect: float
    turn: float
    size: float
    level: float
    gap: float
    zeros: float
    wobble: float


def random_hand(glyphs: Glyphs, random: np.random.Generator) -> Hand:
    """Anybody."""
    families = glyphs.families()
    weights = np.array([_FAMILY_WEIGHTS.get(name, 0.0) for name in families])
    family = families[int(random.choice(len(families), p=weights / weights.sum()))]
    low, high, _ = _PENS[int(random.choice(len(_PENS), p=[weight for _, _, weight in _PENS]))]
    loose = random.random() ** 2
    return Hand(
        family=family,
        place=float(random.random()),
        spread=0.0 if "font" in family or family == "strokes" else float(random.uniform(0.02, 0.3)),
        variants=int(random.choice([0, 1, 2, 3], p=[0.25, 0.3, 0.3, 0.15])),
        pen=math.exp(random.uniform(math.log(low), math.log(high))),
        slant=float(random.normal(0.05, 0.1)),
        aspect=math.exp(random.normal(0.0, 0.12)),
        turn=0.01 + 0.07 * loose,
        size=0.02 + 0.1 * loose,
        level=0.015 + 0.09 * loose,
        gap=_gap(random),
        zeros=float(random.uniform(0.05, 0.35)) if random.random() < 0.25 else 0.0,
        wobble=float(random.uniform(0.0, 0.09)) if random.random() < 0.5 else 0.0,
    )


def _gap(random: np.random.Generator) -> float:
    """Between digits, in heights: touching, near, or each by itself."""
    kind = random.random()
    low, high = (-0.15, 0.05) if kind < 0.17 else (0.05, 0.5) if kind < 0.7 else (0.4, 1.4)
    return float(random.uniform(low, high))


def pick(glyphs: Glyphs, hand: Hand, value: int, random: np.random.Generator) -> int:
    """The row of a digit as this hand writes it."""
    first, count = glyphs.groups[f"{hand.family}/{value}"]
    if hand.family == "strokes":
        people = count // 4
        return first + int(hand.place * people) * 4 + int(random.integers(4))
    if hand.variants:
        # The same few of the neighbours each time: a writer's 4 is open or closed.
        variant = int(random.integers(hand.variants))
        deviation = (hand.place * 977 * (value + 1) + variant * 0.381966) % 1.0 - 0.5
    else:
        deviation = float(random.uniform(-0.5, 0.5))
    where = hand.place + hand.spread * deviation
    return first + int(np.clip(where, 0, 0.9999) * count)


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
    pen = hand.pen * height * math.exp(float(random.normal(0, 0.06)))
    if natural := float(glyphs.halves[row]):
        stroke = 2 * natural * scale
        pen = min(max(pen, _THINNER * stroke), _THICKER * stroke)
    wobble = (random, hand.wobble) if hand.wobble and pen > 1.5 else None
    canvas = sheet.canvas
    canvas.draw(glyphs.fields[row], canvas.to_pixels(corners), pen, canvas.ink, strength, label, wobble)
    return wide


def put_digit(
    sheet: Sheet, value: int, x: float, y: float, height: float, hand: Hand, random: np.random.Generator
) -> float:
    """A digit, its left edge at ``x`` and its middle at ``y``. Returns how wide it is."""
    row = pick(sheet.pool.glyphs, hand, value, random)
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
    start = x
    for letter, following in zip(text, text[1:] + " ", strict=True):
        if letter == " ":
            x += height * float(random.uniform(0.35, 0.6))
            continue
        put = put_digit(sheet, int(letter), x, y, height, hand, random) if letter.isdigit() else None
        x += put_sign(sheet, letter, x, y, height, hand, random) if put is None else put
        x += height * (hand.gap + 0.08 * abs(float(random.normal())))
        if letter == following == "0":
            x -= height * min(hand.zeros, hand.gap + 0.25)
        if letter in ".,:" or not letter.isdigit():
            x += height * 0.06
    return x - start - height * hand.gap


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
