"""Digits and non-digits as pen strokes, each time a little different, as a hand writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge_digits.synthesis.digit_shapes import DIGIT_SHAPES
from edge_digits.synthesis.other_shapes import OTHER_SHAPES, random_drawing
from edge_digits.synthesis.shapes import Points, Shape

Strokes = list[Points]
"""What is drawn without and with lifting the pen: each (N, 2) float32 x and y (down), N >= 1."""

_CHOICES = 8
"""Random numbers that settle how one hand writes one digit: its shape, its modes, and at last its width."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person writes.

    slant: shear, x per y, positive leans to the right. width: factor on the digits' width. turn: rotation in
    radians. looseness: standard deviation of the control points, digit height 1. tremor: amplitude of the
    shaking, same unit. balance: exponent on y, above 1 moves the middle up. taper: how much wider the foot is
    than the top, share of the width. bow: how far the middle bends to the right. habits: for each digit the
    choice of shape, modes and width, 0..1.
    """

    slant: float
    width: float
    turn: float
    looseness: float
    tremor: float
    balance: float
    taper: float
    bow: float
    habits: tuple[tuple[float, ...], ...]


def random_hand(rng: np.random.Generator) -> Hand:
    """A person's handwriting: mostly tidy, upright or leaning to the right, sometimes neither."""
    slant, width, turn, loose, balance, taper, bow = np.clip(rng.standard_normal(7), -2.2, 2.2).tolist()
    shaky, amount = rng.random(2).tolist()
    return Hand(
        slant=max(0.12 + 0.2 * slant, -0.25),
        width=math.exp(0.05 + 0.2 * width),
        turn=0.05 * turn,
        looseness=0.018 * math.exp(0.4 * loose),
        tremor=0.012 * amount if shaky < 0.15 else 0.0,
        balance=math.exp(0.13 * balance),
        taper=0.16 * taper,
        bow=0.028 * bow,
        habits=tuple(map(tuple, rng.random((len(DIGIT_SHAPES), _CHOICES)).tolist())),
    )


def digit_strokes(rng: np.random.Generator, value: int, hand: Hand | None = None) -> Strokes:
    """One handwritten digit.

    value: 0..9. hand: who writes (None: somebody else each time). Returns strokes, each (N, 2) float32, that
    together span y 0..1 and x from 0; y is down, the width follows from the shape.
    """
    hand = hand or random_hand(rng)
    habits = hand.habits[value]
    chosen = _choose(DIGIT_SHAPES[value], habits[0])
    strokes = _write(rng, chosen, hand, habits[1:])
    if rng.random() < 0.03:  # gone over once more, because the pen failed or the digit was corrected
        strokes += _write(rng, chosen, hand, habits[1:])
    low, high = extent(strokes)
    scale = np.float32(1.0 / max(high[1] - low[1], 1e-3))
    return [(stroke - low) * scale for stroke in strokes]


def other_strokes(rng: np.random.Generator, hand: Hand | None = None) -> Strokes:
    """Something that is not a digit: letters, operators, punctuation, check marks, arrows, scribbles, rules,
    boxes.

    What looks like a digit when its size and place are taken away is left out (O, l, S, Z, b, q, y, comma, a
    lone upright or slightly slanted stroke…). Same unit as digits, y 0..1 from a digit's top to its foot, but
    marks keep their natural size and place: a dot is small and stands at y 1, a rule may be several units
    wide. x starts at 0.
    """
    hand = hand or random_hand(rng)
    if rng.random() < 0.6:
        strokes = _write(rng, OTHER_SHAPES[int(rng.integers(len(OTHER_SHAPES)))], hand, rng.random(8).tolist())
    else:
        strokes = random_drawing(rng)
    shift = np.array([min(float(stroke[:, 0].min()) for stroke in strokes), 0.0], np.float32)
    return [stroke - shift for stroke in strokes]


def extent(strokes: Strokes) -> tuple[Points, Points]:
    """Smallest and largest x and y of all strokes, each (2,) float32."""
    points = strokes[0] if len(strokes) == 1 else np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


def _choose(shapes: tuple[Shape, ...], number: float) -> Shape:
    """The shape at share ``number`` (0..1) of the summed weights."""
    rest = number * sum(shape.weight for shape in shapes)
    for shape in shapes:
        rest -= shape.weight
        if rest < 0:
            return shape
    return shapes[-1]


def _write(rng: np.random.Generator, shape: Shape, hand: Hand, habits: tuple[float, ...] | list[float]) -> Strokes:
    """The shape's spline as this hand draws it this time."""
    points = shape.points + hand.looseness * rng.standard_normal(shape.points.shape, np.float32)
    if len(shape.modes):
        wish = np.array(habits[: len(shape.modes)], np.float32)
        # Most writers use few modes, and those in part: the power keeps the plain form the most frequent.
        amount = np.clip(wish**1.5 + 0.08 * rng.standard_normal(len(wish), np.float32), 0, 1)
        points += np.tensordot(amount, shape.modes, 1)
    points[:, 1] = np.sign(points[:, 1]) * np.abs(points[:, 1]) ** hand.balance
    line: Points = (shape.basis @ points).astype(np.float32, copy=False)
    middle, height = 0.3, line[:, 1] - 0.5
    line[:, 0] = (line[:, 0] - middle) * (1.0 + 2 * hand.taper * height) + hand.bow * (1.0 - 4 * height * height)
    slant = hand.slant + 0.03 * float(rng.standard_normal())
    turn = hand.turn + 0.02 * float(rng.standard_normal())
    cos, sin = math.cos(turn), math.sin(turn)
    width = hand.width * math.exp(0.4 * (habits[-1] - 0.5))
    # x' = width x - slant y, then the rotation; rows of points are multiplied from the left.
    line = line @ np.array([[width * cos, width * sin], [-slant * cos - sin, -slant * sin + cos]], np.float32)
    if hand.tremor:
        phase = np.arange(len(line), dtype=np.float32)[:, None] * rng.uniform(0.5, 1.3, 2).astype(np.float32)
        line += hand.tremor * np.sin(phase + rng.uniform(0, 6.3, 2).astype(np.float32))
    starts = (0, *shape.ends[:-1])
    return [line[start:end] for start, end in zip(starts, shape.ends, strict=True)]
