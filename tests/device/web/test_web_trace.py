"""Promises of device.web.uploads.trace: each digit comes with what the model saw of it, whatever a picture's size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from device.web.uploads.trace import read_traced
from edge_digits.reader import open_reader
from edge_digits.synthesis.page import make_page
from edge_digits.types import as_image


@pytest.mark.parametrize(
    "height", [341, 3001, *(pytest.param(high, marks=pytest.mark.slow) for high in (250, 458, 720))]
)
def test_every_digit_has_its_input(height: int) -> None:
    page = make_page(np.random.default_rng(0), 960, 720, texts=["48102", "7356"], digit_height=60, others=False).image
    portrait = page[:, :330]
    size = (round(height * 330 / 720), height)
    picture = as_image(cv2.resize(portrait, size, interpolation=cv2.INTER_AREA))
    row = read_traced(open_reader("cnn"), picture, "page", detail=True)
    digits = [digit["box"] for line in row["lines"] for digit in line["digits"]]
    assert len(digits) >= 4
    assert [asked["box"] for asked in row["inputs"] if asked["reason"] is None] == digits


def test_a_digit_that_fills_its_picture_has_its_input() -> None:
    picture = np.full((28, 28), 255, np.uint8)
    cv2.putText(picture, "2", (4, 25), cv2.FONT_HERSHEY_SIMPLEX, 1.05, (0,), 2, cv2.LINE_AA)
    row = read_traced(open_reader("cnn"), picture, "digit", detail=True)
    ((digit,),) = ([digit["box"] for digit in line["digits"]] for line in row["lines"])
    assert [asked["box"] for asked in row["inputs"] if asked["reason"] is None] == [digit]
