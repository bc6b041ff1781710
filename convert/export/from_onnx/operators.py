"""ONNX operators as TensorFlow operations: one small table, and what most of its entries share.

Convolutions, pooling and recurrences have modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from convert.errors import ConversionError
from convert.export.from_onnx import convolutions
from convert.export.from_onnx.node import Node
from convert.export.from_onnx.values import Value, alike, in_order, plain, turned, without

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


def _reshape(node: Node) -> Value:
    old, wanted = node.inputs[0].shape, list(node.integers(1, "shape", ()))
    shape = [old[place] if length == 0 else length for place, length in enumerate(wanted)]
    stored = in_order(node.inputs[0])
    return plain(stored.reshape(shape) if isinstance(stored, np.ndarray) else tf.reshape(stored, shape))


def _flatten(node: Node) -> Value:
    value = node.inputs[0]
    axis = node.attribute("axis", 1) % (value.rank + 1)
    return plain(tf.reshape(in_order(value), [int(np.prod(value.shape[:axis])), -1]))


def _squeeze(node: Node) -> Value:
    value = node.inputs[0]
    axes = node.integers(1, "axes", [a for a, length in enumerate(value.shape) if length == 1])
    return Value(tf.squeeze(value.stored, [value.axis(axis) for axis in axes]), without(value, axes))


def _unsqueeze(node: Node) -> Value:
    value = node.inputs[0]
    axes = node.integers(1, "axes", ())
    rank = value.rank + len(axes)
    lengths = iter(value.shape)
    shape = [1 if axis in {a % rank for a in axes} else next(lengths) for axis in range(rank)]
    stored = in_order(value)
    return plain(stored.reshape(shape) if isinstance(stored, np.ndarray) else tf.reshape(stored, shape))


def _transpose(node: Node) -> Value:
    value = node.inputs[0]
    return turned(value, node.attribute("perm", list(range(value.rank))[::-1]))


def _concat(node: Node) -> Value:
    tensors, order = alike(node.inputs)
    return Value(tf.concat(tensors, order[node.attribute("axis", 0) % len(order)]), order)


def _split(node: Node) -> Sequence[Value]:
    value, axis = node.inputs[0], node.attribute("axis", 0)
    count = len(node.outputs)
    length = value.shape[axis % value.rank]
    sizes = list(
        node.integers(1, "split", [-(-length // count)] * (count - 1) + [length - (count - 1) * -(-length // count)])
    )
    return [Value(part, value.order) for part in tf.split(value.stored, sizes, value.axis(axis))]


def _slice(node: Node) -> Value:
    value = node.inputs[0]
    starts, ends = node.integers(1, "starts", ()), node.integers(2, "ends", ())
    axes = node.integers(3, "axes", range(len(starts)))
    steps = node.integers(4, "steps", [1] * len(starts))
    taken = [slice(None)] * value.rank
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step < 1:
            raise ConversionError("slices that run backwards are not converted")
        taken[value.axis(axis)] = slice(start, None if end > 2**31 else end, step)
    return Value(value.stored[tuple(taken)], value.order)


def _gather(node: Node) -> Value:
    value, index = node.inputs[0], node.inputs[1]
    places = np.asarray(in_order(index))
    axis = node.attribute("axis", 0) % value.rank
    stored = in_order(value)
    places = np.where(places < 0, places + value.shape[axis], places)
    return plain(np.take(stored, places, axis) if value.is_constant else tf.gather(stored, places, axis=axis))


def _pad(node: Node) -> Value:
    value = node.inputs[0]
    mode = node.attribute("mode", b"constant")
    if mode != b"constant" or (len(node.inputs) > 3 and node.inputs[3].rank):
        raise ConversionError("only padding of all axes with one number is converted")
    pads, number = node.integers(1, "pads", ()), node.number(2, "value", 0.0) or 0.0
    around = [[0, 0] for _ in range(value.rank)]
    for axis in range(value.rank):
        around[value.axis(axis)] = [pads[axis], pads[axis + value.rank]]
    return Value(tf.pad(value.stored, around, constant_values=np.float32(number)), value.order)


def _softmax(function: Callable[..., Any]) -> Operation:
    def apply(node: Node) -> Value:
        value = node.inputs[0]
        return Value(function(value.stored, axis=value.axis(node.attribute("axis", -1))), value.order)

    return apply


def _parametric_relu(node: Node) -> Value:
    (x, slope), order = alike(node.inputs)
    return Value(tf.nn.relu(x) - slope * tf.nn.relu(-x), order)


def _same(node: Node) -> Value:
    return node.inputs[0]


def _cast(node: Node) -> Value:
    value = node.inputs[0]
    if not value.is_constant:
        return value
    return Value(value.stored.astype(np.float32 if node.attribute("to", 1) in (1, 10, 11) else np.int64), value.order)


def _constant(node: Node) -> Value:
    return plain(node.constant())


def _expand(node: Node) -> Value:
    value = node.inputs[0]
    shape = np.broadcast_shapes(value.shape, tuple(node.integers(1, "shape", ())))
    if shape == value.shape:
        return value
    stored = in_order(value)
    return plain(np.broadcast_to(stored, shape) if value.is_constant else tf.broadcast_to(stored, shape))


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
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Constant": _constant,
    "Conv": convolutions.conv,
    "ConvTranspose": convolutions.conv_transpose,
    "Div": _elementwise(lambda a, b: a / b),
    "Dropout": _same,
    "Elu": _unary(tf.nn.elu),
    "Erf": _unary(tf.math.erf),
    "Exp": _unary(tf.exp),
    "Expand": _expand,
    "Flatten": _flatten,
    "GRU": _recurrence("GRU"),
    "Gather": _gather,
    "Gemm": _gemm,
    "GlobalAveragePool": _everywhere(tf.reduce_mean),
    "GlobalMaxPool": _everywhere(tf.reduce_max),
    "HardSigmoid": _unary(_hard_sigmoid, alpha=0.2, beta=0.5),
    "HardSwish": _unary(lambda x: x * _hard_sigmoid(x, 1 / 6, 0.5)),
    "Identity": _same,
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
    "Pad": _pad,
    "Pow": _elementwise(tf.pow),
    "RNN": _recurrence("RNN"),
    "Reciprocal": _unary(tf.math.reciprocal),
    "ReduceMax": _reduce(tf.reduce_max),
    "ReduceMean": _reduce(tf.reduce_mean),
    "ReduceSum": _reduce(tf.reduce_sum),
    "Relu": _unary(tf.nn.relu),
    "Reshape": _reshape,
    "Sigmoid": _unary(tf.sigmoid),
    "Slice": _slice,
    "Softmax": _softmax(tf.nn.softmax),
    "Softplus": _unary(tf.math.softplus),
    "Split": _split,
    "Sqrt": _unary(tf.sqrt),
    "Squeeze": _squeeze,
    "Sub": _elementwise(lambda a, b: a - b),
    "Tanh": _unary(tf.tanh),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
"""By ONNX operator."""
