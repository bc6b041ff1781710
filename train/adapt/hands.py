"""Hands that are known: drawn ones with habits of their own, and handwriting fonts, each as pages that it wrote."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.digit_shapes import DIGIT_SHAPES
from edge_digits.synthesis.page import SyntheticPage, make_page
from edge_digits.synthesis.strokes import Hand, random_hand
from edge_digits.types import as_image
from train.data.bitmap_page import Bitmap, bitmap_page
from train.data.fonts import Font, fetched_fonts

WIDTH, HEIGHT = 960, 640

KINDS = ("plain", "plain", "ruled")
"""Of paper: what is asked is whether a hand's form is read, not whether squares are told from it."""

_ROWS, _COLUMNS, _OTHERS = 6, 8, 0.06
"""Of a page, and the share of characters that are letters or signs."""


@dataclass(frozen=True)
class Writer:
    """kind: "drawn", "font" or "semeion". name: says which. page: writes one that teaches; test_page: one that
    tests."""

    kind: str
    name: str
    page: Callable[[np.random.Generator], SyntheticPage]
    test_page: Callable[[np.random.Generator], SyntheticPage]


def drawn_writers(count: int, seed: int) -> list[Writer]:
    """People with habits: any shape of a digit is as likely as another, and all of its ways go further than those that
    the networks have seen. Other seeds are other people."""
    pages = [_drawn(drawn_hand(seed, number)) for number in range(count)]
    return [Writer("drawn", str(number), page, page) for number, page in enumerate(pages)]


def font_writers() -> list[Writer]:
    """The handwriting fonts that were fetched, each as a hand. Most were trained on. None where none was fetched."""
    fonts = [font for font in fetched_fonts() if font.kind == "pen"]
    return [Writer("font", font.name, *[_set_in(font)] * 2) for font in fonts]


def drawn_hand(seed: int, number: int) -> Hand:
    """One of ``drawn_writers``, as the strokes that it draws."""
    random = np.random.default_rng([seed, number])
    hand = random_hand(random)
    habits = []
    for shapes, numbers in zip(DIGIT_SHAPES, hand.habits, strict=True):
        weights = np.array([shape.weight for shape in shapes])
        chosen = int(random.integers(len(shapes)))
        shape_number = float((weights[:chosen].sum() + weights[chosen] / 2) / weights.sum())
        habits.append((shape_number, *(1.25 * math.sqrt(number) for number in numbers[1:-1]), numbers[-1]))
    return replace(
        hand,
        slant=hand.slant + float(random.normal(0, 0.2)),
        turn=3 * hand.turn,
        bow=2 * hand.bow,
        taper=2 * hand.taper,
        balance=hand.balance**1.7,
        width=hand.width * math.exp(float(random.normal(0, 0.2))),
        habits=tuple(habits),
    )


def _drawn(hand: Hand) -> Callable[[np.random.Generator], SyntheticPage]:
    def page(random: np.random.Generator) -> SyntheticPage:
        texts = ["".join(_character(random) for _ in range(_COLUMNS)) for _ in range(_ROWS)]
        height, kind = float(random.uniform(28, 56)), str(random.choice(KINDS))
        return make_page(random, WIDTH, HEIGHT, texts=texts, digit_height=height, kind=kind, hand=hand)

    return page


def _character(random: np.random.Generator) -> str:
    return "?" if random.random() < _OTHERS else str(random.integers(10))


def _set_in(font: Font) -> Callable[[np.random.Generator], SyntheticPage]:
    bitmaps = _bitmaps(font)

    def bitmap(random: np.random.Generator) -> Bitmap:
        value = int(random.integers(10))
        return bitmaps[value], value

    return lambda random: bitmap_page(random, bitmap, WIDTH, HEIGHT, KINDS)


def _bitmaps(font: Font) -> list[NDArray[np.uint8]]:
    """The ink of each digit, some hundred pixels high."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    face = ImageFont.truetype(str(font.path), 140)
    made = []
    for value in range(10):
        picture = Pillow.new("L", (240, 280), 0)
        ImageDraw.Draw(picture).text((60, 50), str(value), fill=255, font=face)
        made.append(as_image(np.asarray(picture)))
    return made
