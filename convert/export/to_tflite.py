"""torch -> TFLite, by walking over the network's layers with one table: layer type -> TensorFlow operation.

Input (1, height, width, channels): float32 in 0..1, or uint8 at scale 1/255 and zero point 0 for int8. Output (1,
classes) logits, of a network that reads lines (1, steps, classes). Where the batch is free, the runtime may make it
larger than one.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

# Read by TensorFlow's C++ side while it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf

from convert.errors import ConversionError
from convert.export import features
from convert.export.compact import compacted
from convert.export.folding import folded, reads_lines, recurrences
from convert.export.unrolled import unrolled
from edge_digits.runtime.shapes import channels_last
from edge_digits.runtime.spec import ModelSpec
from train import checkpoint
from train.layers import Columns, LastState, Recurrence, Rows, Steps

Operation = Callable[[Any], Any]
"""A TensorFlow tensor (1, height, width, channels) or (1, features) -> the next one."""


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return tensor.detach().cpu().numpy().astype(np.float32)


def _conv(layer: nn.Conv2d) -> Operation:
    if layer.groups != 1 or _pair(layer.dilation) != (1, 1) or layer.padding_mode != "zeros":
        raise ConversionError("only groups=1, dilation=1 and padding with zeros are converted")
    if isinstance(layer.padding, str):
        raise ConversionError("padding must be given in pixels")
    kernel = tf.constant(_array(layer.weight.permute(2, 3, 1, 0)))
    bias = tf.constant(_array(layer.bias) if layer.bias is not None else np.zeros(layer.out_channels, np.float32))
    stride, padding = _pair(layer.stride), _pair(layer.padding)
    if padding == (0, 0):
        mode, pads = "VALID", None
    elif stride == (1, 1) and all(2 * p + 1 == k for p, k in zip(padding, _pair(layer.kernel_size), strict=True)):
        mode, pads = "SAME", None
    else:
        # With a stride, TensorFlow's SAME pads right and bottom first where torch pads both sides: one pixel's
        # shift. XNNPACK fuses an explicit PAD into the convolution behind it, so this costs nothing.
        mode, pads = "VALID", [[0, 0], [padding[0]] * 2, [padding[1]] * 2, [0, 0]]

    def apply(x: Any) -> Any:
        return tf.nn.bias_add(tf.nn.conv2d(x if pads is None else tf.pad(x, pads), kernel, stride, mode), bias)

    return apply


def _pool(layer: nn.MaxPool2d | nn.AvgPool2d) -> Operation:
    if _pair(layer.padding) != (0, 0) or layer.ceil_mode or _pair(getattr(layer, "dilation", 1)) != (1, 1):
        raise ConversionError("only pooling without padding, ceil_mode and dilation is converted")
    pool = tf.nn.max_pool2d if isinstance(layer, nn.MaxPool2d) else tf.nn.avg_pool2d
    window, stride = _pair(layer.kernel_size), _pair(layer.stride)
    return lambda x: pool(x, window, stride, "VALID")


def _mean(layer: nn.AdaptiveAvgPool2d) -> Operation:
    if layer.output_size not in (1, (1, 1)):
        raise ConversionError("only output_size=1 is converted")
    return lambda x: tf.reduce_mean(x, [1, 2], keepdims=True)


def _flatten(layer: nn.Flatten) -> Operation:
    if (layer.start_dim, layer.end_dim) != (1, -1):
        raise ConversionError("only Flatten() of everything but the batch is converted")

    def apply(x: Any) -> Any:
        # torch flattens channels first; TensorFlow holds them last.
        one_place = x.shape[1] == x.shape[2] == 1
        flat = [1, -1] if x.shape[0] else [-1, x.shape[1] * x.shape[2] * x.shape[3]]
        return tf.reshape(x if one_place else tf.transpose(x, [0, 3, 1, 2]), flat)

    return apply


def _linear(layer: nn.Linear) -> Operation:
    weight = tf.constant(_array(layer.weight.T))
    bias = tf.constant(_array(layer.bias) if layer.bias is not None else np.zeros(layer.out_features, np.float32))
    return lambda x: tf.nn.bias_add(tf.matmul(x, weight), bias)


def _steps(_: Steps) -> Operation:
    def apply(x: Any) -> Any:
        if x.shape[1] != 1:
            raise ConversionError(f"a time step is {x.shape[1]} pixels high, not one")
        return tf.reshape(x, [x.shape[2], x.shape[3]])

    return apply


def _columns(_: Columns) -> Operation:
    # torch holds the features of a step channel by channel; TensorFlow holds channels last.
    return lambda x: tf.reshape(tf.transpose(x, [0, 2, 3, 1]), [x.shape[2], -1])


_TABLE: dict[type[nn.Module], Callable[[Any], Operation]] = {
    nn.Conv2d: _conv,
    nn.ReLU: lambda _: tf.nn.relu,
    nn.MaxPool2d: _pool,
    nn.AvgPool2d: _pool,
    nn.AdaptiveAvgPool2d: _mean,
    nn.Flatten: _flatten,
    nn.Linear: _linear,
    Steps: _steps,
    Rows: lambda _: lambda x: tf.reshape(x, x.shape[1:3]),
    Columns: _columns,
    Recurrence: lambda layer: unrolled(layer.layer),
    LastState: lambda layer: unrolled(layer.layer, last=True),
}


def _operations(network: nn.Sequential) -> list[Operation]:
    operations = []
    for position, layer in enumerate(folded(network)):
        kind = type(layer)
        if kind not in _TABLE:
            known = ", ".join(k.__name__ for k in _TABLE)
            raise ConversionError(f"layer {position} ({kind.__name__}) has no TensorFlow operation; known: {known}")
        try:
            operations.append(_TABLE[kind](layer))
        except ConversionError as error:
            raise ConversionError(f"layer {position} ({kind.__name__}): {error}") from error
    return operations


class _Network(tf.Module):
    """Holds the function while the converter works on it."""

    def __init__(self, network: nn.Sequential, shape: tuple[int | None, int, int, int]) -> None:
        super().__init__()
        operations = _operations(network)
        lines = reads_lines(network)
        self.repeats_itself = lines or bool(recurrences(network))

        def forward(pixels: Any) -> Any:
            x = pixels
            for operation in operations:
                x = operation(x)
            if lines:
                x = x[None]
            return tf.identity(x, name="logits")

        signature = tf.TensorSpec(shape, tf.float32, name="pixels")
        self.function = tf.function(forward, input_signature=[signature]).get_concrete_function()


def export(
    network: nn.Sequential,
    size: tuple[int, int],
    precision: str,
    samples: NDArray[np.uint8] | None = None,
    per_channel: bool = True,
    channels: int = 1,
    free_batch: bool = False,
) -> bytes:
    """The bytes of a TFLite file.

    network: in evaluation mode. size: height and width of its input in pixels. precision: "float32", "float16"
    (weights only, computed in float32) or "int8" (post-training; Jacob et al. 2018, section 3). per_channel: whether
    int8 weights have a scale for each output channel (Krishnamoorthi 2018, section 3.1.3), else one for all.
    samples: the calibration set, for int8, uint8 pixels as ``runtime.Model.scores`` takes them; it must hold 0 and 255,
    which makes the input's scale 1/255. channels: of the input. free_batch: whether more than one input may be run at a
    time. Raises ConversionError for a layer that the table does not know.
    """
    holder = _Network(network, (None if free_batch else 1, *size, channels))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([holder.function], holder)
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision == "int8":
        if samples is None or not len(samples):
            raise ConversionError("int8 needs calibration samples")

        def representative() -> Iterator[list[NDArray[np.float32]]]:
            for index in range(len(samples)):
                yield [channels_last(samples[index : index + 1]).astype(np.float32) / np.float32(255.0)]

        converter.representative_dataset = representative
        converter._experimental_disable_per_channel = not per_channel
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.int8
    content = converter.convert()
    return compacted(content) if holder.repeats_itself else content


def batched(spec: ModelSpec) -> bool:
    """Whether a network's files take several inputs at a time: the judge's first stage is asked for hundreds of nodes a
    frame, and a call costs as much as its arithmetic. Of larger networks it brings a twentieth, which padding eats."""
    return spec.task == "judge-first"


def main() -> None:
    """The child process: checkpoint (and samples, .npy) in, .tflite out."""
    parser = argparse.ArgumentParser(prog="python -m convert.export.to_tflite", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("precision", choices=("float32", "float16", "int8"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--width", type=int, help="columns of a strip (those of the checkpoint's spec)")
    parser.add_argument("--samples", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network, spec = checkpoint.load(arguments.checkpoint)
    samples = None if arguments.samples is None else np.load(arguments.samples)
    size = spec.input_shape[0], arguments.width or spec.input_shape[1]
    content = export(network, size, arguments.precision, samples, channels=spec.channels, free_batch=batched(spec))
    arguments.out.write_bytes(features.tflite_with_features(content) if spec.name in features.NETWORKS else content)


if __name__ == "__main__":
    main()
