"""Letters, operators and drawings that are not digits: the reject class, and what stands between numbers on a
page.

Left out is what nobody could tell from a digit once its size is normalized: O o D Q Ф 0-like, I l | J ] λ Λ
1-like, Z z 2-like, З Э 3-like, Y y У Ч 4-like, S s 5-like, G b Б ь 6-like, ┐ ¬ 7-like, & $ 8-like, g q
9-like, comma and apostrophe.
"""

from __future__ import annotations

import math

import numpy as np

from edge_digits.synthesis.shapes import Points, Shape, shape

_GLYPHS = (
    # Upper case.
    "0,1 .32,0! .64,1 | .12,.64 .52,.63",  # A
    ".06,0 .05,1 | -.06,0 .3,0 .46,.14 .38,.36 .05,.47! .42,.52 .58,.74 .4,.97 -.06,1",  # B
    ".62,.14 .4,0 .12,.14 0,.5 .12,.88 .4,1 .64,.86",  # C
    ".5,0 0,0! 0,1! .52,1 | 0,.5 .42,.49",  # E
    ".52,0 0,0! 0,1 | 0,.48 .42,.47",  # F
    "0,0 0,1 | .6,0 .6,1 | 0,.5 .6,.49",  # H
    "0,0 0,1 | .52,0 .02,.54! .55,1",  # K
    "0,0 0,1! .55,1",  # L
    "0,1 .06,0! .4,.68! .74,0! .8,1",  # M
    "0,1 0,0! .58,1! .58,0",  # N
    "0,0 0,1 | 0,.02 .36,0 .5,.22 .36,.46 0,.5",  # P
    "0,0 0,1 | 0,.02 .36,0 .48,.22 .34,.45 .02,.5! .52,1",  # R
    "0,0 .7,0 | .35,0 .35,1",  # T
    "0,0 0,.6 .12,.92 .32,1 .54,.9 .64,.6 .64,0",  # U
    "0,0 .32,1! .66,0",  # V
    "0,0 .22,1! .42,.3! .64,1! .88,0",  # W
    "0,0 .62,1 | .6,0 0,1",  # X
    # Lower case.
    ".5,.42 .24,.36 .02,.56 .04,.88 .24,1 .46,.84 .52,.42! .52,.88 .68,.98",  # a
    ".5,.46 .28,.38 .04,.56 .04,.84 .28,1 .54,.88",  # c
    ".5,.5 .24,.42 .02,.6 .06,.9 .28,1 .48,.8 | .52,0 .52,.96",  # d
    ".04,.7 .3,.68 .52,.6 .44,.4 .22,.36 .02,.56 .02,.82 .2,1 .52,.92",  # e
    ".5,.08 .34,0 .22,.14 .2,.5 .2,1 | 0,.42 .44,.4",  # f
    "0,0 0,1! .04,.62 .24,.44 .46,.54 .48,1",  # h
    "0,.4 0,1 | .01,.16 .03,.17",  # i
    ".2,.4 .2,.98 .1,1.2 -.1,1.14 | .21,.16 .23,.18",  # j
    "0,0 0,1 | .4,.42 .02,.72! .42,1",  # k
    "0,.42 0,1! .06,.58 .2,.44 .34,.54 .35,1! .42,.58 .56,.44 .7,.55 .72,1",  # m
    "0,.42 0,1! .06,.6 .26,.44 .46,.55 .48,1",  # n
    "0,.42 0,1.4 | 0,.5 .26,.4 .5,.6 .46,.9 .24,1 0,.9",  # p
    "0,.42 0,1! .04,.62 .2,.44 .4,.46",  # r
    ".2,.02 .2,.8 .32,1 .5,.92 | 0,.34 .46,.33",  # t
    "0,.42 0,.8 .16,1 .38,.92 .5,.7 .52,.42! .52,.88 .64,1",  # u
    "0,.42 .24,1! .5,.42",  # v
    "0,.42 .18,1! .34,.52! .52,1! .7,.42",  # w
    "0,.42 .46,1 | .45,.42 0,1",  # x
    ".4,.1 .1,.8 .0,1 | .3,.0 .5,.5 .8,.4 .9,.6",  # a joined scrawl
    "0,.8 .14,.5 .26,.8 .34,.95 .48,.6 .56,.5 .62,.8 .76,.9 .9,.55 .98,.8 1.2,.85",  # a word's wave
    # Cyrillic and Greek.
    ".5,0 0,0! 0,1",  # Г
    "0,1.15 0,.95! .6,.95! .6,1.15 | .1,.95 .22,0! .5,0! .5,.95",  # Д
    "0,0 .7,1 | .7,0 0,1 | .35,0 .35,1",  # Ж
    "0,0 0,1! .58,0! .58,1",  # И
    "0,1 .14,.8 .22,0! .56,0! .56,1",  # Л
    "0,1 0,0! .58,0! .58,1",  # П
    "0,0 0,1! .84,1! .84,0 | .42,.02 .42,1",  # Ш
    "0,0 0,.95! .62,.95! .66,1.2 | .56,0 .56,.95",  # Ц
    "0,0 0,1 | 0,.5 .26,.5 | .56,0 .28,.2 .26,.7 .54,1 .84,.78 .82,.24 .56,0",  # Ю
    ".5,1 .5,0! .16,.06 .06,.3 .2,.5 .5,.52! 0,1",  # Я
    "0,0 0,1! .3,.98 .36,.72 .02,.5 | .58,0 .58,1",  # Ы
    ".6,.02 0,0! .34,.48! 0,1! .64,.98",  # Σ
    "0,1 .34,0! .68,1! 0,1",  # Δ
    "0,.3 .7,.28 | .2,.3 .16,1 | .52,.3 .54,1",  # π
    ".0,1 .24,.98! .04,.5 .34,.02 .66,.5 .46,.98! .7,1",  # Ω
    # Operators, brackets, marks.
    ".3,.25 .3,.78 | 0,.52 .6,.5",  # +
    "0,.3 .46,.8 | .46,.3 0,.8",  # ×
    "0,.52 .6,.5 | .3,.3 .31,.31 | .3,.74 .31,.75",  # ÷
    "0,.4 .58,.39 | 0,.66 .58,.65",  # =
    "0,.5 .3,.5 .55,.49",  # -
    "0,.5 .55,.49",  # -
    "0,.4 .6,.38 | 0,.66 .6,.64 | .5,.1 .1,.95",  # ≠
    "0,.3 .58,.28 | 0,.5 .58,.49 | 0,.72 .58,.7",  # ≡
    ".3,-.06 .08,.2 0,.5 .08,.82 .3,1.08",  # (
    "0,-.06 .22,.2 .3,.5 .22,.82 0,1.08",  # )
    ".26,-.05 0,-.05! 0,1.05! .26,1.05",  # [
    ".3,-.05 .14,.04 .14,.36 0,.5! .14,.64 .14,.98 .3,1.05",  # {
    ".6,.1 0,.5! .62,.9",  # <
    "0,.1 .6,.5! 0,.9",  # >
    ".24,.1 .02,.2 .04,.4 .24,.44 .34,.26 .24,.1 | .8,0 .1,1 | .7,.56 .52,.66 .54,.9 .72,.95 .84,.76 .7,.56",  # %
    ".24,0 .12,1 | .56,0 .44,1 | 0,.34 .7,.32 | 0,.68 .66,.66",  # #
    "0,.5 .6,.5 | .12,.1 .48,.9 | .48,.1 .12,.9",  # *
    "0,.55 .14,.42 .3,.5 .46,.6 .6,.48",  # ~
    "0,.6 .12,.55! .26,1! .46,0! 1.2,-.02",  # √
    "0,.55 .2,.95! .78,.0",  # check mark
    "0,.6 .14,.74 .22,.98! .44,.5 .8,.1",  # check mark
    ".52,.16 .3,.05 .1,.3 .08,.7 .28,.95 .54,.82 | -.06,.4 .36,.39 | -.06,.58 .34,.57",  # €
    ".5,.46 .32,.38 .24,.6 .38,.66 .52,.42! .5,.66 .68,.62 .74,.34 .5,.1 .16,.24 .02,.6 .24,.94 .6,.9",  # @
    "0,.34 .01,.35 | 0,.84 .01,.85",  # :
    "0,.95 .3,.95 | .62,.95 .64,.96",  # dash and dot
    ".16,0 .0,.3 | .4,0 .26,.32",  # "
    "0,0 0,1 | .3,0 .3,1",  # ||
    ".05,0 0,1 | .36,0 .3,1 | .66,0 .62,1 | -.1,.7 .8,.3",  # tally
)

OTHER_SHAPES: tuple[Shape, ...] = tuple(shape(glyph) for glyph in _GLYPHS)


def random_drawing(rng: np.random.Generator) -> list[Points]:
    """A dot, rule, box, arrow or scribble; unit and form as ``strokes.other_strokes``."""
    kinds = (
        _dot,
        _rule,
        _rule,
        _steep_line,
        _box,
        _corner,
        _crossing,
        _arrow,
        _scribble,
        _scribble,
        _struck_out,
        _zigzag,
    )
    return kinds[int(rng.integers(len(kinds)))](rng)


def _stroke(points: list[tuple[float, float]] | np.ndarray) -> Points:
    return np.array(points, np.float32).reshape(-1, 2)


def _dot(rng: np.random.Generator) -> list[Points]:
    """A full stop, or a blob as wide as high, drawn as a small spiral."""
    radius = rng.uniform(0.01, 0.12)
    angle = np.linspace(0, rng.uniform(8, 14), 16)
    spiral = np.stack([np.cos(angle), np.sin(angle)], 1) * (radius * np.linspace(0.1, 1, 16))[:, None]
    return [_stroke(spiral + np.array((0.0, rng.choice([0.5, 1.0]))))]


def _rule(rng: np.random.Generator) -> list[Points]:
    """A dash, an underline or a piece of a ruled line, now and then double; nearly level."""
    length, slope, level = rng.uniform(0.4, 4.0), rng.normal(0, 0.04), rng.uniform(0.3, 1.2)
    x = np.linspace(0, length, 8)
    bow = rng.normal(0, 0.02) * length * (x / length) * (1 - x / length)
    line = np.stack([x, level + slope * x + bow], 1)
    return [_stroke(line + np.array((0.0, k * rng.uniform(0.08, 0.2)))) for k in range(1 + int(rng.random() < 0.2))]


def _steep_line(rng: np.random.Generator) -> list[Points]:
    """A straight line 48 to 75 degrees off the vertical: too flat to be a 1."""
    angle = math.radians(rng.uniform(48, 75)) * rng.choice([-1, 1])
    length = rng.uniform(0.5, 1.5)
    return [_stroke([(0, 1), (length * math.sin(angle), 1 - length * math.cos(angle))])]


def _box(rng: np.random.Generator) -> list[Points]:
    """A rectangle, wider than high or with corners that overshoot, sometimes divided."""
    width, height, over = rng.uniform(1.0, 2.2), rng.uniform(0.6, 1.2), rng.uniform(0.03, 0.15)
    if rng.random() < 0.5:
        strokes = [_stroke([(0, 0), (width, 0), (width, height), (0, height), (0, 0)])]
    else:
        strokes = [
            _stroke([(-over, 0), (width + over, 0)]),
            _stroke([(-over, height), (width + over, height)]),
            _stroke([(0, -over), (0, height + over)]),
            _stroke([(width, -over), (width, height + over)]),
        ]
    if rng.random() < 0.3:
        strokes.append(_stroke([(width / 2, 0), (width / 2, height)]))
    return strokes


def _corner(rng: np.random.Generator) -> list[Points]:
    """Three kinds of a box's corners (the fourth, top right, is nearly a 7)."""
    a, b = rng.uniform(0.5, 1.5, 2)
    kind = int(rng.integers(3))
    return [_stroke([[(a, 0), (0, 0), (0, b)], [(0, 0), (0, b), (a, b)], [(0, b), (a, b), (a, 0)]][kind])]


def _crossing(rng: np.random.Generator) -> list[Points]:
    """Where table lines meet: all the ways, without the one that has a line upwards only (a footed 1)."""
    up, down, left, right = (
        rng.uniform(0.5, 1.2, 4) * [(1, 1, 1, 1), (1, 1, 0, 1), (0, 1, 1, 1)][int(rng.integers(3))]
    ).tolist()
    return [_stroke([(0, 0.5 - up), (0, 0.5 + down)]), _stroke([(-left, 0.5), (right, 0.5)])]


def _arrow(rng: np.random.Generator) -> list[Points]:
    """An arrow in any direction that is more level than upright."""
    angle = rng.uniform(-0.9, 0.9) + math.pi * int(rng.integers(2))
    tip, spread, barb = rng.uniform(0.6, 1.6), rng.uniform(0.35, 0.8), rng.uniform(0.18, 0.4)
    ends = [(tip - barb * math.cos(spread), s * barb * math.sin(spread)) for s in (-1, 1)]
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    lines = [np.array([(0, 0), (tip, 0)]), np.array([ends[0], (tip, 0), ends[1]])]
    return [_stroke(line @ turn + np.array((0.0, 0.5))) for line in lines]


def _scribble(rng: np.random.Generator) -> list[Points]:
    """A random walk with loops, long enough that it is not by chance a digit."""
    n = int(rng.integers(60, 140))
    turn = np.cumsum(rng.normal(rng.choice([-0.3, 0.0, 0.3]), 0.6, n))
    walk = np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1), 0)
    walk -= walk.min(0)
    return [_stroke(walk / max(walk[:, 1].max(), 0.5 * walk[:, 0].max()))]


def _struck_out(rng: np.random.Generator) -> list[Points]:
    """Something crossed out to and fro until nothing is left of it."""
    n, width = int(rng.integers(5, 14)), rng.uniform(0.5, 1.4)
    y = np.linspace(0, 1, n) + rng.normal(0, 0.06, n)
    x = np.where(np.arange(n) % 2 == 0, 0.0, width) + rng.normal(0, 0.06, n)
    return [_stroke(np.stack([x, y], 1))]


def _zigzag(rng: np.random.Generator) -> list[Points]:
    """A wave or zigzag along the line, three turns or more."""
    n, height = int(rng.integers(4, 9)), rng.uniform(0.3, 0.8)
    x = np.linspace(0, rng.uniform(0.12, 0.35) * n, n * 6)
    wave = np.sin(x / x[-1] * math.pi * n)
    if rng.random() < 0.5:
        wave = np.arcsin(wave) * (2 / math.pi)
    return [_stroke(np.stack([x, 0.5 + height / 2 * wave], 1))]
