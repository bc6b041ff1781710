"""Promises of edge_digits.filling: one digit that fills its picture is read, and nothing else changes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from written import written

from edge_digits.filling import fills_picture, with_paper_around
from edge_digits.reader import DigitReader, open_reader
from edge_digits.synthesis.page import make_page
from edge_digits.types import Box, Image


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return open_reader("auto")


def _lone(seed: int, margin: float) -> tuple[int, Image]:
    """A digit and its picture, its margin being a share of the digit's height."""
    picture, (box,) = written(seed, str(seed % 10), 10.0, 100)
    beyond = round(margin * box.height)
    wide = Box(box.x - beyond, box.y - beyond, box.width + 2 * beyond, box.height + 2 * beyond)
    return seed % 10, wide.cut(picture).copy()


def _read(reader: DigitReader, picture: Image) -> str:
    return "".join(line.text for line in reader.read(picture).lines)


@pytest.mark.parametrize("margin", [0.0, 0.03, 0.2])
@pytest.mark.parametrize("size", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("is_light", [False, True])
def test_a_digit_that_fills_its_picture_is_read(
    reader: DigitReader, margin: float, size: float, is_light: bool
) -> None:
    right = 0
    for seed in range(20):
        digit, picture = _lone(seed, margin)
        sized = np.asarray(cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), np.uint8)
        right += _read(reader, 255 - sized if is_light else sized) == str(digit)
    assert right >= 17


def test_its_box_is_in_the_pictures_own_pixels_and_inside_it(reader: DigitReader) -> None:
    for factor in (1.0, 5.0):
        picture = np.asarray(cv2.resize(_lone(3, 0.2)[1], None, fx=factor, fy=factor), np.uint8)
        assert fills_picture(picture)
        (line,) = reader.read(picture).lines
        ink = Box(*cv2.boundingRect((picture < 128).view(np.uint8)))
        found = line.digits[0].box
        assert np.abs(np.subtract(found.as_list(), ink.as_list())).max() <= 3 * factor
        assert found.x >= 0 and found.y >= 0
        assert found.right <= picture.shape[1] and found.bottom <= picture.shape[0]


def test_an_observer_sees_the_picture_and_no_paper_around_it(reader: DigitReader) -> None:
    picture = _lone(3, 0.2)[1]
    seen: list[tuple[tuple[int, ...], list[Box]]] = []
    reader.observer = lambda ink, boxes, pixels, chances: seen.append((ink.shape, boxes))
    try:
        (line,) = reader.read(picture).lines
    finally:
        reader.observer = None
    assert {shape for shape, _ in seen} == {picture.shape}
    assert line.digits[0].box in [box for _, boxes in seen for box in boxes]


def test_a_stroke_that_ends_at_the_edge_ends_there() -> None:
    picture = _lone(2, 0.0)[1]
    around, place = with_paper_around(picture)
    assert np.array_equal(place.cut(around), picture)
    beyond = around.copy()
    place.cut(beyond)[:] = 255
    assert beyond.min() > 200


def test_pages_are_not_taken_for_one_digit() -> None:
    for kind in ("plain", "ruled", "squared", "board"):
        for seed in range(5):
            page = make_page(np.random.default_rng(seed), 640, 480, kind=kind, texts=["4810", "73"], digit_height=60)
            assert not fills_picture(page.image)


def test_grids_desks_frames_and_noise_are_no_digits() -> None:
    white = np.full((120, 120), 240, np.uint8)
    grid, desk, frame, sheet = white.copy(), white.copy(), white.copy(), np.full_like(white, 40)
    grid[::12], grid[:, ::12] = 60, 60
    desk[:, :10] = 40
    cv2.rectangle(frame, (0, 0), (119, 119), (40,), 5)
    sheet[20:100, 30:90] = 240
    noise = np.random.default_rng(0).integers(0, 256, (120, 120), np.uint8)
    for picture in (white, grid, desk, frame, sheet, noise):
        assert not fills_picture(picture)


def test_a_number_beside_one_long_stroke_is_read_as_ever(reader: DigitReader) -> None:
    picture, _ = written(1, "825", 2.5, 30)
    cv2.line(picture, (60, 20), (50, 300), (24,), 16, cv2.LINE_AA)
    assert _read(reader, picture).replace(" ", "").strip("?") == "825"
