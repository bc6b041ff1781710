"""The people who wrote Semeion's digits, as hands: the order of its rows tells who wrote what.

The file names no writers. Some 80 people wrote all digits twice, once neatly and once in haste (Buscema 1998), and the
rows stand in blocks of one digit each. In two blocks of full length, rows at the same place agree in slant and in the
width of the stroke, far beyond chance, and so do rows at the same place of the two writings
(``tests/train/adapt/test_semeion.py``): a place is a person. Blocks that a row is missing from, or that hold one too
many, are left out, since behind that row the places have moved.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.page import SyntheticPage
from edge_digits.types import Image, as_image
from train.adapt.hands import HEIGHT, KINDS, WIDTH, Writer
from train.data.bitmap_page import Bitmap, bitmap_page
from train.data.digit_sets import Bitmaps, semeion_rows

Person = tuple[dict[int, Image], dict[int, Image]]
"""The digits that somebody wrote neatly, and those in haste: ink (16, 16) uint8."""

_PEOPLE = (20, 40)
"""Rows of a block of full length."""

_LEAST_DIGITS = 5
"""Different ones that a person must have written both times."""


def semeion_writers(folder: Path) -> list[Writer]:
    """The people of Semeion: what they wrote neatly teaches, what they wrote in haste tests. [] where the data folder
    has no Semeion; raises DataError if it is damaged."""
    if not (folder / "semeion").is_dir():
        return []
    persons = enumerate(people(semeion_rows(folder)))
    return [Writer("semeion", str(number), _pages(neat), _pages(hasty)) for number, (neat, hasty) in persons]


def people(rows: Bitmaps) -> list[Person]:
    """Those of whom at least ``_LEAST_DIGITS`` digits are there of both writings. rows: all of the file."""
    writings = _writings(rows.labels)
    persons: list[Person] = []
    for neat, hasty in zip(writings[::2], writings[1::2], strict=True):
        count = min(_PEOPLE, key=lambda count: abs(count - len(neat[0])))
        digits = [value for value in range(10) if len(neat[value]) == len(hasty[value]) == count]
        if len(digits) >= _LEAST_DIGITS:
            for place in range(count):
                first, second = (
                    {value: as_image(rows.images[of[value][place]]) for value in digits} for of in (neat, hasty)
                )
                persons.append((first, second))
    return persons


def _writings(labels: NDArray[np.uint8]) -> list[list[range]]:
    """The rows of each digit, 0 to 9, of each writing, in the order of the file."""
    starts = np.flatnonzero(np.diff(labels.astype(int), prepend=-1)).tolist()
    blocks = [range(start, end) for start, end in zip(starts, [*starts[1:], len(labels)], strict=True)]
    return [blocks[start : start + 10] for start in range(0, len(blocks), 10)]


def _pages(digits: dict[int, Image]) -> Callable[[np.random.Generator], SyntheticPage]:
    values = list(digits)

    def bitmap(random: np.random.Generator) -> Bitmap:
        value = values[int(random.integers(len(values)))]
        return digits[value], value

    return partial(bitmap_page, bitmap=bitmap, width=WIDTH, height=HEIGHT, kinds=KINDS)
