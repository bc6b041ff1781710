"""Every gate lets the good file pass, and each can fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from torch import nn

from convert.check import gates, parity
from convert.check.layer_noise import worst_layers
from convert.export import to_onnx
from convert.export.folding import folded
from convert.quantize import onnx_int8
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from train.digits.crops import Crops
from train.networks import parameter_count

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")
import tensorflow as tf

from convert.export import to_tflite


@pytest.fixture(scope="module")
def files(network: nn.Sequential, crops: Crops, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the network as float32 and int8, TFLite and ONNX."""
    folder = tmp_path_factory.mktemp("files")
    for precision in ("float32", "float16", "int8"):
        content = to_tflite.export(network, (28, 28), precision, crops.images[:200])
        (folder / f"{precision}.tflite").write_bytes(content)
    to_onnx.export(network, (28, 28), folder / "float32.onnx")
    onnx_int8.to_int8(folder / "float32.onnx", folder / "int8.onnx", crops.images[:200])
    for path in folder.iterdir():
        write_spec(path, ModelSpec("cnn-small", path.suffix[1:], path.stem, sha256_of(path)))
    return folder


@pytest.fixture(scope="module")
def noise_scores(
    network: nn.Sequential, crops: Crops, noise: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> np.ndarray:
    """Scores of an int8 file whose ranges were taken from noise."""
    path = tmp_path_factory.mktemp("noise") / "noise.tflite"
    path.write_bytes(to_tflite.export(network, (28, 28), "int8", noise))
    write_spec(path, ModelSpec("cnn-small", "tflite", "int8", sha256_of(path)))
    return load_model(path).scores(crops.images)


def every(values: np.ndarray) -> np.ndarray:
    return np.ones(len(values), bool)


@pytest.mark.parametrize("name", ["float32.tflite", "float32.onnx"])
def test_a_float_file_equals_torch(files: Path, network: nn.Sequential, crops: Crops, name: str) -> None:
    found = load_model(files / name).scores(crops.images)
    assert gates.equals_torch(found, parity.torch_scores(network, crops.images)).passed


@pytest.mark.parametrize("spoiled", [1.001e-4, np.nan, np.inf])
def test_one_logit_that_differs_fails(spoiled: float) -> None:
    expected = np.zeros((5, 11), np.float32)
    found = expected.copy()
    found[3, 7] = spoiled
    assert not gates.equals_torch(found, expected).passed


@pytest.mark.parametrize("name", ["int8.tflite", "int8.onnx"])
def test_int8_agrees_with_float_and_is_as_accurate(
    files: Path, network: nn.Sequential, crops: Crops, name: str
) -> None:
    found, expected = load_model(files / name).scores(crops.images), parity.torch_scores(network, crops.images)
    assert gates.agrees(found, expected, every(expected)).passed
    assert gates.as_accurate(found, expected, crops.labels, every(expected)).passed


def test_calibration_with_noise_fails(network: nn.Sequential, crops: Crops, noise_scores: np.ndarray) -> None:
    expected = parity.torch_scores(network, crops.images)
    counted = gates.decided(expected, 1.0)
    assert not gates.agrees(noise_scores, expected, counted).passed
    assert not gates.as_accurate(noise_scores, expected, crops.labels, counted).passed


def test_accuracy_is_compared_in_pairs_and_gives_its_interval() -> None:
    labels = np.zeros(1000, np.uint8)
    right, wrong = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    expected = np.tile(right, (1000, 1))
    found = expected.copy()
    found[:1] = wrong
    assert gates.as_accurate(found, expected, labels, every(labels)).passed
    found[:2] = wrong
    result = gates.as_accurate(found, expected, labels, every(labels))
    assert not result.passed
    assert "+0.200 ± 0.277 points on 1000 inputs" in result.figure
    expected[2:4], found[2:4] = wrong, right
    assert gates.as_accurate(found, expected, labels, every(labels)).passed, "what is won makes up for what is lost"


def test_a_network_is_decided_where_its_best_class_leads() -> None:
    """The lead is in probability, so the temperature counts."""
    scores = np.array([[4.0, 0.0], [0.1, 0.0], [0.0, 0.0]], np.float32)
    assert gates.decided(scores, 1.0).tolist() == [True, False, False]
    assert gates.decided(scores, 100.0).tolist() == [False, False, False]
    assert gates.decided(scores, 1.0, lead=0.0).all()


def test_ties_of_float_are_nobody_s_fault_but_every_decided_answer_counts() -> None:
    """1,000 inputs that float is decided on, and 100 ties of which int8 breaks each another way."""
    expected = np.array([[5, 0]] * 1000 + [[0.01, 0]] * 100, np.float32)
    found, labels = expected.copy(), np.zeros(1100, np.uint8)
    found[1000:] = found[1000:, ::-1]
    counted = gates.decided(expected, 1.0)
    agrees, accurate = gates.agrees(found, expected, counted), gates.as_accurate(found, expected, labels, counted)
    assert agrees.passed and accurate.passed
    assert "100.00% of 1000 inputs" in agrees.figure and "90.91% of all 1100" in agrees.figure
    assert "+9.091 ± " in accurate.figure, "the loss on all inputs is told, too"
    assert not gates.agrees(found, expected, every(labels)).passed
    assert not gates.as_accurate(found, expected, labels, every(labels)).passed
    found[:6] = found[:6, ::-1]
    assert not gates.agrees(found, expected, counted).passed
    assert not gates.as_accurate(found, expected, labels, counted).passed


def test_a_network_that_is_decided_nowhere_fails() -> None:
    """It was never trained: that int8 agrees with it says nothing."""
    scores = np.zeros((2000, 11), np.float32)
    result = gates.agrees(scores, scores, gates.decided(scores, 1.0))
    assert not result.passed
    assert "decided on 0 of 2000 inputs" in result.figure
    assert not gates.as_accurate(scores, scores, np.zeros(2000, np.uint8), gates.decided(scores, 1.0)).passed


def test_int8_tflite_is_integers_only(files: Path) -> None:
    result = gates.integer_only(files / "int8.tflite")
    assert result.passed, result.figure


@pytest.mark.parametrize("name", ["float32.tflite", "float16.tflite"])
def test_a_float_tflite_is_not_integers_only(files: Path, name: str) -> None:
    assert not gates.integer_only(files / name).passed


def test_a_float_island_fails(tmp_path: Path) -> None:
    """A converter that may fall back to float does so for what it cannot quantize."""

    def forward(pixels: tf.Tensor) -> tf.Tensor:
        x = tf.nn.conv2d(pixels, tf.ones([3, 3, 1, 2]), 1, "VALID")
        return tf.reshape(tf.sin(x), [1, 8])

    function = tf.function(forward, input_signature=[tf.TensorSpec([1, 4, 4, 1], tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], tf.Module())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([np.eye(4, dtype=np.float32)[None, :, :, None]] for _ in range(4))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
    converter.inference_input_type, converter.inference_output_type = tf.uint8, tf.int8
    path = tmp_path / "island.tflite"
    path.write_bytes(converter.convert())
    result = gates.integer_only(path)
    assert not result.passed
    assert "float tensors" in result.figure


def test_another_input_scale_fails(network: nn.Sequential, crops: Crops, tmp_path: Path) -> None:
    path = tmp_path / "dim.tflite"
    path.write_bytes(to_tflite.export(network, (28, 28), "int8", np.minimum(crops.images[:50], 200)))
    result = gates.integer_only(path)
    assert not result.passed
    assert "scale 0.00307" in result.figure


def weighted(network: nn.Sequential) -> int:
    return sum(isinstance(layer, nn.Conv2d | nn.Linear) for layer in network.modules())


def test_int8_onnx_has_its_layers_quantized_and_names_the_rest(files: Path, network: nn.Sequential) -> None:
    result = gates.layers_quantized(files / "int8.onnx")
    assert result.passed, result.figure
    assert f"{weighted(network)} of {weighted(network)}" in result.figure
    assert "stays float: ReduceMean" in result.figure


def test_a_float_onnx_has_no_layers_quantized(files: Path, network: nn.Sequential) -> None:
    result = gates.layers_quantized(files / "float32.onnx")
    assert not result.passed
    assert f"0 of {weighted(network)}" in result.figure


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_size_is_as_the_precision_promises(files: Path, network: nn.Sequential, format: str) -> None:
    parameters = parameter_count(folded(network))
    for precision in ("float32", "int8"):
        assert gates.size_as_expected(files / f"{precision}.{format}", {precision: parameters}).passed
    assert not gates.size_as_expected(files / f"float32.{format}", {"int8": parameters}).passed


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_the_layers_that_quantization_hurts_most_are_named(files: Path, crops: Crops, format: str) -> None:
    worst = worst_layers(files / f"float32.{format}", files / f"int8.{format}", crops.images[:20])
    assert len(worst) == 3
    assert all(item.low <= item.high for item in worst)
    assert worst[0].signal_to_noise <= worst[1].signal_to_noise <= worst[2].signal_to_noise
    assert 15 < worst[0].signal_to_noise < 60
