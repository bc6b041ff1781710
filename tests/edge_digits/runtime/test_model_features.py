"""Promises of a model's features: the input of its last layer, from any shipped file that has it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.reader import shipped_models
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import FileModel
from edge_digits.runtime.spec import read_spec, write_spec

MODELS = shipped_models()
WITH = [path for path in MODELS if read_spec(path).name in ("cnn", "judge")]
WITHOUT = [path for path in MODELS if path not in WITH]
WIDTH = 64


def _loaded(path: Path) -> FileModel:
    if path.suffix == ".onnx":
        pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    return load_model(path)


def _pixels(model: FileModel, count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(6).integers(0, 256, (count, *model.spec.pixels_shape), dtype=np.uint8)


def _by_name(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


def test_the_files_that_are_refitted_have_features() -> None:
    assert len(WITH) == 8


@_by_name(WITH)
def test_features_are_float32_one_row_for_each_picture_whatever_the_batch(path: Path) -> None:
    model = _loaded(path)
    pixels = _pixels(model, 5)
    together = model.features(pixels)
    assert (together.shape, together.dtype) == ((5, WIDTH), np.float32)
    alone = np.concatenate([model.features(pixels[i : i + 1]) for i in range(5)])
    assert np.allclose(together, alone, atol=1e-4)
    assert model.features(pixels[:0]).shape == (0, WIDTH)


@_by_name([path for path in WITH if "float32" in path.name])
def test_scores_are_a_linear_layer_behind_the_features(path: Path) -> None:
    model = _loaded(path)
    pixels = _pixels(model, 300)
    ones = np.hstack([model.features(pixels), np.ones((300, 1), np.float32)]).astype(np.float64)
    layer = np.linalg.lstsq(ones[:150], model.scores(pixels[:150]).astype(np.float64))[0]
    assert ones[150:] @ layer == pytest.approx(model.scores(pixels[150:]), abs=0.01)


@_by_name([path for path in WITH if "int8" in path.name])
def test_int8_gives_the_features_of_float_in_its_own_units(path: Path) -> None:
    model, exact = _loaded(path), _loaded(path.with_name(path.name.replace("int8", "float32")))
    pixels = np.clip(_pixels(model, 60) // 4, 0, 255).astype(np.uint8)
    found, expected = model.features(pixels), exact.features(pixels)
    assert np.sqrt(((found - expected) ** 2).mean()) < 0.2 * np.sqrt((expected**2).mean())


@_by_name(WITH)
def test_scores_are_the_same_before_and_after_features_were_asked_for(path: Path) -> None:
    model = _loaded(path)
    pixels = _pixels(model, 3)
    before = model.scores(pixels)
    kept = before.copy()
    model.features(pixels[::-1])
    assert np.array_equal(before, kept)
    assert np.array_equal(model.scores(pixels), kept)


@_by_name(WITHOUT)
def test_a_file_without_features_gives_scores_and_is_named_when_asked_for_them(path: Path) -> None:
    model = _loaded(path)
    pixels = _pixels(model, 1)
    assert len(model.scores(pixels)) == 1
    with pytest.raises(ModelError, match=rf"{path.name}: has no output 'features'"):
        model.features(pixels)


@_by_name(WITH)
def test_pixels_of_another_size_are_refused(path: Path) -> None:
    with pytest.raises(ModelError, match="takes pixels"):
        _loaded(path).features(np.zeros((1, 5, 5), np.uint8))


@pytest.mark.parametrize("name", ["cnn-int8.tflite", "cnn-float32.onnx"])
def test_features_have_no_order_of_classes(name: str, tmp_path: Path) -> None:
    source = next(path for path in MODELS if path.name == name)
    path = tmp_path / name
    shutil.copy(source, path)
    write_spec(path, replace(read_spec(source), charset="9876543210"))
    shipped, turned = _loaded(source), _loaded(path)
    pixels = _pixels(shipped, 2)
    assert np.array_equal(turned.features(pixels), shipped.features(pixels))
