"""ONNX -> TFLite in int8 with some nodes left in float (mixed precision), by the quantizer that TensorFlow's
quantization debugger uses.

Ranges are taken once, and serve many trials. Input and output are float32; where int8 meets float the file holds
QUANTIZE and DEQUANTIZE.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from tensorflow.lite.python.convert import mlir_quantize

from convert.export.compact import compacted
from convert.export.from_onnx.to_tflite import RECURRENT, _converter, _Network, check_nodes, scope
from edge_digits.runtime.tflite import interpreter_module
from edge_digits.system.native_stderr import native_stderr


@dataclass(frozen=True)
class Calibrated:
    """content: a float TFLite file that holds the ranges of its tensors. scopes: by node of the graph what the names of
    its tensors begin with. tensors: the names of all results. last: the node that gives the output, and what that is
    called. compact: whether steps repeat themselves."""

    content: bytes
    scopes: dict[str, str]
    tensors: tuple[str, ...]
    last: tuple[str, str]
    compact: bool


def calibrated(model: onnx.ModelProto, samples: NDArray[np.float32]) -> Calibrated:
    """``model`` with the ranges of its activations on ``samples``; see ``to_tflite.export`` for both, and what
    it raises."""
    check_nodes(model)
    holder = _Network(model)
    converter = _converter(holder, "int8", samples)
    converter._experimental_calibrate_only = True
    with native_stderr():
        content = converter.convert()
        interpreter = interpreter_module().Interpreter(model_content=content)
    names = {detail["index"]: detail["name"] for detail in interpreter.get_tensor_details()}
    results = [names[index] for op in interpreter._get_ops_details() for index in op["outputs"] if index in names]
    scopes = {node.name: scope(place, node) for place, node in enumerate(model.graph.node)}
    last = next(node.name for node in reversed(model.graph.node) if model.graph.output[0].name in node.output)
    output = names[interpreter.get_output_details()[0]["index"]]
    compact = any(node.op_type in RECURRENT for node in model.graph.node)
    return Calibrated(content, scopes, tuple(results), (last, output), compact)


def quantized(ranges: Calibrated, kept: Collection[str] = (), per_channel: bool = True) -> bytes:
    """The bytes of a TFLite file. kept: nodes of the graph that stay float. per_channel: whether weights have a scale
    for each output channel, else one for all."""
    prefixes = {ranges.scopes[name] for name in kept}
    # An operator that several nodes were fused into bears all their names: "n3_relu/Relu;n2_conv/Conv2D".
    denied = [name for name in ranges.tensors if any(part.split("/")[0] in prefixes for part in name.split(";"))]
    # The output bears the name of the whole function.
    denied += [ranges.last[1]] if ranges.last[0] in kept else []
    with native_stderr():
        made = mlir_quantize(ranges.content, disable_per_channel=not per_channel, denylisted_nodes=denied or None)
    content = bytes(made)  # pyright: ignore[reportArgumentType]  # TensorFlow says object
    return compacted(content) if ranges.compact else content
