"""ONNX operators that compute nothing: axes, parts and shapes of tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from convert.errors import ConversionError
from convert.export.from_onnx.node import Node
from convert.export.from_onnx.values import Value, alike, in_order, plain, turned, without


def reshape(node: Node) -> Value:
    """To another shape; 0 keeps a length."""
    old, wanted = node.inputs[0].shape, list(node.integers(1, "shape", ()))
    shape = [old[place] if length == 0 else length for place, length in enumerate(wanted)]
    stored = in_order(node.inputs[0])
    return plain(stored.reshape(shape) if isinstance(stored, np.ndarray) else tf.reshape(stored, shape))


def flatten(node: Node) -> Value:
    """To two axes."""
    value = node.inputs[0]
    axis = node.attribute("axis", 1) % (value.rank + 1)
    return plain(tf.reshape(in_order(value), [int(np.prod(value.shape[:axis])), -1]))


def squeeze(node: Node) -> Value:
    """Without axes of length 1."""
    value = node.inputs[0]
    axes = node.integers(1, "axes", [a for a, length in enumerate(value.shape) if length == 1])
    return Value(tf.squeeze(value.stored, [value.axis(axis) for axis in axes]), without(value, axes))


def unsqueeze(node: Node) -> Value:
    """With axes of length 1 more."""
    value = node.inputs[0]
    axes = node.integers(1, "axes", ())
    rank = value.rank + len(axes)
    lengths = iter(value.shape)
    shape = [1 if axis in {a % rank for a in axes} else next(lengths) for axis in range(rank)]
    stored = in_order(value)
    return plain(stored.reshape(shape) if isinstance(stored, np.ndarray) else tf.reshape(stored, shape))


def transpose(node: Node) -> Value:
    """Axes in another order: nothing is computed until something needs it."""
    value = node.inputs[0]
    return turned(value, node.attribute("perm", list(range(value.rank))[::-1]))


def concat(node: Node) -> Value:
    """Along an axis."""
    tensors, order = alike(node.inputs)
    return Value(tf.concat(tensors, order[node.attribute("axis", 0) % len(order)]), order)


def split(node: Node) -> Sequence[Value]:
    """Along an axis, in equal parts if no sizes are given."""
    value, axis = node.inputs[0], node.attribute("axis", 0)
    count = len(node.outputs)
    length = value.shape[axis % value.rank]
    sizes = list(
        node.integers(1, "split", [-(-length // count)] * (count - 1) + [length - (count - 1) * -(-length // count)])
    )
    return [Value(part, value.order) for part in tf.split(value.stored, sizes, value.axis(axis))]


def part(node: Node) -> Value:
    """A part along some axes."""
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


def gather(node: Node) -> Value:
    """At places along an axis."""
    value, index = node.inputs[0], node.inputs[1]
    places = np.asarray(in_order(index))
    axis = node.attribute("axis", 0) % value.rank
    stored = in_order(value)
    places = np.where(places < 0, places + value.shape[axis], places)
    return plain(np.take(stored, places, axis) if value.is_constant else tf.gather(stored, places, axis=axis))


def pad(node: Node) -> Value:
    """With one number around."""
    value = node.inputs[0]
    mode = node.attribute("mode", b"constant")
    if mode != b"constant" or (len(node.inputs) > 3 and node.inputs[3].rank):
        raise ConversionError("only padding of all axes with one number is converted")
    pads, number = node.integers(1, "pads", ()), node.number(2, "value", 0.0) or 0.0
    around = [[0, 0] for _ in range(value.rank)]
    for axis in range(value.rank):
        around[value.axis(axis)] = [pads[axis], pads[axis + value.rank]]
    return Value(tf.pad(value.stored, around, constant_values=np.float32(number)), value.order)


def same(node: Node) -> Value:
    """Its input."""
    return node.inputs[0]


def cast(node: Node) -> Value:
    """Constants to float32 or int64; what is computed is float32 anyway."""
    value = node.inputs[0]
    if not value.is_constant:
        return value
    return Value(value.stored.astype(np.float32 if node.attribute("to", 1) in (1, 10, 11) else np.int64), value.order)


def constant(node: Node) -> Value:
    """What the graph holds."""
    return plain(node.constant())


def expand(node: Node) -> Value:
    """Repeated along axes of length 1."""
    value = node.inputs[0]
    shape = np.broadcast_shapes(value.shape, tuple(node.integers(1, "shape", ())))
    if shape == value.shape:
        return value
    stored = in_order(value)
    return plain(np.broadcast_to(stored, shape) if value.is_constant else tf.broadcast_to(stored, shape))
