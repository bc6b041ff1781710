"""Multiply-accumulates and bytes of weights in a model file, from the file itself."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from edge_digits.errors import RuntimeMissingError
from edge_digits.runtime.spec import read_spec
from edge_digits.runtime.tflite import interpreter_module

RECURRENT = ("RNN", "GRU", "LSTM")


def count(path: Path) -> dict[str, int] | None:
    """``macs`` of one inference, and ``weights`` (how many) and ``weight_bytes``; None where nothing is installed that
    opens the file. Raises ModelError for a file without a spec.

    Only convolutions and matrix products multiply and accumulate; all else is small beside them. What is counted is
    what the file says: zeros of a block-diagonal matrix as well. Strips of free width are as wide as the widest.
    """
    if path.suffix == ".onnx":
        return _onnx(path, read_spec(path).input_shape[1])
    try:
        runtime = interpreter_module()
    except RuntimeMissingError:
        return None
    interpreter = runtime.Interpreter(
        model_path=str(path), experimental_op_resolver_type=runtime.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    tensors = {d["index"]: d for d in interpreter.get_tensor_details()}
    operators = interpreter._get_ops_details()
    made = {int(index) for op in operators for index in op["outputs"]}
    given = {d["index"] for d in interpreter.get_input_details()}
    used = {int(index) for op in operators for index in op["inputs"] if index >= 0}
    constants = [tensors[index] for index in used - made - given if index in tensors]
    weights = [d for d in constants if d["shape"].size >= 1 and not _is_shape(d)]
    return {
        "macs": sum(_macs(op, tensors) for op in operators),
        "weights": sum(_size(d) for d in weights),
        "weight_bytes": sum(_size(d) * np.dtype(d["dtype"]).itemsize for d in weights),
    }


def _is_shape(tensor: dict[str, Any]) -> bool:
    """Axes, paddings and shapes are constants too; they are small and whole numbers, and biases of int8 files are not
    so small or have a scale."""
    return np.dtype(tensor["dtype"]) in (np.int32, np.int64) and not tensor["quantization_parameters"]["scales"].size


def _size(tensor: dict[str, Any]) -> int:
    return math.prod(int(n) for n in tensor["shape"])


def _macs(operator: dict[str, Any], tensors: dict[int, dict[str, Any]]) -> int:
    kind = operator["op_name"]
    if kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL"):
        return 0
    out = _size(tensors[int(operator["outputs"][0])])
    left, right = (tensors[int(index)]["shape"] for index in operator["inputs"][:2])
    if kind == "CONV_2D":
        return out * math.prod(int(n) for n in right[1:])
    if kind == "DEPTHWISE_CONV_2D":
        return out * int(right[1]) * int(right[2])
    return out * int(right[-1] if kind == "FULLY_CONNECTED" else left[-1])


def _onnx(path: Path, width: int) -> dict[str, int] | None:
    """As ``count``; None if ``onnx`` is not installed. width: of the input, where it is free.

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
    not_learnt = [node for node in graph.node if node.op_type.endswith("eLinear") or node.op_type == "Clip"]
    scales = {name for node in not_learnt for name in node.input[1:]}
    weights = [
        held for held in graph.initializer if held.name not in scales and held.data_type != onnx.TensorProto.INT64
    ]
    types = {held.name: onnx.helper.tensor_dtype_to_np_dtype(held.data_type) for held in weights}
    return {
        "macs": sum(_node_macs(node, shapes) for node in graph.node),
        "weights": sum(math.prod(held.dims) for held in weights),
        "weight_bytes": sum(math.prod(held.dims) * np.dtype(types[held.name]).itemsize for held in weights),
    }


def _node_macs(node: Any, shapes: dict[str, tuple[int, ...]]) -> int:
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
