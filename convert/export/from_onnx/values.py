"""Tensors of an ONNX graph as TensorFlow tensors whose transposition waits until somebody needs it.

ONNX holds channels first, TensorFlow last. Turned at once, every convolution would stand between two transpositions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

LAST = (0, 2, 3, 1)
"""Axes of ONNX's layout in the order of TensorFlow's: channels last."""
FIRST = (0, 3, 1, 2)
"""The other way."""


@dataclass(frozen=True)
class Value:
    """What ONNX calls this tensor is ``tf.transpose(stored, order)``. stored: a TensorFlow tensor, or a NumPy array
    where the graph holds a constant."""

    stored: Any
    order: tuple[int, ...]

    @property
    def is_constant(self) -> bool:
        """Whether it is known before the graph runs."""
        return isinstance(self.stored, np.ndarray)

    @property
    def shape(self) -> tuple[int, ...]:
        """As ONNX sees it."""
        return tuple(int(self.stored.shape[axis]) for axis in self.order)

    @property
    def rank(self) -> int:
        """How many axes."""
        return len(self.order)

    def axis(self, axis: int) -> int:
        """Where ONNX's ``axis`` is in what is stored."""
        return self.order[axis % self.rank]


def plain(stored: Any) -> Value:
    """A value whose axes stand as ONNX has them."""
    return Value(stored, tuple(range(len(stored.shape))))


def channels_last(stored: Any) -> Value:
    """The result of an operation on (N, H, W, C)."""
    return Value(stored, FIRST)


def turned(value: Value, axes: Sequence[int]) -> Value:
    """ONNX's Transpose: nothing is done yet."""
    return Value(value.stored, tuple(value.order[axis] for axis in axes))


def in_order(value: Value, axes: Sequence[int] | None = None) -> Any:
    """The tensor with ONNX's ``axes`` in this order (None: as ONNX has them)."""
    axes = range(value.rank) if axes is None else axes
    return _transposed(value.stored, tuple(value.order[axis] for axis in axes))


def alike(values: Sequence[Value]) -> tuple[list[Any], tuple[int, ...]]:
    """Tensors for an operation that goes element by element, with the order that its result has.

    All stand as the first computed one of the highest rank does, so that they can be broadcast as ONNX does.
    """
    rank = max(value.rank for value in values)
    order = next((v.order for v in values if v.rank == rank and not v.is_constant), tuple(range(rank)))
    back = tuple(int(axis) for axis in np.argsort(order))
    return [in_order(_widened(value, rank), back) for value in values], order


def without(value: Value, axes: Sequence[int]) -> tuple[int, ...]:
    """The order of what is left of ``value`` when ONNX's ``axes`` are gone."""
    left = [value.order[axis] for axis in range(value.rank) if axis not in {a % value.rank for a in axes}]
    return tuple(sorted(left).index(axis) for axis in left)


def _widened(value: Value, rank: int) -> Value:
    """``value`` with axes of length one in front."""
    missing = rank - value.rank
    if not missing:
        return value
    stored = in_order(value)
    shape = (1,) * missing + tuple(map(int, stored.shape))
    return plain(stored.reshape(shape) if isinstance(stored, np.ndarray) else tf.reshape(stored, shape))


def _transposed(stored: Any, axes: tuple[int, ...]) -> Any:
    if axes == tuple(range(len(axes))):
        return stored
    if isinstance(stored, np.ndarray):
        return stored.transpose(axes)
    shape = [stored.shape[axis] for axis in axes]
    # Axes of length one may go anywhere without moving a number.
    if sorted(moved := [axis for axis in axes if stored.shape[axis] != 1]) == moved:
        return tf.reshape(stored, shape)
    return tf.transpose(stored, axes)
