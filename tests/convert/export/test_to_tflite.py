"""The TFLite walk computes what torch does, whatever the layers, and says which layer it cannot take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from convert.errors import ConversionError
from edge_digits.runtime.tflite import interpreter_module

tensorflow = pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")
from convert.export import to_tflite  # noqa: E402  # it needs TensorFlow

SIZE = (12, 12)


def run(content: bytes, pixels: np.ndarray) -> np.ndarray:
    interpreter = interpreter_module().Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[:, :, :, None])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def settled(*layers: nn.Module) -> nn.Sequential:
    """Layers with batch statistics that are not 0 and 1, in evaluation mode."""
    torch.manual_seed(3)
    network = nn.Sequential(*layers).train()
    with torch.inference_mode():
        for _ in range(3):
            network(torch.rand(8, 1, *SIZE))
    return network.eval()


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param([nn.Conv2d(1, 3, 3, padding=1)], id="same padding"),
        pytest.param([nn.Conv2d(1, 3, 3, stride=2, padding=1)], id="stride 2 with padding on both sides"),
        pytest.param([nn.Conv2d(1, 3, 5, stride=3, padding=2)], id="stride 3"),
        pytest.param([nn.Conv2d(1, 3, (3, 5), padding=(0, 2))], id="padding in one direction"),
        pytest.param([nn.Conv2d(1, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU()], id="batch normalization"),
        pytest.param([nn.Conv2d(1, 3, 3), nn.MaxPool2d(2), nn.ReLU()], id="maximum pooling"),
        pytest.param([nn.Conv2d(1, 3, 3), nn.AvgPool2d(3, stride=2)], id="average pooling"),
        pytest.param([nn.Conv2d(1, 3, 3), nn.Dropout(0.5)], id="dropout"),
        pytest.param([nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU())], id="nested"),
    ],
)
def test_computes_what_torch_does(layers: list[nn.Module]) -> None:
    body = settled(*layers)
    features = body(torch.zeros(1, 1, *SIZE)).numel()
    network = settled(body, nn.Flatten(), nn.Linear(features, 4))
    pixels = np.random.default_rng(1).random((1, *SIZE), np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)[:, None]).numpy()
    assert run(to_tflite.export(network, SIZE, "float32"), pixels) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (nn.GELU(), r"layer 1 \(GELU\)"),
        (nn.Conv2d(2, 2, 3, groups=2), r"layer 1 \(Conv2d\): only groups=1"),
        (nn.MaxPool2d(2, padding=1), r"layer 1 \(MaxPool2d\)"),
        (nn.AdaptiveAvgPool2d(2), r"layer 1 \(AdaptiveAvgPool2d\)"),
    ],
)
def test_names_the_layer_that_it_cannot_convert(layer: nn.Module, said: str) -> None:
    with pytest.raises(ConversionError, match=said):
        to_tflite.export(nn.Sequential(nn.Conv2d(1, 2, 3), layer).eval(), SIZE, "float32")


def test_batch_normalization_without_a_convolution_is_refused() -> None:
    with pytest.raises(ConversionError, match="BatchNorm2d"):
        to_tflite.export(nn.Sequential(nn.BatchNorm2d(1)).eval(), SIZE, "float32")


def test_int8_without_samples_is_refused() -> None:
    with pytest.raises(ConversionError, match="calibration samples"):
        to_tflite.export(nn.Sequential(nn.Flatten(), nn.Linear(144, 4)).eval(), SIZE, "int8")


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_the_same_network_gives_the_same_bytes(precision: str) -> None:
    network = settled(nn.Conv2d(1, 3, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(108, 4))
    samples = np.random.default_rng(1).integers(0, 256, (20, *SIZE), np.uint8)
    first = to_tflite.export(network, SIZE, precision, samples)
    assert first == to_tflite.export(network, SIZE, precision, samples)
    assert str(Path.cwd()).encode() not in first
