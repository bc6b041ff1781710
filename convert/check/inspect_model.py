"""What a model file really holds: its operators, and whether they compute in integers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from edge_digits.runtime.tflite import interpreter_module


@dataclass(frozen=True)
class Operator:
    """One operation of a model file: its type ("CONV_2D", "Conv"), its name, and the type of its result
    ("int8", "float32"; for an ONNX file int8 means that it runs between DequantizeLinear and QuantizeLinear)."""

    kind: str
    name: str
    dtype: str


@dataclass(frozen=True)
class TfliteContents:
    """Operators in order; names of the float tensors; and (dtype, scale, zero point) of the input and of the output
    (scale 0 where it is not quantized)."""

    operators: tuple[Operator, ...]
    tensors: int
    float_tensors: tuple[str, ...]
    input: tuple[str, float, int]
    output: tuple[str, float, int]


_NO_COMPUTATION = ("QuantizeLinear", "DequantizeLinear", "Constant", "Cast")


def _end(details: dict[str, Any]) -> tuple[str, float, int]:
    scale, zero_point = details["quantization"]
    return np.dtype(details["dtype"]).name, float(scale), int(zero_point)


def tflite_contents(path: Path) -> TfliteContents:
    """List what the .tflite file ``path`` holds, as the runtime sees it before XNNPACK takes over."""
    runtime = interpreter_module()
    interpreter = runtime.Interpreter(
        model_path=str(path),
        experimental_op_resolver_type=runtime.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    # Not allocated, so there are no scratch tensors among them.
    details = {d["index"]: d for d in interpreter.get_tensor_details()}
    operators = tuple(
        Operator(op["op_name"], details[index]["name"], np.dtype(details[index]["dtype"]).name)
        for op in interpreter._get_ops_details()
        for index in op["outputs"][:1]
    )
    floats = tuple(d["name"] for d in details.values() if np.issubdtype(d["dtype"], np.floating))
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    return TfliteContents(operators, len(details), floats, _end(source), _end(target))


def onnx_operators(path: Path) -> tuple[Operator, ...]:
    """The operators of the .onnx file ``path``, without the conversions between number types.

    One counts as int8 if its weights and data come from DequantizeLinear and its result goes to QuantizeLinear only, of
    a Gemm to the Clip of features (``export.features``): that is what onnxruntime turns into an integer kernel.
    """
    graph = onnx.load(path).graph
    maker = {name: node.op_type for node in graph.node for name in node.output}
    takers: dict[str, set[str]] = {}
    for node in graph.node:
        for name in node.input:
            takers.setdefault(name, set()).add(node.op_type)
    operators = []
    for node in graph.node:
        if node.op_type in _NO_COMPUTATION:
            continue
        quantized_in = all(maker.get(name) == "DequantizeLinear" for name in node.input[:2])
        kernels = ({"QuantizeLinear"}, {"Clip"}) if node.op_type == "Gemm" else ({"QuantizeLinear"},)
        quantized_out = takers.get(node.output[0]) in kernels
        operators.append(Operator(node.op_type, node.name, "int8" if quantized_in and quantized_out else "float32"))
    return tuple(operators)


def onnx_output_step(path: Path) -> float:
    """By how much the scores of an int8 .onnx file change if their integer changes by one; 0 if its output does not
    come from integers."""
    graph = onnx.load(path).graph
    last = next(node for node in graph.node if graph.output[0].name in node.output)
    scales = [onnx.numpy_helper.to_array(i) for i in graph.initializer if i.name in last.input[1:2]]
    return float(scales[0]) if last.op_type == "DequantizeLinear" and scales else 0.0
