"""Promises of edge_digits.runtime: any shipped file, one protocol, clear refusals."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.charset import BLANK, REJECT
from edge_digits.errors import ModelError
from edge_digits.reader import shipped_models
from edge_digits.runtime.class_order import ReorderedModel
from edge_digits.runtime.load import load_digits, load_model
from edge_digits.runtime.probabilities import probabilities
from edge_digits.runtime.spec import ModelSpec, read_spec, sha256_of, spec_path, write_spec

MODELS = shipped_models()


def _loaded(path: Path):
    if path.suffix == ".onnx":
        pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    return load_model(path)


def test_models_ship() -> None:
    names = {path.name for path in MODELS}
    assert {"cnn-int8.tflite", "cnn-float32.tflite", "cnn-int8.onnx", "cnn-float32.onnx"} <= names


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_scores_are_float32_one_row_for_each_picture(path: Path) -> None:
    model = _loaded(path)
    pixels = np.random.default_rng(0).integers(0, 256, (3, *model.spec.pixels_shape), dtype=np.uint8)
    scores = model.scores(pixels)
    # Networks that read lines give a row for each step of four columns.
    steps = (model.spec.input_shape[1] // 4,) if model.spec.reads_lines else ()
    assert scores.shape == (3, *steps, model.spec.classes)
    assert scores.dtype == np.float32
    assert model.scores(pixels[:0]).shape == (0, *steps, model.spec.classes)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_a_pictures_scores_do_not_depend_on_the_batch(path: Path) -> None:
    model = _loaded(path)
    pixels = np.random.default_rng(1).integers(0, 256, (4, *model.spec.pixels_shape), dtype=np.uint8)
    together = model.scores(pixels)
    alone = np.concatenate([model.scores(pixels[i : i + 1]) for i in range(4)])
    assert np.allclose(together, alone, atol=1e-4)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_scores_stay_as_they_are_when_the_next_picture_is_read(path: Path) -> None:
    model = _loaded(path)
    pixels = np.random.default_rng(2).integers(0, 256, (2, *model.spec.pixels_shape), dtype=np.uint8)
    first = model.scores(pixels[:1])
    kept = first.copy()
    model.scores(pixels[1:])
    assert np.array_equal(first, kept)


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cnn.bin"
    path.write_bytes(b"x")
    write_spec(path, ModelSpec(name="cnn", format="bin", precision="int8", sha256=sha256_of(path)))
    with pytest.raises(ModelError, match=r"unknown model format '\.bin'"):
        load_model(path)


@pytest.mark.parametrize("ending", [".tflite", ".onnx"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, ending: str) -> None:
    if ending == ".onnx":
        pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    path = tmp_path / f"cnn{ending}"
    path.write_bytes(b"this is not a model")
    write_spec(path, ModelSpec(name="cnn", format=ending[1:], precision="int8", sha256=sha256_of(path)))
    with pytest.raises(ModelError, match="not a"):
        load_model(path)


def test_a_spec_that_promises_other_classes_is_refused(tmp_path: Path) -> None:
    source = next(path for path in MODELS if path.name == "cnn-int8.tflite")
    path = tmp_path / source.name
    shutil.copy(source, path)
    write_spec(path, ModelSpec(name="cnn", format="tflite", precision="int8", sha256=sha256_of(path), reject=False))
    assert spec_path(path).is_file()
    with pytest.raises(ModelError, match=r": input \[1, 28, 28, 1\] and output \[1, 11\] do not fit its spec$"):
        load_model(path)


def _with_spec(folder: Path, name: str, **values: object) -> Path:
    """A copy of a shipped model with other values in its spec."""
    source = next(path for path in MODELS if path.name == name)
    path = folder / name
    shutil.copy(source, path)
    write_spec(path, replace(read_spec(source), **values))  # pyright: ignore[reportArgumentType]
    return path


def test_digits_in_another_order_are_read_as_what_they_are(tmp_path: Path) -> None:
    shipped = _loaded(next(path for path in MODELS if path.name == "cnn-int8.tflite"))
    turned = load_model(_with_spec(tmp_path, "cnn-int8.tflite", charset="9876543210"))
    pixels = np.random.default_rng(3).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    expected, found = shipped.scores(pixels), turned.scores(pixels)
    assert np.array_equal(found[:, :10], expected[:, 9::-1])
    assert np.array_equal(found[:, 10], expected[:, 10])
    assert turned.spec.charset == "0123456789"


def test_lines_of_digits_in_another_order_are_too(tmp_path: Path) -> None:
    shipped = _loaded(next(path for path in MODELS if path.name == "crnn-128-int8.tflite"))
    turned = load_model(_with_spec(tmp_path, "crnn-128-int8.tflite", charset="1023456789"))
    pixels = np.random.default_rng(3).integers(0, 256, (1, 32, 128), dtype=np.uint8)
    expected, found = shipped.scores(pixels), turned.scores(pixels)
    assert np.array_equal(found[..., [1, 0]], expected[..., [0, 1]])
    assert np.array_equal(found[..., 2:], expected[..., 2:])


@dataclass
class _Fixed:
    """Gives the same scores to all."""

    spec: ModelSpec
    row: list[float]

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.tile(np.array(self.row, np.float32), (len(pixels), 1))

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self.scores(pixels)


def test_a_digit_that_a_model_does_not_know_is_never_likely() -> None:
    spec = ModelSpec(name="dice", format="onnx", precision="float32", sha256="0", charset="654321")
    scores = ReorderedModel(_Fixed(spec, [6, 5, 4, 3, 2, 1, 7])).scores(np.zeros((1, 28, 28), np.uint8))
    assert probabilities(scores, 1.0)[0, [0, 7, 8, 9]].tolist() == [0, 0, 0, 0]
    assert scores[0, [1, 2, 3, 4, 5, 6, REJECT]].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_the_blank_of_lines_without_a_reject_class_is_the_blank() -> None:
    spec = ModelSpec(name="l", format="onnx", precision="float32", sha256="0", reject=False, blank=True)
    scores = ReorderedModel(_Fixed(spec, [*range(10), 11])).scores(np.zeros((1, 32, 4), np.uint8))
    assert (scores[0, BLANK], scores[0, REJECT]) == (11, -np.inf)


@pytest.mark.parametrize("charset", ["abcdefghij", "0123456788", "012345678٩", "0123456789-", ""])
def test_what_is_no_digit_or_twice_one_is_refused_by_file_and_key(tmp_path: Path, charset: str) -> None:
    path = _with_spec(tmp_path, "cnn-int8.tflite", charset=charset)
    with pytest.raises(ModelError, match=rf"cnn-int8\.tflite\.json: charset is '{charset}': only digits can be read"):
        load_digits(path)


def test_a_model_of_another_charset_can_be_loaded_and_its_scores_stand_as_its_charset(tmp_path: Path) -> None:
    shipped = next(path for path in MODELS if path.name == "cnn-int8.tflite")
    letters = load_model(_with_spec(tmp_path, shipped.name, charset="abcdefghij"))
    pixels = np.random.default_rng(0).integers(0, 256, (4, 28, 28)).astype(np.uint8)
    assert letters.spec.charset == "abcdefghij"
    assert np.array_equal(letters.scores(pixels), _loaded(shipped).scores(pixels))


@pytest.mark.parametrize("charset", ["", "abcdefghia"])
def test_a_character_that_stands_twice_in_a_charset_is_refused(tmp_path: Path, charset: str) -> None:
    with pytest.raises(ModelError, match=rf"charset is '{charset}': expected characters, each given once"):
        load_model(_with_spec(tmp_path, "cnn-int8.tflite", charset=charset))


def test_onnx_sessions_take_the_exact_integer_kernels() -> None:
    """Without them the golden vectors fail, but only on x86 without VNNI; this fails everywhere."""
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    from edge_digits.runtime.onnx import session_options

    assert session_options().get_session_config_entry("session.x64quantprecision") == "1"


def test_every_onnx_session_is_made_with_these_options() -> None:
    root = Path(__file__).resolve().parents[3]
    folders = [root / name for name in ("edge_digits", "device", "train", "convert")]
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    makers = [path for path in sources if "InferenceSession(" in path.read_text(encoding="utf-8")]
    assert makers
    assert [path for path in makers if "session_options(" not in path.read_text(encoding="utf-8")] == []
    assert [path.name for path in sources if "SessionOptions()" in path.read_text(encoding="utf-8")] == ["onnx.py"]
