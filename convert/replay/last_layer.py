"""The last fully connected layer of a TFLite file, as weights of real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.runtime.last_layer import LastLayer


def last_layer_of(content: bytes) -> LastLayer:
    """weights (F, classes) and bias (classes,) float32 of the layer that gives the first output of an int8 or float
    .tflite file."""
    from tensorflow.lite.python import schema_py_generated as schema

    model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    graph = model.subgraphs[0]
    layer = next(operator for operator in graph.operators if graph.outputs[0] in operator.outputs)
    weights, bias = (_values(model, graph.tensors[index], schema) for index in layer.inputs[1:3])
    return LastLayer(np.ascontiguousarray(weights.T), bias)


def _values(model: Any, tensor: Any, schema: Any) -> NDArray[np.float32]:
    """A constant tensor's values, dequantized."""
    kinds = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT8: np.int8, schema.TensorType.INT32: np.int32}
    held = np.frombuffer(bytes(model.buffers[tensor.buffer].data), kinds[tensor.type]).reshape(tensor.shape)
    if held.dtype == np.float32:
        return held.astype(np.float32)
    scale = np.asarray(tensor.quantization.scale, np.float32)
    # One for the whole tensor, or one for each row.
    return np.asarray(held * scale.reshape(-1, *[1] * (held.ndim - 1)), np.float32)
