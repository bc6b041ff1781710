"""A converted file gives the input of its last layer, too, and the same scores as without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from convert.check import gates, inspect_model
from convert.check.layer_noise import layer_noise
from convert.errors import ConversionError
from convert.export import features, to_onnx
from convert.quantize import onnx_int8
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import FileModel
from edge_digits.runtime.onnx import session_options
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from edge_digits.runtime.tflite import interpreter_module

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")

from convert.export import to_tflite

SIZE = (12, 12)
CLASSES, WIDTH = 10, 6
WITHOUT_LAYER = """<ir_version: 9, opset_import: ["": 18]>
g (float[N, 3] pixels) => (float[N, 3] logits) { logits = Relu(pixels) }"""


def network(kind: str) -> nn.Sequential:
    """Small ones with ends like the judge's and the CNN's."""
    torch.manual_seed(4)
    head: list[nn.Module] = [nn.Conv2d(1, 5, 3, stride=2, padding=1), nn.ReLU()]
    if kind == "mean":
        head += [nn.Conv2d(5, WIDTH, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    else:
        head += [nn.Flatten(), nn.Linear(180, WIDTH), nn.ReLU()]
    return nn.Sequential(*head, nn.Linear(WIDTH, CLASSES)).eval()


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    """(400, 12, 12) uint8 that reach from 0 to 255 each."""
    drawn = np.random.default_rng(2).integers(0, 256, (400, *SIZE), dtype=np.uint8)
    drawn[:, 0, :2] = 0, 255
    return drawn


def loaded(path: Path) -> FileModel:
    write_spec(path, ModelSpec("small", path.suffix[1:], "any", sha256_of(path), input_shape=SIZE, reject=False))
    return load_model(path)


@pytest.fixture(scope="module", params=["mean", "linear"])
def made(request: pytest.FixtureRequest) -> nn.Sequential:
    return network(request.param)


@pytest.fixture(scope="module")
def files(made: nn.Sequential, pixels: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the network's files, and with those without features, ``plain-…``."""
    folder = tmp_path_factory.mktemp("features")
    for precision in ("float32", "int8"):
        content = to_tflite.export(made, SIZE, precision, pixels)
        (folder / f"plain-{precision}.tflite").write_bytes(content)
        (folder / f"{precision}.tflite").write_bytes(features.tflite_with_features(content))
    to_onnx.export(made, SIZE, folder / "float32.onnx", with_features=True)
    model = onnx.load(folder / "float32.onnx")
    assert features.drop_onnx_features(model)
    onnx.save(model, folder / "plain-float32.onnx")
    for start in ("", "plain-"):
        onnx_int8.to_int8(folder / f"{start}float32.onnx", folder / f"{start}int8.onnx", pixels)
    return folder


@pytest.mark.parametrize("name", ["float32.tflite", "int8.tflite", "float32.onnx", "int8.onnx"])
def test_scores_are_the_same_bits_and_the_last_layer_makes_them_of_the_features(
    name: str, made: nn.Sequential, files: Path, pixels: np.ndarray
) -> None:
    model = loaded(files / name)
    scores, seen = model.scores(pixels), model.features(pixels)
    assert np.array_equal(scores, loaded(files / f"plain-{name}").scores(pixels))
    assert (seen.shape, seen.dtype) == ((len(pixels), WIDTH), np.float32)
    with torch.inference_mode():
        again = made[-1](torch.from_numpy(seen)).numpy()
    # Of int8 in steps of its scores, and what rounding of features and weights brings.
    tolerance = 1e-4 if name.startswith("float32") else 2.5 * np.diff(np.unique(scores)).min()
    assert np.abs(again - scores).max() <= tolerance


def test_both_outputs_are_named_and_scores_come_first(files: Path) -> None:
    for name in ("float32.onnx", "int8.onnx"):
        graph = onnx.load(files / name).graph
        assert [output.name for output in graph.output] == ["logits", "features"]
        assert graph.output[1].type.tensor_type.shape.dim[1].dim_value == WIDTH
    interpreter = interpreter_module().Interpreter(model_path=str(files / "int8.tflite"))
    first, second = interpreter.get_output_details()
    assert (first["shape"].tolist(), second["name"]) == ([1, CLASSES], "features")
    assert second["dtype"] == np.int8 and second["quantization"][0] > 0
    assert "features" in interpreter.get_signature_list()["serving_default"]["outputs"]


def test_int8_stays_in_integers_and_its_layers_are_found(made: nn.Sequential, files: Path, pixels: np.ndarray) -> None:
    assert gates.integer_only(files / "int8.tflite").passed
    count = sum(isinstance(layer, nn.Conv2d | nn.Linear) for layer in made)
    operators = inspect_model.onnx_operators(files / "int8.onnx")
    assert [op.dtype for op in operators if op.kind in ("Conv", "Gemm")] == ["int8"] * count
    noise = layer_noise(files / "float32.onnx", files / "int8.onnx", pixels[:50])
    assert [layer.signal_to_noise > 20 for layer in noise] == [True] * count


def test_onnxruntime_runs_int8_in_the_kernels_of_before(files: Path, tmp_path: Path) -> None:
    """An output in the wrong place takes the integer kernel from a layer, and scores change."""

    def kernels(name: str) -> list[str]:
        options = session_options()
        options.optimized_model_filepath = str(tmp_path / name)
        onnxruntime.InferenceSession(str(files / name), options, providers=["CPUExecutionProvider"])
        return [node.op_type for node in onnx.load(tmp_path / name).graph.node if "Gemm" in node.op_type]

    assert kernels("int8.onnx") == kernels("plain-int8.onnx")
    assert set(kernels("int8.onnx")) == {"QGemm"}


def test_weights_stay_aligned(made: nn.Sequential, files: Path) -> None:
    """Kernels read sixteen bytes at once."""
    layer = made[-1]
    assert isinstance(layer, nn.Linear)
    content = (files / "float32.tflite").read_bytes()
    assert content.index(layer.weight.detach().numpy().tobytes()) % 16 == 0


def test_a_file_that_has_features_gets_no_others(files: Path) -> None:
    with pytest.raises(ConversionError, match="this one has 2"):
        features.tflite_with_features((files / "float32.tflite").read_bytes())
    with pytest.raises(ConversionError, match="this one has 2"):
        features.add_onnx_features(onnx.load(files / "int8.onnx"))


def test_what_ends_in_no_fully_connected_layer_is_refused() -> None:
    made = nn.Sequential(nn.Conv2d(1, CLASSES, SIZE), nn.Flatten()).eval()
    with pytest.raises(ConversionError, match="no fully connected layer"):
        features.tflite_with_features(to_tflite.export(made, SIZE, "float32"))
    with pytest.raises(ConversionError, match="no fully connected layer"):
        features.add_onnx_features(onnx.parser.parse_model(WITHOUT_LAYER))
