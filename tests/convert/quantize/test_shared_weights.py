"""Networks whose layers share weights become int8 ONNX files that onnxruntime loads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from convert.quantize.onnx_int8 import to_int8
from edge_digits.runtime.onnx import session_options


def tied() -> onnx.ModelProto:
    """The same fully connected layer twice, a ReLU between."""
    random = np.random.default_rng(0)
    constants = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name)
        for name, shape in (("weights", (6, 6)), ("bias", (6,)))
    ]
    nodes = [
        helper.make_node("Gemm", ["pixels", "weights", "bias"], ["first"], "first"),
        helper.make_node("Relu", ["first"], ["positive"], "relu"),
        helper.make_node("Gemm", ["positive", "weights", "bias"], ["logits"], "second"),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 6]) for name in ("pixels", "logits")]
    graph = helper.make_graph(nodes, "tied", [ends[0]], [ends[1]], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def test_layers_that_share_weights_are_loaded_and_answer_as_float_does(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).random((64, 6), np.float32)
    onnx.save(tied(), tmp_path / "float.onnx")
    to_int8(tmp_path / "float.onnx", tmp_path / "int8.onnx", samples)
    answers = [
        onnxruntime.InferenceSession(str(tmp_path / name), session_options()).run(None, {"pixels": samples})[0]
        for name in ("float.onnx", "int8.onnx")
    ]
    scale = np.abs(np.asarray(answers[0])).max()
    assert np.abs(np.asarray(answers[0]) - np.asarray(answers[1])).max() < 0.05 * scale
