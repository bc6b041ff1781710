"""Which layers quantization hurts: what a failed gate names, and what the report draws."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from edge_digits.runtime.onnx import session_options
from edge_digits.runtime.shapes import channels_first
from edge_digits.runtime.tflite import interpreter_module

Pixels = NDArray[np.uint8] | NDArray[np.float32]
Results = list[tuple[str, NDArray[np.float64]]]
"""Per weighted layer its number and type, and its results for all inputs, (N, values)."""

_BEHIND = [["Relu"], ["Clip"], ["QuantizeLinear"], ["DequantizeLinear"]]
"""What takes a layer's results, and changes no more than their rounding and their sign."""


@dataclass(frozen=True)
class LayerNoise:
    """signal_to_noise: of one layer's results in int8 against float over all inputs, in dB; lower is worse.
    low, high: between these lie nine of ten single inputs."""

    layer: str
    signal_to_noise: float
    low: float
    high: float


def layer_noise(float_path: Path, int8_path: Path, pixels: Pixels) -> list[LayerNoise]:
    """The weighted layers of an int8 file, in order, with the noise that has gathered up to each.

    float_path: the float32 file of the same network and format. pixels: uint8, as ``runtime.Model.scores`` takes
    them, of networks in 0..1; of others float32, as they go in, (N, channels, height, width).
    """
    of = _onnx_results if int8_path.suffix == ".onnx" else _tflite_results
    layers = []
    for (name, clean), (_, noisy) in zip(of(float_path, pixels), of(int8_path, pixels), strict=True):
        signal, noise = (clean**2).sum(axis=1), ((clean - noisy) ** 2).sum(axis=1)
        each = _decibels(signal[signal > 0], noise[signal > 0])
        if len(each):
            low, high = np.quantile(each, (0.05, 0.95))
            layers.append(LayerNoise(name, float(_decibels(signal.sum(), noise.sum())), float(low), float(high)))
    return layers


def worst_layers(float_path: Path, int8_path: Path, pixels: Pixels, count: int = 3) -> list[LayerNoise]:
    """The ``count`` layers of ``layer_noise`` that quantization hurts most, worst first."""
    return sorted(layer_noise(float_path, int8_path, pixels), key=lambda item: item.signal_to_noise)[:count]


def _decibels(signal: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    return 10 * np.log10(signal / np.maximum(noise, 1e-12))


def _tflite_results(path: Path, pixels: Pixels) -> Results:
    runtime = interpreter_module()
    interpreter = runtime.Interpreter(
        model_path=str(path),
        experimental_op_resolver_type=runtime.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]
    details = {d["index"]: d for d in interpreter.get_tensor_details()}
    # By the weights: the steps of a recurrence that was unrolled are one layer.
    layers: dict[int, tuple[str, list[int]]] = {}
    for op in interpreter._get_ops_details():
        if op["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            layers.setdefault(op["inputs"][1], (op["op_name"], []))[1].append(op["outputs"][0])
    results: list[list[NDArray[np.float64]]] = [[] for _ in layers]
    scale, zero_point = source["quantization"]
    given = _inputs(pixels).transpose(0, 2, 3, 1)
    if scale:
        limits = np.iinfo(source["dtype"])
        given = np.clip(np.round(given / np.float32(scale)) + zero_point, limits.min, limits.max)
    for index in range(len(pixels)):
        one = np.ascontiguousarray(given[index : index + 1], source["dtype"])
        interpreter.set_tensor(source["index"], one)
        interpreter.invoke()
        for values, (_, outputs) in zip(results, layers.values(), strict=True):
            values.append(np.concatenate([_value(interpreter, details[index]) for index in outputs]))
    return [
        (f"{place + 1} ({kind})", np.array(values))
        for place, ((kind, _), values) in enumerate(zip(layers.values(), results, strict=True))
    ]


def _inputs(pixels: Pixels) -> NDArray[np.float32]:
    """What goes into the network, (N, channels, height, width)."""
    if pixels.dtype != np.uint8:
        return np.asarray(pixels, np.float32)
    return channels_first(np.asarray(pixels, np.uint8)).astype(np.float32) / np.float32(255.0)


def _value(interpreter: Any, tensor: dict[str, Any]) -> NDArray[np.float64]:
    """What stands in a tensor, as real numbers in one row."""
    scale, zero_point = tensor["quantization"]
    raw = interpreter.get_tensor(tensor["index"]).astype(np.float64).ravel()
    return (raw - zero_point) * scale if scale else raw


def _onnx_results(path: Path, pixels: Pixels) -> Results:
    model = onnx.load(path)
    takers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)
    layers = [node for node in model.graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]
    ends = []
    for layer in layers:
        end = layer.output[0]
        # What the next layer sees: behind the activation, and rounded to what int8 can hold.
        while [node.op_type for node in takers.get(end, [])] in _BEHIND:
            end = takers[end][0].output[0]
        ends.append(end)
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=end) for end in ends if end not in known)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), session_options(), providers=["CPUExecutionProvider"]
    )
    outputs = session.run(ends, {session.get_inputs()[0].name: _inputs(pixels)})
    return [
        (f"{place + 1} ({layer.op_type})", np.asarray(value, np.float64).reshape(len(pixels), -1))
        for place, (layer, value) in enumerate(zip(layers, outputs, strict=True))
    ]
