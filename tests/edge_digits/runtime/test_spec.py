"""Promises of edge_digits.runtime.spec: a model runs only with its own spec, behind its own preprocessing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from edge_digits.errors import ModelError
from edge_digits.judge_classes import CLASSES
from edge_digits.model_input.views import SETTINGS
from edge_digits.runtime.spec import ModelSpec, check_spec, judge_values, read_spec, sha256_of, spec_path, write_spec


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "cnn-int8.tflite"
    path.write_bytes(b"weights")
    write_spec(path, ModelSpec(name="cnn", format="tflite", precision="int8", sha256=sha256_of(path)))
    return path


@pytest.fixture(params=["judge-first", "judge"])
def judge(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"{request.param}-int8.tflite"
    path.write_bytes(b"weights")
    values = judge_values(request.param)
    write_spec(path, ModelSpec(name=request.param, format="tflite", precision="int8", sha256=sha256_of(path), **values))
    return path


def _change(model: Path, **values: object) -> None:
    spec = json.loads(spec_path(model).read_text())
    spec_path(model).write_text(json.dumps(spec | values))


def test_a_spec_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"x")
    spec = ModelSpec(
        name="cnn",
        format="onnx",
        precision="float32",
        sha256="0",
        temperature=1.3,
        origin={"seed": 1},
        scores={"é": 0.5},
    )
    write_spec(path, spec)
    assert read_spec(path) == spec


def test_a_fitting_model_passes(model: Path) -> None:
    check_spec(model, read_spec(model))


def test_the_number_of_classes_includes_the_reject_class() -> None:
    spec = ModelSpec(name="cnn", format="onnx", precision="float32", sha256="0")
    assert spec.classes == 11
    assert dataclasses.replace(spec, reject=False).classes == 10


def test_a_spec_from_before_thresholds_still_loads(model: Path) -> None:
    old = json.loads(spec_path(model).read_text())
    del old["thresholds"], old["line_exponent"]
    spec_path(model).write_text(json.dumps(old))
    assert (read_spec(model).thresholds, read_spec(model).line_exponent) == ({}, 1.0)


def test_a_spec_from_before_tasks_says_its_task_with_its_blank(model: Path) -> None:
    for blank, task in ((False, "digits"), (True, "lines")):
        old = json.loads(spec_path(model).read_text()) | {"blank": blank}
        for key in ("task", "channels"):
            old.pop(key, None)
        spec_path(model).write_text(json.dumps(old))
        assert (read_spec(model).task, read_spec(model).channels) == (task, 1)


def test_the_judges_networks_have_channels_and_classes_of_their_own(judge: Path) -> None:
    spec = read_spec(judge)
    first = (2, SETTINGS.first_size, SETTINGS.first_size), 2
    assert (spec.pixels_shape, spec.classes) == (
        first if spec.name == "judge-first" else ((4, SETTINGS.size, SETTINGS.size), CLASSES)
    )
    assert not spec.reads_lines
    check_spec(judge, spec)


@pytest.mark.parametrize("key", ["version", "near", "outside", "full_ink", "tree_ratio", "ink_digit"])
def test_a_judge_behind_other_views_is_refused_and_says_how_to_make_it_anew(judge: Path, key: str) -> None:
    values = json.loads(spec_path(judge).read_text())
    origin = {"command": "python -m train judge", "conversion": {"command": "python -m convert judge"}}
    _change(judge, normalization=values["normalization"] | {key: 99}, origin=origin)
    with pytest.raises(ModelError, match=f"normalization {key} 99, .*: train and convert it again") as caught:
        check_spec(judge, read_spec(judge))
    assert "(python -m train judge, then python -m convert judge)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_model_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.tflite: no such model file"):
        read_spec(tmp_path / "gone.tflite")


def test_a_missing_spec_names_both_files(model: Path) -> None:
    spec_path(model).unlink()
    with pytest.raises(ModelError, match=r"cnn-int8\.tflite: its spec cnn-int8\.tflite\.json is missing"):
        read_spec(model)


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"name": "cnn"}', '{"spec_version": 1, "unknown": 2}', "\xff"])
def test_a_damaged_spec_is_one_clear_error(model: Path, text: str) -> None:
    spec_path(model).write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match=r"cnn-int8\.tflite\.json: "):
        read_spec(model)


@pytest.mark.parametrize("key", ["ink", "normalization", "temperature"])
def test_what_a_file_was_made_behind_must_be_said(model: Path, key: str) -> None:
    values = json.loads(spec_path(model).read_text())
    del values[key]
    spec_path(model).write_text(json.dumps(values))
    with pytest.raises(ModelError, match=f"json: not a valid model spec: without {key}"):
        read_spec(model)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sha256", 5),
        ("input_shape", ["a", "b"]),
        ("input_shape", [1e400, 28]),
        ("charset", None),
        ("reject", "abc"),
        ("channels", 0),
        ("channels", True),
        ("task", "letters"),
        ("task", ["digits"]),
        ("blank", True),
        ("temperature", -1),
        ("line_exponent", float("nan")),
        ("thresholds", {"0.01": 5}),
        ("ink", []),
    ],
)
def test_a_value_that_cannot_be_is_one_clear_error(model: Path, key: str, value: object) -> None:
    values = json.loads(spec_path(model).read_text())
    spec_path(model).write_text(json.dumps(values | {key: value}))
    with pytest.raises(ModelError, match=r"json: not a valid model spec: expected .*" + key):
        read_spec(model)


def test_another_spec_version_is_refused(model: Path) -> None:
    _change(model, spec_version=99)
    with pytest.raises(ModelError, match="spec_version is 99"):
        read_spec(model)


def test_a_changed_file_is_refused(model: Path) -> None:
    model.write_bytes(b"other weights")
    with pytest.raises(ModelError, match="sha256"):
        check_spec(model, read_spec(model))


@pytest.mark.parametrize("part", ["ink", "normalization"])
def test_another_preprocessing_is_refused_and_named(model: Path, part: str) -> None:
    parameters = json.loads(spec_path(model).read_text())[part]
    _change(model, **{part: parameters | {"version": 99}})
    with pytest.raises(ModelError, match=f"trained with {part} version 99.*: train and convert it again, or"):
        check_spec(model, read_spec(model))


def test_a_checkpoint_behind_another_preprocessing_is_to_be_trained_again(model: Path) -> None:
    _change(model, format="torch", ink={"version": 99})
    with pytest.raises(ModelError, match=": train it again, or"):
        check_spec(model, read_spec(model))
