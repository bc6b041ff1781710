"""An int8 file of a foreign model that loses too much is made again by the first remedy that is enough."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from convert import __main__ as program
from convert.quantize.remedies.accuracy_control import EQUALIZED
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import read_spec

pytestmark = pytest.mark.slow

DECADES = 3.5
"""That lie between the channels of the first layer: one scale for all of its results serves none."""


@pytest.fixture(scope="module")
def unequal(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the model with the first layer's channels at very different scales, which the second undoes: float
    answers the same."""
    made = tmp_path_factory.mktemp("unequal")
    shutil.copytree(folder, made, dirs_exist_ok=True)
    model = onnx.load(made / "model.onnx")
    scale = (10 ** -np.linspace(0, DECADES, 12)).astype(np.float32)
    scale = np.random.default_rng(0).permutation(scale)
    for weight in model.graph.initializer:
        array = numpy_helper.to_array(weight)
        by = {
            "w0": scale[:, None, None, None],
            "w1": scale,
            "w2": 1 / scale[None, :, None, None],
        }.get(weight.name)
        if by is not None:
            weight.CopyFrom(numpy_helper.from_array((array * by).astype(np.float32), weight.name))
    onnx.save(model, made / "model.onnx")
    return made


@pytest.mark.parametrize("format", ["onnx", "tflite"])
def test_equalization_wins_back_what_int8_loses_and_the_report_says_so(
    unequal: Path, format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["file", str(unequal / "model.onnx"), "--samples", str(unequal / "pictures"), "--size", "16x16"]
    given += ["--labels", str(unequal / "labels.csv"), "--out", str(tmp_path), "--format", format]
    status = program.main([*given, "--precision", "int8"])
    assert status == 0, capsys.readouterr().err
    name = f"model-int8.{format}"
    told = json.loads((tmp_path / "model-report.json").read_text())["files"][name]
    assert told["passed"]
    first, *others = told["tried"]
    assert first["agreement"] < 0.95
    [equalized] = [one for one in others if one["remedy"] == EQUALIZED]
    assert equalized["helped"] and equalized["agreement"] > 0.98
    assert others[-1] == equalized, "nothing further is tried"
    assert "## When int8 lost" in (tmp_path / "model-report.md").read_text()
    assert EQUALIZED in capsys.readouterr().out.splitlines()[1]
    spec = read_spec(tmp_path / name)
    assert spec.origin["conversion"]["quantization"].count(f", {EQUALIZED}") == 1
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 16), np.uint8)
    assert load_model(tmp_path / name).scores(pixels).shape == (2, 10)
