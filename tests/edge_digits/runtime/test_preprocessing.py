"""What a network was trained behind travels in its spec, and the runtime applies it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_digits.errors import ModelError
from edge_digits.reader import MODELS
from edge_digits.runtime.ink_model import InkModel, for_ink
from edge_digits.runtime.load import load_digits, load_model
from edge_digits.runtime.preprocessing import Preprocessing, fitted, from_dict, ink_size, network_input, of_ink
from edge_digits.runtime.spec import ModelSpec, read_spec, write_spec

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
IMAGENET = Preprocessing("rgb", False, 1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def _with(tmp_path: Path, name: str = "cnn-int8.tflite", **values: object) -> Path:
    path = tmp_path / name
    shutil.copyfile(MODELS / name, path)
    write_spec(path, replace(read_spec(MODELS / name), **values))  # pyright: ignore[reportArgumentType]
    return path


@pytest.mark.parametrize(
    ("about", "pixel", "expected"),
    [
        (Preprocessing(), 255, 1.0),
        (Preprocessing(scale=1.0), 128, 128.0),
        (Preprocessing(scale=1 / 127.5, mean=(1.0,)), 0, -1.0),
        (Preprocessing(invert=True), 255, 0.0),
        (Preprocessing(mean=(0.1307,), std=(0.3081,)), 255, (1 - 0.1307) / 0.3081),
    ],
)
def test_a_pixel_is_inverted_then_scaled_then_less_the_mean_by_the_deviation(
    about: Preprocessing, pixel: int, expected: float
) -> None:
    values = network_input(np.full((1, 2, 2), pixel, np.uint8), about)
    assert values.shape == (1, 1, 2, 2)
    assert values == pytest.approx(expected, abs=1e-6)


def test_each_channel_has_its_mean_and_its_deviation() -> None:
    values = network_input(np.zeros((1, 3, 1, 1), np.uint8), IMAGENET)
    assert values.ravel() == pytest.approx([-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225], abs=1e-6)


def test_a_preprocessing_comes_out_of_a_spec_as_it_went_in() -> None:
    assert from_dict(IMAGENET.as_dict()) == IMAGENET


@pytest.mark.parametrize("key", ["colour", "invert", "scale", "mean", "std", "gamma"])
def test_a_preprocessing_that_cannot_be_is_one_clear_error(tmp_path: Path, key: str) -> None:
    path = _with(tmp_path, preprocessing=Preprocessing().as_dict() | {key: "strange"})
    with pytest.raises(ModelError, match=rf"json: not a valid model spec: expected .*{key}"):
        read_spec(path)


def test_a_colour_must_fit_the_channels(tmp_path: Path) -> None:
    path = _with(tmp_path, preprocessing=IMAGENET.as_dict())
    with pytest.raises(ModelError, match="as many channels as colour"):
        read_spec(path)


@pytest.mark.parametrize("name", ["cnn-int8.tflite", "cnn-float32.tflite", "cnn-int8.onnx"])
def test_the_runtime_inverts_as_the_spec_says(tmp_path: Path, name: str) -> None:
    if name.endswith(".onnx"):
        pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    as_it_is = load_model(MODELS / name).scores(255 - PIXELS)
    inverting = load_model(_with(tmp_path, name, preprocessing=Preprocessing(invert=True).as_dict()))
    assert inverting.scores(PIXELS) == pytest.approx(as_it_is, abs=1e-5)


def test_the_scale_of_an_integer_input_is_the_files_own(tmp_path: Path) -> None:
    """Half as bright through the spec is half as bright in the pixels."""
    halved = load_model(_with(tmp_path, preprocessing=Preprocessing(scale=1 / 510).as_dict()))
    even = (PIXELS & 0xFE).astype(np.uint8)
    assert np.array_equal(
        halved.scores(even), load_model(MODELS / "cnn-int8.tflite").scores((even // 2).astype(np.uint8))
    )


def test_a_model_of_this_project_is_fed_as_it_is() -> None:
    model = load_model(MODELS / "cnn-int8.tflite")
    assert for_ink(model) is model


class _Seeing:
    """Keeps what it was shown."""

    def __init__(self, **values: object) -> None:
        about = {"name": "seeing", "format": "onnx", "precision": "float32", "sha256": "0", **values}
        self.spec = ModelSpec(**about)  # pyright: ignore[reportArgumentType]
        self.seen = np.zeros(0, np.uint8)

    def scores(self, pixels: np.ndarray) -> np.ndarray:
        self.seen = pixels
        return np.zeros((len(pixels), self.spec.classes), np.float32)

    features = scores


def test_ink_becomes_as_large_and_as_coloured_as_the_model_takes_it() -> None:
    model = _Seeing(input_shape=(32, 32), channels=3, preprocessing=IMAGENET.as_dict())
    reading = for_ink(model)
    assert isinstance(reading, InkModel)
    assert reading.spec.pixels_shape == (28, 28)
    reading.scores(PIXELS)
    assert model.seen.shape == (3, 3, 32, 32)
    assert np.array_equal(model.seen[:, 0], model.seen[:, 2])
    assert np.array_equal(model.seen, of_ink(PIXELS, (32, 32), 3))


def test_a_strip_keeps_its_aspect() -> None:
    model = _Seeing(input_shape=(48, 384), task="lines", blank=True, preprocessing=Preprocessing().as_dict(), steps=96)
    assert for_ink(model).spec.input_shape == (32, 256) == ink_size((48, 384), True, 28)


def test_a_line_is_as_high_as_the_input_and_paper_follows() -> None:
    made = fitted(np.full((16, 20), 200, np.uint8), (32, 64), is_line=True)
    assert (made[:, :40] == 200).all()
    assert not made[:, 40:].any()


def test_a_digit_of_the_right_size_is_left_as_it_is() -> None:
    assert np.array_equal(fitted(PIXELS[0], (28, 28), is_line=False), PIXELS[0])


def test_a_reader_takes_digits_alone(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="only digits can be read"):
        load_digits(_with(tmp_path, charset="abcdefghij", preprocessing=Preprocessing().as_dict()))
