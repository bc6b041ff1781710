"""Which files are compared with which."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge_digits.accuracy import pairs
from edge_digits.accuracy.pairs import shipped_sides, sides_of
from edge_digits.errors import ConfigError, ModelError
from edge_digits.reader import MODELS
from edge_digits.runtime.spec import spec_path


def names(models: list[str]) -> list[tuple[str, list[str]]]:
    return [(side.title, [path.name for path in side.files]) for side in sides_of(models)]


def copied(name: str, folder: Path) -> Path:
    """A shipped model file with its spec, in a folder of one's own."""
    for path in (MODELS / name, spec_path(MODELS / name)):
        shutil.copy(path, folder)
    return folder / name


def test_all_that_ships_is_float32_and_int8_of_the_same_networks() -> None:
    float32, int8 = shipped_sides()
    assert (float32.title, int8.title) == ("float32", "int8")
    assert [path.name.replace("float32", "int8") for path in float32.files] == [path.name for path in int8.files]
    assert sides_of(["auto"]) == [float32, int8]


def test_int8_alone_is_measured_where_float32_files_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in [path for side in shipped_sides() for path in side.files if "cnn-float32" not in path.name]:
        copied(path.name, tmp_path)
    of_precision = pairs._of_precision
    monkeypatch.setattr(pairs, "_of_precision", lambda path, *two: tmp_path / of_precision(path, *two).name)
    assert [side.title for side in shipped_sides()] == ["int8"]


@pytest.mark.parametrize("name", ["cnn", "cnn-int8.tflite", "cnn-float32.tflite"])
def test_one_model_is_compared_with_its_sibling_float32_first(name: str) -> None:
    assert names([name]) == [("float32", ["cnn-float32.tflite"]), ("int8", ["cnn-int8.tflite"])]


def test_a_network_that_reads_lines_has_all_its_files() -> None:
    assert names(["crnn"])[1] == ("int8", ["crnn-128-int8.tflite", "crnn-256-int8.tflite"])


def test_a_model_without_a_sibling_stands_alone(tmp_path: Path) -> None:
    assert names([str(copied("cnn-int8.tflite", tmp_path))]) == [("int8", ["cnn-int8.tflite"])]


def test_two_models_are_compared_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    theirs = copied("cnn-int8.tflite", tmp_path)
    first, second = sides_of([str(theirs), "cnn-int8.onnx"])
    assert (first.title, first.cnn, second.title, second.cnn) == ("1", theirs, "2", MODELS / "cnn-int8.onnx")


def test_more_than_two_or_two_that_read_something_else_are_refused() -> None:
    with pytest.raises(ConfigError, match="--model judge: expected one model or two"):
        sides_of(["cnn", "crnn", "judge"])
    with pytest.raises(ConfigError, match="--model cnn crnn: one is for digits, the other for lines"):
        sides_of(["cnn", "crnn"])


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    path = copied("cnn-int8.tflite", tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelError, match="damaged"):
        sides_of([str(path)])
