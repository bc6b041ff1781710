"""Networks that go over a picture in steps and answer once become files that compute the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from convert.check import gates, inspect_model
from convert.errors import ConversionError
from convert.export import to_onnx
from convert.export.folding import time_steps
from convert.export.onnx_graph import line_graph
from convert.quantize import onnx_int8
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from train.digits.crops import Crops
from train.layers import Columns, LastState, Rows

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")

from convert.export import to_tflite

SIZE = (28, 28)
HIDDEN = 9


def network(kind: str, scale: float = 2.0) -> nn.Sequential:
    """A small one over rows, one way, or over columns behind a convolution, both ways."""
    torch.manual_seed(3)
    if kind == "rows":
        layers: list[nn.Module] = [Rows(), LastState(28, HIDDEN, both_ways=False), nn.Linear(HIDDEN, 10)]
    else:
        layers = [
            nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4), Columns(),
            LastState(3 * 7, HIDDEN, both_ways=True), nn.Dropout(0.5), nn.Linear(2 * HIDDEN, 10),
        ]  # fmt: skip
    made = nn.Sequential(*layers).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(scale)
    return made


def by_torch(made: nn.Sequential, images: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return made(torch.from_numpy(images)[:, None].float() / 255).numpy()


def loaded(path: Path) -> Model:
    write_spec(path, ModelSpec("small", path.suffix[1:], "any", sha256_of(path), reject=False))
    return load_model(path)


def noise(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.sqrt(((found - expected) ** 2).mean()) / expected.std())


KINDS = pytest.mark.parametrize("kind", ["rows", "columns"])


@KINDS
def test_tflite_computes_what_torch_does_and_int8_nearly_in_integers_only(
    kind: str, crops: Crops, tmp_path: Path
) -> None:
    made, images = network(kind), crops.images[:60]
    plain, int8 = tmp_path / "float32.tflite", tmp_path / "int8.tflite"
    plain.write_bytes(to_tflite.export(made, SIZE, "float32"))
    assert loaded(plain).scores(images) == pytest.approx(by_torch(made, images), abs=1e-4)
    # The input's scale is 1/255 if both ends of its range are among the samples.
    samples = np.concatenate([images, np.zeros((1, *SIZE), np.uint8), np.full((1, *SIZE), 255, np.uint8)])
    int8.write_bytes(to_tflite.export(made, SIZE, "int8", samples))
    assert gates.integer_only(int8).passed
    assert noise(loaded(int8).scores(images), by_torch(made, images)) < 0.15


@KINDS
def test_onnx_has_one_native_node_whose_last_state_alone_is_used(kind: str, crops: Crops, tmp_path: Path) -> None:
    made, images = network(kind), crops.images[:60]
    plain, int8 = tmp_path / "float32.onnx", tmp_path / "int8.onnx"
    to_onnx.export(made, SIZE, plain)
    (node,) = (node for node in onnx.load(plain).graph.node if node.op_type == "LSTM")
    assert list(node.output[:1]) == [""] and len(node.output) == 2
    for count in (1, 5):
        expected = by_torch(made, images[:count])
        assert loaded(plain).scores(images[:count]) == pytest.approx(expected, abs=1e-4)
    onnx_int8.to_int8(plain, int8, images)
    kinds = {op.kind: op.dtype for op in inspect_model.onnx_operators(int8)}
    assert (kinds["LSTM"], kinds["Gemm"]) == ("float32", "int8")
    assert noise(loaded(int8).scores(images), by_torch(made, images)) < 0.15


@pytest.mark.parametrize(("kind", "steps"), [("rows", 28), ("columns", 7)])
def test_steps_are_counted_where_the_recurrence_stands(kind: str, steps: int) -> None:
    assert time_steps(network(kind), SIZE) == steps
    assert time_steps(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), SIZE) == 0


@pytest.mark.parametrize("pool", [nn.MaxPool2d(2, padding=1), nn.MaxPool2d(3, ceil_mode=True)])
def test_another_pooling_is_refused_and_its_layer_named(pool: nn.MaxPool2d) -> None:
    made = nn.Sequential(pool, *list(network("columns"))[3:]).eval()
    with pytest.raises(ConversionError, match=r"layer 0 \(MaxPool2d\): only pooling without padding"):
        line_graph(made, SIZE)
