"""The input of the last fully connected layer becomes a model file's second output, so that this layer can be refitted
on a device, without a training framework. Scores stay the first output, and what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from convert.errors import ConversionError
from edge_digits.runtime.shapes import FEATURES

NETWORKS = ("cnn", "cnn-small", "judge")
"""Networks whose files have this output."""

_BEFORE_LAST = "before_last"
"""Name of that tensor where it is no output."""
_ROUNDING = ("QuantizeLinear", "DequantizeLinear")
_LAYERS = ("Gemm", "MatMul")
_NO_LAYER = "no fully connected layer gives the scores, so there are no features before it"


def tflite_with_features(content: bytes) -> bytes:
    """The .tflite file ``content`` with a second output of the name ``FEATURES``, in its subgraph and its signatures.
    In int8 it stays in integers, with its own scale and zero point.

    Raises ConversionError if no fully connected layer gives the scores, or if there is a second output already.
    """
    # Both need TensorFlow, without which .onnx files can be made.
    from tensorflow.lite.python import schema_py_generated as schema

    from convert.export.compact import packed

    model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    graph = model.subgraphs[0]
    if len(graph.outputs) != 1:
        raise ConversionError(f"a file with one output gets features, this one has {len(graph.outputs)}")
    maker = next(operator for operator in graph.operators if graph.outputs[0] in operator.outputs)
    if model.operatorCodes[maker.opcodeIndex].builtinCode != schema.BuiltinOperator.FULLY_CONNECTED:
        raise ConversionError(_NO_LAYER)
    index = int(maker.inputs[0])
    graph.tensors[index].name = FEATURES
    graph.outputs = [*map(int, graph.outputs), index]
    for signature in model.signatureDefs or ():
        signature.outputs.append(schema.TensorMapT(FEATURES, index))
    return packed(model)


def add_onnx_features(model: onnx.ModelProto) -> None:
    """Give ``model`` a second output of the name ``FEATURES``, (N, features) float32, in int8 cut off to what the last
    layer can be given, and not rounded.

    Raises ConversionError if no Gemm or MatMul gives the scores, or if there is a second output already.
    """
    graph = model.graph
    if len(graph.output) != 1:
        raise ConversionError(f"a file with one output gets features, this one has {len(graph.output)}")
    makers = {name: node for node in graph.node for name in node.output}
    layer = makers[graph.output[0].name]
    # A bias of its own and what rounds the scores stand behind the layer.
    while layer.op_type in (*_ROUNDING, "Add") and layer.input[0] in makers:
        layer = makers[layer.input[0]]
    if layer.op_type not in _LAYERS:
        raise ConversionError(_NO_LAYER)
    seen = layer.input[0]
    while seen in makers and makers[seen].op_type in _ROUNDING:
        seen = makers[seen].input[0]
    shape = _shape(model, seen)
    if seen == layer.input[0]:
        _rename(graph, seen, FEATURES)
    else:
        _clip(graph, seen)
    graph.output.append(helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, shape))


def drop_onnx_features(model: onnx.ModelProto) -> bool:
    """Take the second output out of ``model``, a float file, again. Returns whether there was one."""
    kept = [output for output in model.graph.output if output.name != FEATURES]
    dropped = len(kept) < len(model.graph.output)
    if dropped:
        del model.graph.output[:]
        model.graph.output.extend(kept)
        _rename(model.graph, FEATURES, _BEFORE_LAST)
    return dropped


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    # An output says its shape itself.
    kept = [value for value in graph.value_info if value.name not in (old, new)]
    del graph.value_info[:]
    graph.value_info.extend(kept)


def _clip(graph: onnx.GraphProto, name: str) -> None:
    """Cut a tensor that is rounded to integers off at the lowest and highest, which changes none of them, with the
    features behind it: onnxruntime makes integer kernels only where what is rounded, or has been, is nobody else's."""
    held = {weight.name: weight for weight in graph.initializer}
    takers = ((index, node) for index, node in enumerate(graph.node) if name in node.input)
    place, rounding = next(taker for taker in takers if taker[1].op_type == "QuantizeLinear")
    scale, zero = (numpy_helper.to_array(held[given]) for given in rounding.input[1:])
    limits = np.iinfo(zero.dtype)
    for end, limit in (("lowest", limits.min), ("highest", limits.max)):
        value = np.asarray(scale * (limit - zero.astype(np.float32)), np.float32)
        graph.initializer.append(numpy_helper.from_array(value, f"{FEATURES}_{end}"))
    rounding.input[0] = FEATURES
    clip = helper.make_node("Clip", [name, f"{FEATURES}_lowest", f"{FEATURES}_highest"], [FEATURES], FEATURES)
    graph.node.insert(place, clip)


def _shape(model: onnx.ModelProto, name: str) -> list[str | int]:
    """(batch, values) of a tensor of ``model``."""
    batch = model.graph.output[0].type.tensor_type.shape.dim[0]
    inferred = onnx.shape_inference.infer_shapes(model).graph
    for value in (*inferred.value_info, *inferred.input):
        if value.name == name:
            return [batch.dim_param or batch.dim_value, value.type.tensor_type.shape.dim[-1].dim_value]
    raise ConversionError(f"{name}: its shape is not known")
