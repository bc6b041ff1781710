"""Promises of edge_digits.reading_size, and of reading pictures that are too small or too large as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.reader import DigitReader, open_reader
from edge_digits.reading_size import MOST_ENLARGED, MOST_PIXELS, SMALLEST, at_reading_size
from edge_digits.synthesis.page import make_page
from edge_digits.types import as_image


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return open_reader("cnn")


def test_a_camera_s_frame_is_read_as_it_is() -> None:
    frame = np.zeros((480, 640), np.uint8)
    picture, factor = at_reading_size(frame)
    assert factor == 1.0
    assert picture is frame


@given(st.integers(1, 4000), st.integers(1, 4000))
@settings(deadline=None)
def test_what_is_read_is_neither_small_nor_large(height: int, width: int) -> None:
    picture, factor = at_reading_size(np.zeros((height, width), np.uint8))
    longer = max(height, width)
    assert picture.size <= 1.001 * MOST_PIXELS
    assert max(picture.shape) >= min(SMALLEST, MOST_ENLARGED * longer)
    assert factor <= max(1.0, SMALLEST / longer)
    assert np.allclose(picture.shape, (height * factor, width * factor), atol=0.5 + 1e-6) or min(picture.shape) == 1


@pytest.mark.slow
@pytest.mark.parametrize("side", [240, 320, 400])
def test_small_pictures_are_read(reader: DigitReader, side: int) -> None:
    texts = ["48102", "7356", "90"]
    read = 0
    for seed in range(20):
        page = make_page(np.random.default_rng(seed), 960, 720, texts=texts, digit_height=50, others=False).image
        small = as_image(cv2.resize(page, (side, side * 3 // 4), interpolation=cv2.INTER_AREA))
        found = reader.read(small)
        read += sum(text in [line.text.replace(" ", "") for line in found.lines] for text in texts)
        for line in found.lines:
            for box in [line.box, *(digit.box for digit in line.digits)]:
                assert min(box.x, box.y) >= 0
                assert box.right <= small.shape[1]
                assert box.bottom <= small.shape[0]
    assert read >= 36
