"""ONNX models from nodes."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper


def model_of(
    nodes: list[onnx.NodeProto],
    given: list[int | str],
    answered: list[int | str],
    held: list[onnx.TensorProto] | None = None,
) -> onnx.ModelProto:
    """A model with the input ``x`` and the output ``y``."""
    made = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, given)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, answered)],
        held or [],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
