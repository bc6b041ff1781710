"""The judge's networks become files that compute the same, in both layouts, one input or many at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from convert.check import gates, parity
from convert.check.inputs import NodeInputs
from convert.check.inspect_model import tflite_contents
from edge_digits.errors import ModelError
from edge_digits.reader import open_reader
from edge_digits.runtime.load import load_model
from edge_digits.runtime.tflite import BATCH

TASKS = ("judge-first", "judge")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_float_files_equal_torch(
    files: Path, networks: dict[str, torch.nn.Sequential], judged: dict[str, NodeInputs], task: str, format: str
) -> None:
    pixels = judged[task].pixels[:200]
    found = load_model(files / f"{task}-float32.{format}").scores(pixels)
    assert gates.equals_torch(found, parity.exact_scores(networks[task], pixels)).passed


@pytest.mark.parametrize("task", TASKS)
def test_int8_files_are_integers_and_take_pixels_as_they_are(files: Path, task: str) -> None:
    assert gates.integer_only(files / f"{task}-int8.tflite").passed
    assert gates.layers_quantized(files / f"{task}-int8.onnx").passed
    assert tflite_contents(files / f"{task}-int8.tflite").input == ("uint8", float(np.float32(1 / 255)), 0)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["float32.tflite", "int8.tflite", "float32.onnx", "int8.onnx"])
def test_scores_do_not_depend_on_how_many_nodes_are_asked_about(
    files: Path, judged: dict[str, NodeInputs], task: str, name: str
) -> None:
    model = load_model(files / f"{task}-{name}")
    pixels = judged[task].pixels
    alone = np.concatenate([model.scores(pixels[index : index + 1]) for index in range(BATCH + 3)])
    for count in (0, 1, BATCH - 1, BATCH, BATCH + 3):
        found = model.scores(pixels[:count])
        assert found.shape == (count, model.spec.classes)
        assert np.allclose(found, alone[:count], atol=1e-4)


def test_only_the_first_stage_runs_many_at_a_time(files: Path) -> None:
    """A second stage would pay for what fills up its last batch."""
    from convert.check.inspect_model import interpreter_module

    for task, batch in (("judge-first", -1), ("judge", 1)):
        interpreter = interpreter_module().Interpreter(model_path=str(files / f"{task}-int8.tflite"))
        assert interpreter.get_input_details()[0]["shape_signature"][0] == batch


@pytest.mark.parametrize("name", ["judge-int8.tflite", "judge-int8.onnx"])
def test_pixels_of_another_shape_are_refused_with_the_one_that_is_wanted(files: Path, name: str) -> None:
    model = load_model(files / name)
    for shape in ((2, 32, 32), (2, 2, 20, 20), (2, 32, 32, 4), (4, 32, 32)):
        with pytest.raises(ModelError, match=r"takes pixels \(N, 4, 32, 32\), not"):
            model.scores(np.zeros(shape, np.uint8))


def test_a_network_of_the_judge_is_no_reader(files: Path) -> None:
    with pytest.raises(ModelError, match="finds digits and does not read them"):
        open_reader(str(files / "judge-int8.tflite"))
