"""Semeion's rows go by who wrote them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.types import Image
from train.adapt.semeion import Person, people, semeion_writers
from train.data.digit_sets import Bitmaps, semeion_rows


@pytest.fixture(scope="module")
def folder() -> Path:
    folder = Path(os.environ.get("EDGE_DIGITS_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not (folder / "semeion" / "semeion.data").is_file():
        pytest.skip("Semeion is not in the data folder")
    return folder


def stroke_width(ink: Image) -> float:
    """Twice the ink's area over the length of its edge, pixels."""
    is_ink = ink > 0
    edge = (is_ink[1:] != is_ink[:-1]).sum() + (is_ink[:, 1:] != is_ink[:, :-1]).sum()
    return float(2 * is_ink.sum() / edge)


def slant(ink: Image) -> float:
    y, x = np.nonzero(ink)
    covariance = np.cov(x, y)
    return float(covariance[0, 1] / covariance[1, 1])


def habits(persons: list[Person], writing: int, measure: object) -> NDArray[np.float64]:
    """(people, digits), each digit's mean over people taken away and its spread made 1."""
    assert callable(measure)
    values = np.array([[measure(ink) for ink in person[writing].values()] for person in persons])
    return (values - values.mean(axis=0)) / values.std(axis=0)


@pytest.mark.parametrize("measure", [stroke_width, slant])
def test_digits_at_the_same_place_are_alike_far_beyond_chance(folder: Path, measure: object) -> None:
    persons = [person for person in people(semeion_rows(folder)) if len(person[0]) == 7]
    neat, hasty = (habits(persons, writing, measure) for writing in (0, 1))
    # Of different digits, or a form would be compared with itself.
    first, second = neat[:, ::2].mean(axis=1), hasty[:, 1::2].mean(axis=1)
    random = np.random.default_rng(0)
    by_chance = [np.corrcoef(first, random.permutation(second))[0, 1] for _ in range(1000)]
    assert np.corrcoef(first, second)[0, 1] > max(by_chance)


def test_sixty_people_are_told_apart_and_write_what_they_wrote(folder: Path) -> None:
    writers = semeion_writers(folder)
    assert len(writers) == 60
    for one in (writers[0].page, writers[0].test_page):
        digits = {digit.value for line in one(np.random.default_rng(0)).lines for digit in line.digits}
        # One 8 of the first twenty people is missing, in both writings.
        assert digits == set(range(10)) - {8}


def test_a_digit_whose_block_lacks_a_row_is_nobodys() -> None:
    labels = np.repeat(np.tile(np.arange(10, dtype=np.uint8), 2), 20)
    whole = Bitmaps("semeion", np.full((400, 16, 16), 255, np.uint8), labels)
    lacking = Bitmaps("semeion", whole.images[1:], labels[1:])
    assert {tuple(neat) for neat, _ in people(whole)} == {tuple(range(10))}
    assert {tuple(neat) for neat, _ in people(lacking)} == {tuple(range(1, 10))}
