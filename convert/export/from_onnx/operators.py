"""ONNX operators as TensorFlow operations: one small table, and what most of its entries share.

Convolutions, pooling, recurrences, and what moves tensors only, have modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from convert.errors import ConversionError
from convert.export.from_onnx import convolutions, layout
from convert.export.from_onnx.node import Node
from convert.export.from_onnx.values import Value, alike, in_order, plain, without

Operation = Callable[[Node], Value | Sequence[Value]]
"""A node with its inputs -> its outputs."""


def _elementwise(function: Callable[..., Any]) -> Operation:
    def apply(node: Node) -> Value:
        tensors, order = alike(node.inputs)
        return Value(function(*tensors), order)

    return apply


def _clip(node: Node) -> Value:
    low, high = (node.number(place, name, default) for place, name, default in ((1, "min", None), (2, "max", None)))
    value = node.inputs[0]
    if (low, high) == (0.0, 6.0):
        return Value(tf.nn.relu6(value.stored), value.order)
    if low == 0.0 and high is None:
        return Value(tf.nn.relu(value.stored), value.order)
    stored = value.stored
    stored = stored if high is None else tf.minimum(stored, np.float32(high))
    return Value(stored if low is None else tf.maximum(stored, np.float32(low)), value.order)


def _unary(function: Callable[..., Any], **defaults: float) -> Operation:
    """defaults: attributes that are handed on by their names."""

    def apply(node: Node) -> Value:
        value = node.inputs[0]
        given = {name: node.attribute(name, default) for name, default in defaults.items()}
        return Value(function(value.stored, **given), value.order)

    return apply


def _hard_sigmoid(x: Any, alpha: float, beta: float) -> Any:
    # As TensorFlow Lite's converter knows it: relu6(x + 3) / 6.
    if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5:
        return tf.nn.relu6(x + np.float32(3)) * np.float32(1 / 6)
    return tf.clip_by_value(x * np.float32(alpha) + np.float32(beta), 0.0, 1.0)


def _gemm(node: Node) -> Value:
    a, b = in_order(node.inputs[0]), in_order(node.inputs[1])
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    if node.attribute("transA", 0):
        raise ConversionError("transA is not converted")
    b = b.T if node.attribute("transB", 0) and node.inputs[1].is_constant else b
    product = tf.matmul(a, b * np.float32(alpha) if alpha != 1 else b)
    return plain(product if len(node.inputs) < 3 else _plus(product, in_order(node.inputs[2]) * np.float32(beta)))


def _plus(product: Any, bias: Any) -> Any:
    if isinstance(bias, np.ndarray) and bias.size == product.shape[-1]:
        return tf.nn.bias_add(product, tf.constant(bias.reshape(-1), tf.float32))
    return product + bias


def _matmul(node: Node) -> Value:
    left, right = in_order(node.inputs[0]), in_order(node.inputs[1])
    if not node.inputs[1].is_constant or node.inputs[1].rank != 2:
        return plain(tf.matmul(left, right))
    # Rows of one matrix: a fully connected layer, not a product of many matrices.
    rows = left if node.inputs[0].rank == 2 else tf.reshape(left, [-1, left.shape[-1]])
    product = tf.matmul(rows, right)
    return plain(product if node.inputs[0].rank == 2 else tf.reshape(product, [*left.shape[:-1], right.shape[1]]))


def _normalize(node: Node) -> Value:
    """Batch normalization as it is in evaluation: one factor and one summand for each channel."""
    value, scale, shift, mean, variance = node.inputs
    factor = in_order(scale) / np.sqrt(in_order(variance) + np.float32(node.attribute("epsilon", 1e-5)))
    summand = in_order(shift) - in_order(mean) * factor
    shape = [1] * value.rank
    shape[value.axis(1)] = -1
    return Value(value.stored * factor.reshape(shape) + summand.reshape(shape), value.order)


def _layer_normalize(node: Node) -> Value:
    value = node.inputs[0]
    x = in_order(value)
    axes = list(range(node.attribute("axis", -1) % value.rank, value.rank))
    centred = x - tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.reduce_mean(centred * centred, axes, keepdims=True)
    x = centred * tf.math.rsqrt(variance + np.float32(node.attribute("epsilon", 1e-5))) * in_order(node.inputs[1])
    return plain(x + in_order(node.inputs[2]) if len(node.inputs) > 2 else x)


def _reduce(function: Callable[..., Any]) -> Operation:
    def apply(node: Node) -> Value:
        value = node.inputs[0]
        axes = [axis % value.rank for axis in node.integers(1, "axes", range(value.rank))]
        keep = bool(node.attribute("keepdims", 1))
        made = function(value.stored, [value.axis(axis) for axis in axes], keepdims=keep)
        return Value(made, value.order if keep else without(value, axes))

    return apply


def _everywhere(function: Callable[..., Any]) -> Operation:
    """Over all places of each channel."""

    def apply(node: Node) -> Value:
        value = node.inputs[0]
        places = [value.axis(axis) for axis in range(2, value.rank)]
        return Value(function(value.stored, places, keepdims=True), value.order)

    return apply


def _softmax(function: Callable[..., Any]) -> Operation:
    def apply(node: Node) -> Value:
        value = node.inputs[0]
        return Value(function(value.stored, axis=value.axis(node.attribute("axis", -1))), value.order)

    return apply


def _parametric_relu(node: Node) -> Value:
    (x, slope), order = alike(node.inputs)
    return Value(tf.nn.relu(x) - slope * tf.nn.relu(-x), order)


def _recurrence(kind: str) -> Operation:
    """Imported when a graph has one: torch, which it goes through, takes seconds."""

    def apply(node: Node) -> Sequence[Value]:
        from convert.export.from_onnx import recurrence

        return recurrence.KINDS[kind](node)

    return apply


TABLE: dict[str, Operation] = {
    "Abs": _unary(tf.abs),
    "Add": _elementwise(lambda a, b: a + b),
    "AveragePool": convolutions.average_pool,
    "BatchNormalization": _normalize,
    "Cast": layout.cast,
    "Clip": _clip,
    "Concat": layout.concat,
    "Constant": layout.constant,
    "Conv": convolutions.conv,
    "ConvTranspose": convolutions.conv_transpose,
    "Div": _elementwise(lambda a, b: a / b),
    "Dropout": layout.same,
    "Elu": _unary(tf.nn.elu),
    "Exp": _unary(tf.exp),
    "Expand": layout.expand,
    "Flatten": layout.flatten,
    "GRU": _recurrence("GRU"),
    "Gather": layout.gather,
    "Gemm": _gemm,
    "GlobalAveragePool": _everywhere(tf.reduce_mean),
    "GlobalMaxPool": _everywhere(tf.reduce_max),
    "HardSigmoid": _unary(_hard_sigmoid, alpha=0.2, beta=0.5),
    "HardSwish": _unary(lambda x: x * _hard_sigmoid(x, 1 / 6, 0.5)),
    "Identity": layout.same,
    "LSTM": _recurrence("LSTM"),
    "LayerNormalization": _layer_normalize,
    "LeakyRelu": _unary(lambda x, alpha: tf.nn.leaky_relu(x, alpha), alpha=0.01),
    "Log": _unary(tf.math.log),
    "LogSoftmax": _softmax(tf.nn.log_softmax),
    "MatMul": _matmul,
    "Max": _elementwise(tf.maximum),
    "MaxPool": convolutions.max_pool,
    "Min": _elementwise(tf.minimum),
    "Mul": _elementwise(lambda a, b: a * b),
    "Neg": _unary(tf.negative),
    "PRelu": _parametric_relu,
    "Pad": layout.pad,
    "Pow": _elementwise(tf.pow),
    "RNN": _recurrence("RNN"),
    "Reciprocal": _unary(tf.math.reciprocal),
    "ReduceMax": _reduce(tf.reduce_max),
    "ReduceMean": _reduce(tf.reduce_mean),
    "ReduceSum": _reduce(tf.reduce_sum),
    "Relu": _unary(tf.nn.relu),
    "Reshape": layout.reshape,
    "Sigmoid": _unary(tf.sigmoid),
    "Slice": layout.part,
    "Softmax": _softmax(tf.nn.softmax),
    "Softplus": _unary(tf.math.softplus),
    "Split": layout.split,
    "Sqrt": _unary(tf.sqrt),
    "Squeeze": layout.squeeze,
    "Sub": _elementwise(lambda a, b: a - b),
    "Tanh": _unary(tf.tanh),
    "Transpose": layout.transpose,
    "Unsqueeze": layout.unsqueeze,
}
"""By ONNX operator."""
