"""Checkpoints of the judge become files that passed the gates, or nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert import __main__ as command
from convert.check import golden
from convert.pipeline import Converted
from convert.quantize import judge_samples
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import judge_values, read_spec

NAMES = [f"{precision}.{format}" for format in ("tflite", "onnx") for precision in ("float32", "int8")]


def test_each_network_gives_four_files_with_specs_that_say_what_goes_in(
    converted: dict[str, list[Converted]],
) -> None:
    for task, results in converted.items():
        assert [result.path.name for result in results] == [f"{task}-{name}" for name in NAMES]
        values = judge_values(task)
        for result in results:
            spec = read_spec(result.path)
            assert (spec.task, spec.channels, spec.input_shape) == (task, values["channels"], values["input_shape"])
            assert spec.normalization == values["normalization"]
            conversion = spec.origin["conversion"]
            height, width = spec.input_shape
            layouts = {
                "tflite": ("NHWC", [1, height, width, spec.channels]),
                "onnx": ("NCHW", ["N", spec.channels, height, width]),
            }
            assert (conversion["input"]["layout"], conversion["input"]["shape"]) == layouts[spec.format]
            if spec.precision == "int8":
                assert f"{judge_samples.COUNT} calibration samples" in conversion["quantization"]


def test_int8_passes_the_gates_of_its_stage_and_of_both(converted: dict[str, list[Converted]]) -> None:
    common = {"size", "agrees with float", "as accurate as float"}
    own = {
        "judge-first": {"keeps digits", "leaves little"},
        "judge": {
            "recall of digits",
            "precision",
            "both stages: recall of digits",
            "both stages: precision",
        },
    }
    for task, results in converted.items():
        for result in results:
            if result.precision == "int8":
                integers = {"integers only"} if result.format == "tflite" else {"layers quantized"}
                assert {gate.gate for gate in result.gates} == common | own[task] | integers


def test_the_second_stage_does_not_ship_before_the_first(
    checkpoints: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("convert.check.judge_gates.first_files", lambda *_: [])
    monkeypatch.setattr("convert.check.nodes.judges", lambda *_: pytest.fail("was begun"))
    assert command.main(["judge", "--checkpoint", str(checkpoints["judge"]), "--ship"]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert "python -m convert judge-first --ship goes first" in error


def test_golden_vectors_of_the_judge_are_what_its_files_give(
    converted: dict[str, list[Converted]], tmp_path: Path
) -> None:
    paths = [result.path for results in converted.values() for result in results]
    golden.write(paths, tmp_path)
    described = json.loads((tmp_path / golden.SCORES).read_text())
    assert described["inputs"] == ["golden-judge-first.png", "golden-judge.png"]
    for path in paths:
        model = load_model(path)
        channels, height, width = model.spec.pixels_shape
        sheet = np.asarray(cv2.imread(str(tmp_path / f"golden-{model.spec.task}.png"), cv2.IMREAD_GRAYSCALE), np.uint8)
        pixels = np.ascontiguousarray(sheet.reshape(16, height, channels, width).swapaxes(1, 2))
        scores = np.array(described["models"][path.name]["scores"])
        assert scores.shape == (16, model.spec.classes)
        assert np.abs(model.scores(pixels) - scores).max() < 1e-4
