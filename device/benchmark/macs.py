"""Multiply-accumulates and bytes of weights in a model file, from the file itself."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from device.benchmark import onnx_macs
from edge_digits.errors import RuntimeMissingError
from edge_digits.runtime.spec import read_spec
from edge_digits.runtime.tflite import interpreter_module


def count(path: Path) -> dict[str, int] | None:
    """``macs`` of one inference, and ``weights`` (how many) and ``weight_bytes``; None where nothing is installed that
    opens the file. Raises ModelError for a file without a spec.

    Only convolutions and matrix products multiply and accumulate; all else is small beside them. What is counted is
    what the file says: zeros of a block-diagonal matrix as well. Strips of free width are as wide as the widest.
    """
    if path.suffix == ".onnx":
        return onnx_macs.count(path, read_spec(path).input_shape[1])
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
