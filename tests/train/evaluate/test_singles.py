"""Promises of train.evaluate.singles: single digits as pictures of their own."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_data import make

from edge_digits.page import Page
from edge_digits.types import Box, Digit, Line
from train.evaluate import singles
from train.evaluate.singles import SinglePictures, Singles

BOX = Box(0, 0, 1, 1)


def _page(*texts: str) -> Page:
    lines = (Line(t, 0.9, BOX, tuple(Digit(int(c), 0.9, BOX) for c in t if c.isdigit())) for t in texts)
    return Page(tuple(lines), ())


def test_a_digit_is_read_exactly_if_it_and_no_other_is_read() -> None:
    pages = [_page("7"), _page(), _page("7", "1"), _page("77"), _page("1")]
    given = SinglePictures("some", [Path("x.png")] * 5, [7] * 5)
    assert singles.score(given, pages) == Singles("some", 5, right=1, missed=1, several=2)


def test_a_folder_is_called_as_its_digit(tmp_path: Path) -> None:
    for digit, name in (("3", "b.jpg"), ("3", "a.png"), ("0", "c.png")):
        (tmp_path / digit).mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / digit / name), np.zeros((4, 4), np.uint8))
    found = singles.pen_digits(tmp_path)
    assert found.labels == [0, 3, 3]
    assert found.pictures == [tmp_path / "0" / "c.png", tmp_path / "3" / "a.png", tmp_path / "3" / "b.jpg"]


@pytest.mark.parametrize(("count", "labels"), [(2, [0, 9]), (600, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 2)])
def test_mnists_digits_are_spread_over_the_test_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, labels: list[int]
) -> None:
    (found,) = singles.load(make(tmp_path / "data", monkeypatch), count)
    assert (found.name, found.labels) == (singles.MNIST, labels)
    assert all(isinstance(one, np.ndarray) and one.shape == (28, 28) for one in found.pictures)
