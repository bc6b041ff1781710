"""ONNX export: what torch computes, any batch, one file, nothing of this machine in it; and its quantization."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from convert.check import inspect_model
from convert.export import to_onnx
from convert.quantize import onnx_int8
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from train.digits.crops import Crops
from train.tensors import to_input


@pytest.fixture(scope="module")
def exported(network: nn.Sequential, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "cnn-small-float32.onnx"
    to_onnx.export(network, (28, 28), path)
    return path


def scores(path: Path, pixels: np.ndarray) -> np.ndarray:
    write_spec(path, ModelSpec("cnn-small", "onnx", "float32", sha256_of(path)))
    return load_model(path).scores(pixels)


@pytest.mark.parametrize("count", [1, 7])
def test_computes_what_torch_does_for_any_batch(
    exported: Path, network: nn.Sequential, crops: Crops, count: int
) -> None:
    with torch.inference_mode():
        expected = network(to_input(torch.from_numpy(crops.images[:count]))).numpy()
    assert scores(exported, crops.images[:count]) == pytest.approx(expected, abs=1e-4)


def test_is_one_file_without_traces_of_this_machine(exported: Path) -> None:
    onnx_files = [p for p in exported.parent.iterdir() if p.suffix != ".json"]
    assert onnx_files == [exported]
    content = exported.read_bytes()
    assert str(Path(to_onnx.__file__).parent).encode() not in content
    assert b"site-packages" not in content


def test_names_its_ends(exported: Path) -> None:
    graph = onnx.load(exported).graph
    assert [i.name for i in graph.input] == ["pixels"]
    assert [o.name for o in graph.output] == ["logits"]


def test_the_same_network_gives_the_same_bytes(
    exported: Path, network: nn.Sequential, crops: Crops, tmp_path: Path
) -> None:
    again, first, second = (tmp_path / name for name in ("again.onnx", "first.onnx", "second.onnx"))
    to_onnx.export(network, (28, 28), again)
    assert again.read_bytes() == exported.read_bytes()
    for path in (first, second):
        onnx_int8.to_int8(exported, path, crops.images[:100])
    assert first.read_bytes() == second.read_bytes()


def test_int8_holds_every_convolution_and_linear_layer_in_integers(
    exported: Path, network: nn.Sequential, crops: Crops, tmp_path: Path
) -> None:
    path = tmp_path / "int8.onnx"
    onnx_int8.to_int8(exported, path, crops.images[:200])
    convolutions = sum(isinstance(layer, nn.Conv2d) for layer in network.modules())
    kinds = [(op.kind, op.dtype) for op in inspect_model.onnx_operators(path) if op.kind in ("Conv", "Gemm")]
    assert kinds == [("Conv", "int8")] * convolutions + [("Gemm", "int8")]
    agree = scores(path, crops.images).argmax(1) == scores(exported, crops.images).argmax(1)
    assert agree.mean() > 0.99


def test_float16_halves_the_file_and_reads_the_same(exported: Path, crops: Crops, tmp_path: Path) -> None:
    path = tmp_path / "float16.onnx"
    onnx_int8.to_float16(exported, path)
    assert path.stat().st_size < 0.6 * exported.stat().st_size
    assert scores(path, crops.images) == pytest.approx(scores(exported, crops.images), abs=0.1)
