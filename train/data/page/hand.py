"""One writer with one pen: how digits look, stand and follow one another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from train.data.pool import Glyphs

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
    and level (shares of the height). gap: between digits, share of the height, negative where they touch. touching:
    share of the digits that are so near the one before them that their ink meets. zeros: by how much nearer to each
    other a number's zeros stand, share of the height. wobble: of the line's width.
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
    touching: float
    zeros: float
    wobble: float


def random_hand(glyphs: Glyphs, random: np.random.Generator) -> Hand:
    """Anybody."""
    families = glyphs.families()
    weights = np.array([_FAMILY_WEIGHTS.get(name, 0.0) for name in families])
    family = families[int(random.choice(len(families), p=weights / weights.sum()))]
    low, high, _ = _PENS[int(random.choice(len(_PENS), p=[weight for _, _, weight in _PENS]))]
    loose = random.random() ** 2
    gap, touching = _spacing(random)
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
        gap=gap,
        touching=touching,
        zeros=float(random.uniform(0.05, 0.35)) if random.random() < 0.25 else 0.0,
        wobble=float(random.uniform(0.0, 0.09)) if random.random() < 0.5 else 0.0,
    )


def _spacing(random: np.random.Generator) -> tuple[float, float]:
    """The gap between a hand's digits, and the share of them that touch: all or some, by chance, or none."""
    kind = random.random()
    if kind < 0.25:
        return float(random.uniform(-0.05, 0.15)), float(random.choice([0.5, 0.8, 1.0]))
    low, high = (-0.15, 0.05) if kind < 0.33 else (0.05, 0.5) if kind < 0.75 else (0.4, 1.4)
    return float(random.uniform(low, high)), 0.0


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


def drawn_width(glyphs: Glyphs, row: int, pen: float) -> float:
    """How wide a glyph's line can be drawn where ``pen`` is wanted, both in digit heights: any pen draws a skeleton, a
    scanned stroke keeps about its own."""
    stroke = 2 * float(glyphs.halves[row]) * float(glyphs.units[row])
    return min(max(pen, _THINNER * stroke), _THICKER * stroke) if stroke else pen
