"""ONNX convolutions and pooling as TensorFlow operations, channels last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from convert.errors import ConversionError
from convert.export.from_onnx.node import Node
from convert.export.from_onnx.values import LAST, Value, channels_last, in_order

Pads = list[tuple[int, int]]
Mode = Literal["VALID", "SAME"]
"""TensorFlow's word for a padding."""


def conv(node: Node) -> Value:
    """Conv over pictures, or over sequences as pictures one pixel high."""
    value, weight = node.inputs[0], in_order(node.inputs[1])
    if not node.inputs[1].is_constant:
        raise ConversionError("weights that are computed are not converted")
    lines = value.rank == 3
    if value.rank not in (3, 4):
        raise ConversionError(f"convolutions over {value.rank - 2} axes are not converted")
    x = tf.expand_dims(in_order(value, (0, 2, 1)), 1) if lines else in_order(value, LAST)
    kernel = (weight[:, :, None] if lines else weight).transpose(2, 3, 1, 0)
    strides, dilations = (_both(node.attribute(name, [1] * (value.rank - 2))) for name in ("strides", "dilations"))
    sides = [(k - 1) * d + 1 for k, d in zip(kernel.shape[:2], dilations, strict=True)]
    x, mode = _padded(x, _pads(node, x, sides, strides), sides, strides)
    x = _grouped(x, kernel, node.attribute("group", 1), strides, dilations, mode)
    if len(node.inputs) > 2:
        x = tf.nn.bias_add(x, in_order(node.inputs[2]))
    return Value(tf.squeeze(x, [1]), (0, 2, 1)) if lines else channels_last(x)


def _grouped(x: Any, kernel: Any, groups: int, strides: list[int], dilations: list[int], mode: Mode) -> Any:
    inputs, outputs = int(x.shape[3]), kernel.shape[3]
    if groups == 1:
        return tf.nn.conv2d(x, kernel, strides, mode, dilations=dilations)
    if groups == inputs and strides[0] == strides[1]:
        # One filter, or several, for each channel: (height, width, channels, filters of each).
        by_channel = kernel.reshape(*kernel.shape[:2], inputs, outputs // inputs)
        return tf.nn.depthwise_conv2d(x, by_channel, [1, *strides, 1], mode, dilations=dilations)
    parts = zip(tf.split(x, groups, 3), np.split(kernel, groups, 3), strict=True)
    return tf.concat([tf.nn.conv2d(part, k, strides, mode, dilations=dilations) for part, k in parts], 3)


def conv_transpose(node: Node) -> Value:
    """ConvTranspose with one group over pictures."""
    value, weight = node.inputs[0], in_order(node.inputs[1])
    plain_form = node.attribute("group", 1) == 1 and value.rank == 4
    if not plain_form or any(d != 1 for d in node.attribute("dilations", [1, 1])) or node.attribute("output_shape", ()):
        raise ConversionError("only ConvTranspose over pictures, with one group and no dilation, is converted")
    strides = _both(node.attribute("strides", [1, 1]))
    pads, more = node.attribute("pads", [0] * 4), node.attribute("output_padding", [0, 0])
    x, kernel = in_order(value, LAST), weight.transpose(2, 3, 1, 0)
    whole = [(int(x.shape[1 + a]) - 1) * strides[a] + kernel.shape[a] + more[a] for a in (0, 1)]
    x = tf.nn.conv2d_transpose(x, kernel, np.array([x.shape[0], *whole, kernel.shape[2]]), strides, "VALID")
    x = x[:, pads[0] : whole[0] - pads[2], pads[1] : whole[1] - pads[3]]
    return channels_last(tf.nn.bias_add(x, in_order(node.inputs[2])) if len(node.inputs) > 2 else x)


def max_pool(node: Node) -> Value:
    """MaxPool; what is padded never is the greatest."""
    x, sides, strides, pads = _pooling(node)
    if any(d != 1 for d in node.attribute("dilations", [1])):
        raise ConversionError("dilated pooling is not converted")
    if any(map(any, pads)) and not _is_same(x, pads, sides, strides):
        if any(2 * most > side for most, side in zip(map(max, pads), sides, strict=True)):
            raise ConversionError("padding of more than half a window is not converted")
        # What is mirrored is in the window already. Least numbers would take the range that int8 has for the others.
        x, pads = tf.pad(x, [[0, 0], *map(list, pads), [0, 0]], mode="SYMMETRIC"), [(0, 0), (0, 0)]
    return _pooled(node, tf.nn.max_pool2d(x, sides, strides, "SAME" if any(map(any, pads)) else "VALID"))


def average_pool(node: Node) -> Value:
    """AveragePool; what is padded counts as zero, or not at all."""
    x, sides, strides, pads = _pooling(node)
    counts = node.attribute("count_include_pad", 0)
    zeros = tf.pad(x, [[0, 0], *map(list, pads), [0, 0]]) if counts and any(map(any, pads)) else x
    padded, mode = _padded(zeros, [(0, 0), (0, 0)] if counts else pads, sides, strides)
    made = tf.nn.avg_pool2d(padded, sides, strides, mode)
    if mode == "VALID" and any(map(any, pads)) and not counts:
        ones = np.pad(np.ones(x.shape[1:3], np.float32), pads)
        windows = np.lib.stride_tricks.sliding_window_view(ones, sides)[:: strides[0], :: strides[1]]
        share = windows.mean(axis=(2, 3), dtype=np.float32)[None, :, :, None]
        made = made * (1 / share)
    return _pooled(node, made)


def _pooling(node: Node) -> tuple[Any, list[int], list[int], Pads]:
    value = node.inputs[0]
    if value.rank not in (3, 4):
        raise ConversionError(f"pooling over {value.rank - 2} axes is not converted")
    x = tf.expand_dims(in_order(value, (0, 2, 1)), 1) if value.rank == 3 else in_order(value, LAST)
    sides = _both(node.attribute("kernel_shape", []))
    strides = _both(node.attribute("strides", [1] * (value.rank - 2)))
    pads = _pads(node, x, sides, strides)
    if node.attribute("ceil_mode", 0):
        pads = [
            (low, high + _missing(int(x.shape[1 + a]) + low + high, sides[a], strides[a]))
            for a, (low, high) in enumerate(pads)
        ]
    return x, sides, strides, pads


def _missing(length: int, side: int, stride: int) -> int:
    """What the last window, which is not whole, lacks."""
    return -(length - side) % stride


def _pooled(node: Node, x: Any) -> Value:
    return Value(tf.squeeze(x, [1]), (0, 2, 1)) if node.inputs[0].rank == 3 else channels_last(x)


def _both(numbers: Sequence[int]) -> list[int]:
    """Height and width; a sequence is one pixel high."""
    return [int(n) for n in (numbers if len(numbers) == 2 else [1, *numbers])]


def _pads(node: Node, x: Any, sides: Sequence[int], strides: Sequence[int]) -> Pads:
    """Before and behind, of height and width."""
    automatic = node.attribute("auto_pad", b"NOTSET").decode()
    if automatic.startswith("SAME"):
        made = []
        for axis in (0, 1):
            length = int(x.shape[1 + axis])
            total = max((-(-length // strides[axis]) - 1) * strides[axis] + sides[axis] - length, 0)
            low = total // 2 if automatic == "SAME_UPPER" else total - total // 2
            made.append((low, total - low))
        return made
    pads = node.attribute("pads", []) if automatic == "NOTSET" else []
    axes = len(pads) // 2
    both = [(0, 0)] * (2 - axes) + [(int(pads[a]), int(pads[a + axes])) for a in range(axes)]
    return both if pads else [(0, 0), (0, 0)]


def _is_same(x: Any, pads: Pads, sides: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether TensorFlow's SAME means these pads: with a stride it pads right and bottom first."""
    lengths = [int(n) for n in x.shape[1:3]]
    totals = [max((-(-n // t) - 1) * t + k - n, 0) for n, t, k in zip(lengths, strides, sides, strict=True)]
    return pads == [(total // 2, total - total // 2) for total in totals]


def _padded(x: Any, pads: Pads, sides: Sequence[int], strides: Sequence[int]) -> tuple[Any, Mode]:
    """``x``, with zeros around it where TensorFlow has no word for these pads, and its word for what remains."""
    if not any(map(any, pads)):
        return x, "VALID"
    if _is_same(x, pads, sides, strides):
        return x, "SAME"
    return tf.pad(x, [[0, 0], *map(list, pads), [0, 0]]), "VALID"
