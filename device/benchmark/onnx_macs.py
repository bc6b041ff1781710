"""Multiply-accumulates and bytes of weights in an ONNX file, which only the package ``onnx`` can open."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

RECURRENT = ("RNN", "GRU", "LSTM")


def count(path: Path, width: int) -> dict[str, int] | None:
    """As ``device.benchmark.macs.count``; None if ``onnx`` is not installed. width: of the input, where it is free.

    A recurrent node multiplies at each step, in each direction, the input and the state before (Elman 1990; Cho et al.
    2014; Hochreiter and Schmidhuber 1997) with the matrices of its gates.
    """
    try:
        import onnx.shape_inference
    except ImportError:
        return None
    model = onnx.load(str(path))
    for place, length in ((0, 1), (3, width)):
        model.graph.input[0].type.tensor_type.shape.dim[place].dim_value = length
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    graph = onnx.shape_inference.infer_shapes(model).graph
    shapes = {held.name: tuple(held.dims) for held in graph.initializer}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        shapes[value.name] = tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
    scales = {name for node in graph.node if node.op_type.endswith("eLinear") for name in node.input[1:]}
    weights = [
        held for held in graph.initializer if held.name not in scales and held.data_type != onnx.TensorProto.INT64
    ]
    types = {held.name: onnx.helper.tensor_dtype_to_np_dtype(held.data_type) for held in weights}
    return {
        "macs": sum(_macs(node, shapes) for node in graph.node),
        "weights": sum(math.prod(held.dims) for held in weights),
        "weight_bytes": sum(math.prod(held.dims) * np.dtype(types[held.name]).itemsize for held in weights),
    }


def _macs(node: Any, shapes: dict[str, tuple[int, ...]]) -> int:
    kind = node.op_type
    if kind in RECURRENT:
        steps, batch = shapes[node.input[0]][:2]
        return steps * batch * sum(math.prod(shapes[name]) for name in node.input[1:3])
    if kind not in ("Conv", "Gemm", "MatMul"):
        return 0
    out, (left, right) = shapes[node.output[0]], (shapes[name] for name in node.input[:2])
    if kind == "Conv":
        return math.prod(out) * math.prod(right[1:])
    if kind == "Gemm":
        return math.prod(out) * (math.prod(right) // out[-1])
    return math.prod(out) * left[-1]
