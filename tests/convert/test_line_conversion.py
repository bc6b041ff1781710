"""Networks that read lines become files that compute the same: unrolled for TFLite, one native node in ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from convert.check import inspect_model
from convert.errors import ConversionError
from convert.export import to_onnx
from convert.export.onnx_graph import line_graph
from convert.quantize import calibration, line_samples, onnx_int8
from edge_digits.charset import BLANK
from edge_digits.errors import DataError, ModelError
from edge_digits.model_input.normalize import line_parameters
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from train.layers import Recurrence, Steps

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")
from tensorflow.lite.python import schema_py_generated as schema

from convert.export import to_tflite

ROOT = Path(__file__).resolve().parents[2]
SIZE = (32, 48)
HIDDEN = 7
KINDS = [nn.RNN, nn.GRU, nn.LSTM]


def network(kind: type[nn.RNN] | type[nn.GRU] | type[nn.LSTM] | None, scale: float = 3.0) -> nn.Sequential:
    """A small line network; ``scale`` strengthens the recurrence, so that its gates do something."""
    torch.manual_seed(5)
    layers: list[nn.Module] = [
        nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(4, 8, (16, 3), stride=(1, 2), padding=(0, 1)),
        nn.ReLU(), Steps(),
    ]  # fmt: skip
    features = 8
    if kind is not None:
        layers.append(Recurrence(kind, features, HIDDEN))
        features = 2 * HIDDEN
    made = nn.Sequential(*layers, nn.Dropout(0.5), nn.Linear(features, BLANK + 1)).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(scale)
    return made


@pytest.fixture(scope="module")
def strips() -> np.ndarray:
    """Strips of the calibration set, (40, 32, 48) uint8."""
    return line_samples.strips(calibration.load(ROOT / "calibration_data"), SIZE[1], 40)


def loaded(path: Path, size: tuple[int, int] = SIZE) -> Model:
    spec = ModelSpec("crnn", path.suffix[1:], "any", sha256_of(path), size, blank=True, normalization=line_parameters())
    write_spec(path, spec)
    return load_model(path)


def tflite(folder: Path, made: nn.Sequential, precision: str, samples: np.ndarray | None = None) -> Path:
    path = folder / f"{precision}.tflite"
    path.write_bytes(to_tflite.export(made, SIZE, precision, samples))
    return path


def by_torch(made: nn.Sequential, strips: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return made(torch.from_numpy(strips)[:, None].float() / 255).numpy()


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_tflite_computes_what_torch_does(kind: Any, strips: np.ndarray, tmp_path: Path) -> None:
    made = network(kind)
    found = loaded(tflite(tmp_path, made, "float32")).scores(strips)
    assert found.shape == (40, SIZE[1] // 4, BLANK + 1)
    assert found == pytest.approx(by_torch(made, strips), abs=1e-4)


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_onnx_computes_what_torch_does_for_any_batch_and_width(kind: Any, strips: np.ndarray, tmp_path: Path) -> None:
    made, path = network(kind), tmp_path / "float32.onnx"
    to_onnx.export(made, SIZE, path)
    model = loaded(path)
    for count, width in ((1, SIZE[1]), (5, SIZE[1]), (3, 20)):
        some = strips[:count, :, :width]
        assert model.scores(some) == pytest.approx(by_torch(made, some), abs=1e-4)
    assert model.scores(strips[:0]).shape == (0, SIZE[1] // 4, BLANK + 1)


def test_a_recurrence_of_one_direction_is_converted_too(strips: np.ndarray, tmp_path: Path) -> None:
    recurrence = Recurrence(nn.GRU, 8, HIDDEN)
    recurrence.layer = nn.GRU(8, HIDDEN, batch_first=True)
    made = nn.Sequential(*list(network(None))[:5], recurrence, nn.Linear(HIDDEN, BLANK + 1)).eval()
    path = tmp_path / "float32.onnx"
    to_onnx.export(made, SIZE, path)
    for model in (loaded(path), loaded(tflite(tmp_path, made, "float32"))):
        assert model.scores(strips) == pytest.approx(by_torch(made, strips), abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_int8_is_near_to_float_and_integers_only(kind: Any, strips: np.ndarray, tmp_path: Path) -> None:
    """It was not while the backward direction was turned by tf.reverse, whose scale the converter mixes up."""
    made = network(kind)
    path = tflite(tmp_path, made, "int8", strips)
    assert not inspect_model.tflite_contents(path).float_tensors
    expected = by_torch(made, strips)
    noise = loaded(path).scores(strips) - expected
    assert np.sqrt((noise**2).mean()) < 0.06 * expected.std()


@pytest.mark.parametrize("kind", KINDS)
def test_the_weights_of_a_recurrence_are_stored_once(kind: Any, strips: np.ndarray, tmp_path: Path) -> None:
    made = network(kind)
    content = tflite(tmp_path, made, "int8", strips).read_bytes()
    model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    held = [bytes(buffer.data) for buffer in model.buffers if buffer.data is not None]
    assert len(held) == len(set(held))
    recurrent = sum(w.numel() for name, w in made.named_parameters() if "weight_hh" in name)
    both = [data for data in held if len(data) in (2 * recurrent, 2 * recurrent * 2 // 3, 2 * recurrent // 3)]
    assert sum(map(len, both)) == 2 * recurrent, "both directions in one product, half of it zeros"


def test_onnx_has_one_native_node_and_says_that_it_stays_float(strips: np.ndarray, tmp_path: Path) -> None:
    plain, path = tmp_path / "float32.onnx", tmp_path / "int8.onnx"
    to_onnx.export(network(nn.GRU), SIZE, plain)
    assert [node.op_type for node in onnx.load(plain).graph.node].count("GRU") == 1
    onnx_int8.to_int8(plain, path, strips)
    kinds = {op.kind: op.dtype for op in inspect_model.onnx_operators(path)}
    assert (kinds["Conv"], kinds["MatMul"], kinds["GRU"]) == ("int8", "int8", "float32")
    expected = by_torch(network(nn.GRU), strips)
    assert np.sqrt(((loaded(path).scores(strips) - expected) ** 2).mean()) < 0.06 * expected.std()


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (nn.GRU(8, 3, 2, batch_first=True, bidirectional=True), "one layer"),
        (nn.GRU(8, 3, bias=False, batch_first=True, bidirectional=True), "biases"),
        (nn.RNN(8, 3, nonlinearity="relu", batch_first=True, bidirectional=True), "tanh"),
    ],
)
def test_another_recurrence_is_refused_and_its_layer_named(layer: nn.GRU | nn.RNN, said: str) -> None:
    recurrence = Recurrence(nn.GRU, 8, 3)
    recurrence.layer = layer
    made = nn.Sequential(*list(network(None))[:5], recurrence, nn.Linear(6, BLANK + 1)).eval()
    with pytest.raises(ConversionError, match=rf"layer 5 \(Recurrence\): .*{said}"):
        to_tflite.export(made, SIZE, "float32")
    with pytest.raises(ConversionError, match=rf"layer 5 \(Recurrence\): .*{said}"):
        line_graph(made, SIZE)


def test_a_layer_that_is_not_known_is_refused() -> None:
    with pytest.raises(ConversionError, match=r"layer 0 \(GELU\)"):
        line_graph(nn.Sequential(nn.GELU(), *network(None)), SIZE)


@pytest.mark.parametrize("shape", [(1, 32, 44), (1, 28, 48), (32, 48), (1, 32, 96)])
def test_strips_of_another_size_are_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    model = loaded(tflite(tmp_path, network(None), "float32"))
    with pytest.raises(ModelError, match=r"takes pixels \(N, 32, 48\), not"):
        model.scores(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("width", [46, 52])
def test_onnx_refuses_widths_between_steps_and_beyond_the_spec(width: int, tmp_path: Path) -> None:
    path = tmp_path / "float32.onnx"
    to_onnx.export(network(None), SIZE, path)
    with pytest.raises(ModelError, match="or narrower by a multiple of 4"):
        loaded(path).scores(np.zeros((1, 32, width), np.uint8))


def test_a_file_for_another_width_than_its_spec_s_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="do not fit its spec"):
        loaded(tflite(tmp_path, network(None), "float32"), (32, 64))


def test_calibration_strips_are_the_same_twice_and_hold_lines(strips: np.ndarray) -> None:
    again = line_samples.strips(calibration.load(ROOT / "calibration_data"), SIZE[1], 40)
    assert np.array_equal(strips, again)
    assert strips.shape == (40, *SIZE) and (strips.min(), strips.max()) == (0, 255)
    assert strips.any(axis=(1, 2)).all()


def test_calibration_without_ink_is_refused() -> None:
    faint = calibration.CalibrationSet(
        np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8), "", frozenset(), frozenset(),
        ((np.zeros((20, 20), np.uint8),),),
    )  # fmt: skip
    with pytest.raises(DataError, match="no ink"):
        line_samples.strips(faint, 48, 3)
