"""Promises of edge_digits.reader, on pages with known truth."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.errors import ImageError, ModelError
from edge_digits.evaluation.metrics import edit_distance
from edge_digits.page import Page
from edge_digits.reader import DigitReader, in_picture, open_reader
from edge_digits.reading_size import at_reading_size
from edge_digits.synthesis.page import make_page
from edge_digits.types import Box, Image, Rejected


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return open_reader("cnn")


def _error_rate(reader: DigitReader, kind: str, pages: int = 8) -> float:
    wrong = written = 0
    for seed in range(pages):
        rng = np.random.default_rng(seed)
        page = make_page(rng, 960, 720, kind=kind, texts=["48102", "7356", "90"], digit_height=50, others=False)
        want = "".join(line.text for line in page.lines).replace(" ", "")
        got = "".join(filter(str.isdigit, "".join(line.text for line in reader.read(page.image).lines)))
        wrong, written = wrong + edit_distance(want, got), written + len(want)
    return wrong / written


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("plain", 0.05),
        *(
            pytest.param(kind, most, marks=pytest.mark.slow)
            for kind, most in (("ruled", 0.25), ("board", 0.1), ("cells", 0.25))
        ),
    ],
)
def test_made_up_pages_are_read(reader: DigitReader, kind: str, most: float) -> None:
    assert _error_rate(reader, kind) <= most


@pytest.mark.slow
@pytest.mark.parametrize("model", ["cnn", "crnn"])
def test_most_slashes_of_dates_are_no_ones(model: str) -> None:
    either = open_reader(model)
    slashes = taken_for_ones = 0
    for seed in range(16):
        rng = np.random.default_rng(seed)
        picture = make_page(rng, 960, 720, kind="plain", texts=["12 11 2026"], digit_height=50, others=False).image
        lines = either.read(picture).lines
        if [line.text for line in lines] != ["12 11 2026"]:
            continue
        boxes = [digit.box for digit in lines[0].digits]
        high = round(1.3 * float(np.median([box.height for box in boxes])))
        lean = round(0.8 * high)
        for before, after in ((boxes[1], boxes[2]), (boxes[3], boxes[4])):
            x = (before.right + after.x - lean) // 2
            y = (before.y + after.bottom + high) // 2
            cv2.line(picture, (x, y), (x + lean, y - high), (int(picture.min()),), 4, cv2.LINE_AA)
        read = "".join(line.text for line in either.read(picture).lines)
        slashes, taken_for_ones = slashes + 2, taken_for_ones + max(0, sum(map(str.isdigit, read)) - 8)
    assert slashes >= 16
    assert taken_for_ones <= 0.5 * slashes, f"{taken_for_ones} of {slashes}"


def among_faint_texture(rng: np.random.Generator, texts: list[str]) -> Image:
    """A page with ``texts``, and faint short arcs all about them, as of a coarse wall."""
    page = make_page(rng, 960, 720, kind="plain", texts=texts, digit_height=50, others=False)
    written = [digit.box for line in page.lines for digit in line.digits]
    shade = np.zeros(page.image.shape, np.uint8)
    for _ in range(260):
        x, y = int(rng.integers(0, 960)), int(rng.integers(0, 720))
        beside = any(box.x - 25 < x < box.right + 25 and box.y - 25 < y < box.bottom + 25 for box in written)
        size = (int(rng.integers(5, 11)), int(rng.integers(3, 6)))
        start, stop = rng.uniform(0, 90), rng.uniform(180, 330)
        if not beside:
            cv2.ellipse(shade, (x, y), size, rng.uniform(0, 180), start, stop, (18,), 3, cv2.LINE_AA)
    return np.asarray(cv2.subtract(page.image, shade), np.uint8)


@pytest.mark.slow
def test_most_numbers_are_read_among_faint_texture(reader: DigitReader) -> None:
    texts = ["48102", "7356", "90"]
    read = 0
    for seed in range(1, 5):
        lines = reader.read(among_faint_texture(np.random.default_rng(seed), texts)).lines
        digits = ["".join(filter(str.isdigit, line.text)) for line in lines]
        read += sum(any(text in line for line in digits) for text in texts)
    assert read >= 9


def test_what_is_left_of_squares_where_their_lines_cross_is_no_page_of_ones(reader: DigitReader) -> None:
    rng = np.random.default_rng(1)
    page = make_page(rng, 1600, 1200, kind="plain", texts=["9103264"], digit_height=100, others=False).image
    light = np.ones(page.shape, np.float32)
    for place in range(73, 1600, 73):
        cv2.line(light, (0, place), (1600, place + 16), (0.75,), 2, cv2.LINE_AA)
        cv2.line(light, (place, 0), (place - 12, 1200), (0.75,), 2, cv2.LINE_AA)
    read = reader.read((page * light).astype(np.uint8))
    assert sum(len(line.digits) for line in read.lines) <= 10


@pytest.mark.slow
@pytest.mark.parametrize("noise", [8, 12])
def test_numbers_are_read_through_the_noise_of_a_dark_room(reader: DigitReader, noise: int) -> None:
    texts = ["48102", "7356", "90"]
    read = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        page = make_page(rng, 640, 480, kind="plain", texts=texts, digit_height=40, others=False).image
        dark = np.clip(0.6 * page + rng.normal(0, noise, page.shape), 0, 255).astype(np.uint8)
        found = [line.text.replace(" ", "") for line in reader.read(dark).lines]
        read += sum(text in found for text in texts)
    assert read >= 12


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (480, 640), (28, 28)])
@pytest.mark.parametrize("level", [0, 127, 255])
def test_empty_pictures_give_no_lines(reader: DigitReader, shape: tuple[int, int], level: int) -> None:
    assert reader.read(np.full(shape, level, np.uint8)).lines == ()


@given(seed=st.integers(0, 1000), height=st.integers(1, 200), width=st.integers(1, 200))
@settings(max_examples=15, deadline=None)
def test_any_picture_can_be_read(reader: DigitReader, seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (max(1, height // 4), max(1, width // 4)), dtype=np.uint8)
    page = reader.read(np.asarray(cv2.resize(noise, (width, height)), np.uint8))
    for line in page.lines:
        assert 0 <= line.confidence <= 1
        assert 0 <= line.box.x < line.box.right <= width
        assert 0 <= line.box.y < line.box.bottom <= height


def test_boxes_are_in_the_pixels_of_a_large_picture(reader: DigitReader) -> None:
    rng = np.random.default_rng(1)
    small = make_page(rng, 800, 600, kind="plain", texts=["472"], digit_height=90, others=False).image
    large = np.asarray(cv2.resize(small, None, fx=5, fy=5, interpolation=cv2.INTER_LINEAR), np.uint8)
    (one,), (five,) = reader.read(small).lines, reader.read(large).lines
    assert one.text == five.text
    for name in ("x", "y", "width", "height"):
        assert abs(getattr(five.box, name) - 5 * getattr(one.box, name)) <= 25


@pytest.mark.parametrize("size", [(1654, 2339), (2550, 3300), (1732, 1733), (101, 10_100)])
def test_large_pictures_of_any_size_are_read(reader: DigitReader, size: tuple[int, int]) -> None:
    assert reader.read(np.full(size, 230, np.uint8)).lines == ()


def test_a_strip_that_would_need_too_much_memory_is_refused(reader: DigitReader) -> None:
    with pytest.raises(ImageError, match="1000000x3 pixels is too narrow"):
        reader.read(np.full((3, 1_000_000), 230, np.uint8))


def test_reading_twice_gives_the_same(reader: DigitReader) -> None:
    image = make_page(np.random.default_rng(3), 640, 480, kind="plain").image
    assert reader.read(image) == reader.read(image)


def test_a_picture_is_left_as_it_was(reader: DigitReader) -> None:
    image = make_page(np.random.default_rng(4), 640, 480).image
    before = image.copy()
    reader.read(image)
    assert np.array_equal(image, before)


def test_an_unknown_model_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(ModelError, match=r"nothing: no such model: expected auto, cnn"):
        open_reader("nothing")


def test_a_model_is_found_by_its_path(tmp_path: Path, reader: DigitReader) -> None:
    assert open_reader("cnn-float32.tflite").model.spec.precision == "float32"
    with pytest.raises(ModelError, match="no such model"):
        open_reader(str(tmp_path / "cnn.tflite"))


def test_a_path_in_the_current_folder_is_no_shipped_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="no such model"):
        open_reader("./cnn-int8.tflite")
    assert open_reader("cnn-int8.tflite").model.spec.name == "cnn"


def test_a_model_without_a_reject_class_takes_all_ink_for_digits(reader: DigitReader) -> None:
    class Digits:
        spec = dataclasses.replace(reader.model.spec, reject=False)

        def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            return reader.model.scores(pixels)[:, :REJECT]

    page = make_page(np.random.default_rng(2), 640, 480, kind="plain", texts=["4071"], digit_height=50, others=False)
    (line,) = DigitReader(Digits()).read(page.image).lines
    assert line.text == "4071"


def test_a_picture_in_colour_is_made_grey(reader: DigitReader) -> None:
    grey = make_page(np.random.default_rng(0), 320, 240, kind="plain", texts=["407"], others=False).image
    assert reader.read(np.stack([grey] * 3, axis=2)) == reader.read(grey)


def test_what_is_no_picture_is_refused(reader: DigitReader) -> None:
    with pytest.raises(ImageError, match="a picture must be"):
        reader.read(np.zeros((4, 4, 4, 4), np.uint8))


def test_digits_of_fourteen_pixels_are_read_on_a_large_page_too(reader: DigitReader) -> None:
    """What is too small wherever it stands alone is no larger there than on a smaller page."""
    rng = np.random.default_rng(1)
    paper = make_page(rng, 2040, 1500, kind="plain", texts=["48102", "7356"], digit_height=14, others=False).image
    page = reader.read(paper)
    heights = [digit.box.height for line in page.lines for digit in line.digits]
    assert len(heights) >= 8
    assert max(heights) <= 20


@pytest.mark.parametrize("size", [(2551, 3301), (1733, 1999), (63, 90)])
@pytest.mark.parametrize("turns", range(4))
def test_no_box_leaves_a_picture_that_was_read_larger_or_smaller(size: tuple[int, int], turns: int) -> None:
    scaled, scale = at_reading_size(np.zeros(size, np.uint8))
    height, width = np.rot90(scaled, turns).shape
    corners = [Box(x, y, 7, 9) for x in (0, width - 7) for y in (0, height - 9)]
    page = in_picture(Page((), tuple(Rejected(box, "") for box in corners)), size, (height, width), scale, turns)
    for box in (one.box for one in page.rejected):
        assert 0 <= box.x < box.right <= size[1]
        assert 0 <= box.y < box.bottom <= size[0]
