"""Promises of ``import edge_digits``: what a program of five lines uses."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge_digits
from edge_digits.errors import ImageError
from edge_digits.synthesis.page import make_page


@pytest.fixture(scope="module")
def colour() -> np.ndarray:
    grey = make_page(np.random.default_rng(1), 640, 480, texts=["4827"], digit_height=60, others=False).image
    return cv2.merge([grey, np.minimum(grey, 250).astype(np.uint8), grey])


def _text(page: edge_digits.Page) -> list[str]:
    return [line.text for line in page.lines]


def test_a_path_and_an_array_are_read_alike(colour: np.ndarray, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "page.png"), colour)
    reader = edge_digits.open_reader()
    from_array = reader.read(colour)
    assert _text(from_array) == ["4827"]
    assert reader.read(tmp_path / "page.png") == from_array
    assert reader.read(str(tmp_path / "page.png")) == from_array


def test_a_pillow_image_is_read_as_the_array_is(colour: np.ndarray) -> None:
    pillow = pytest.importorskip("PIL.Image")
    reader = edge_digits.open_reader()
    assert reader.read(pillow.fromarray(colour[:, :, ::-1])) == reader.read(colour)


def test_a_pillow_image_of_sixteen_bits_keeps_its_greys(colour: np.ndarray) -> None:
    pillow = pytest.importorskip("PIL.Image")
    sixteen = colour[:, :, 0].astype(np.uint16) * 257
    assert _text(edge_digits.open_reader().read(pillow.fromarray(sixteen))) == ["4827"]


def test_what_is_no_picture_is_refused_by_its_type() -> None:
    with pytest.raises(ImageError, match="not dict"):
        edge_digits.open_reader().read({})


def test_a_page_becomes_plain_values(colour: np.ndarray) -> None:
    page = edge_digits.open_reader().read(colour)
    values = json.loads(json.dumps(page.to_dict()))
    assert [line["text"] for line in values["lines"]] == _text(page)
    assert values["lines"][0]["digits"][0]["box"] == page.lines[0].digits[0].box.as_list()


def test_a_page_is_drawn_into_its_picture(colour: np.ndarray) -> None:
    drawn = edge_digits.open_reader().read(colour).draw(colour)
    assert drawn.shape == colour.shape
    assert not np.array_equal(drawn, colour)


@pytest.mark.slow
def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, edge_digits; print(sorted({'cv2', 'numpy'} & {*sys.modules}))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_what_it_does_not_have_is_said_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="'edge_digits' has no attribute 'nothing'"):
        getattr(edge_digits, "nothing")  # noqa: B009  # pyright would not let it pass


def test_type_checkers_are_told_that_it_is_typed() -> None:
    assert resources.files("edge_digits").joinpath("py.typed").is_file()
