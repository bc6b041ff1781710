"""ONNX -> TFLite, by walking over the graph's nodes with one table: ONNX operator -> TensorFlow operation.

Input (1, height, width, channels) float32, in int8 uint8 with the scale and zero point that calibration gives it.
Output as the graph's, (1, classes) or (1, steps, classes), in int8 int8.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

# Read by TensorFlow's C++ side while it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf

from convert.errors import ConversionError
from convert.export.compact import compacted
from convert.export.from_onnx.node import Node
from convert.export.from_onnx.operators import TABLE
from convert.export.from_onnx.values import FIRST, Value, in_order, plain

PRECISIONS = ("float32", "int8")
RECURRENT = ("LSTM", "GRU", "RNN")


def unknown_nodes(model: onnx.ModelProto) -> list[str]:
    """What the table does not know: each node's name, with its operator."""
    return [f"{node.name or node.output[0]} ({node.op_type})" for node in model.graph.node if node.op_type not in TABLE]


def check_nodes(model: onnx.ModelProto) -> None:
    """Raises ConversionError, which names them, for nodes that the table does not know."""
    unknown = unknown_nodes(model)
    if unknown:
        raise ConversionError(
            f"layers {', '.join(unknown)}: no TensorFlow operation for them; known: {', '.join(TABLE)}"
        )


class _Network(tf.Module):
    """Holds the function while the converter works on it."""

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        graph = model.graph
        sides = [dim.dim_value for dim in graph.input[0].type.tensor_type.shape.dim]
        shape = [1, *sides[2:], sides[1]]
        held = {weight.name: plain(numpy_helper.to_array(weight)) for weight in graph.initializer}

        def forward(pixels: Any) -> Any:
            values = {**held, graph.input[0].name: Value(pixels, FIRST)}
            for place, node in enumerate(graph.node):
                # By it the tensors of the file are known, see ``mixed``.
                with tf.name_scope(scope(place, node)):
                    values |= _computed(node, values)
            return tf.identity(in_order(values[graph.output[0].name]), name="logits")

        signature = tf.TensorSpec(shape, tf.float32, name="pixels")
        self.function = tf.function(forward, input_signature=[signature], autograph=False).get_concrete_function()


def _computed(node: onnx.NodeProto, values: dict[str, Value]) -> dict[str, Value]:
    """The results of one node by their names. Raises ConversionError, which names it."""
    name = f"{node.name or node.output[0]} ({node.op_type})"
    try:
        made = TABLE[node.op_type](Node(node, tuple(values[n] if n else None for n in node.input)))
    except ConversionError as error:
        raise ConversionError(f"layer {name}: {error}") from error
    except (ValueError, TypeError, IndexError, tf.errors.InvalidArgumentError) as error:
        raise ConversionError(f"layer {name}: {' '.join(str(error).split())}") from error
    results = [made] if isinstance(made, Value) else made
    return {name: value for name, value in zip(node.output, results, strict=False) if name}


def scope(place: int, node: onnx.NodeProto) -> str:
    """What the names of tensors begin with that a graph's node number ``place`` became, and no other's."""
    return f"n{place}_" + re.sub(r"\W", "_", node.name)


def export(model: onnx.ModelProto, precision: str, samples: NDArray[np.float32] | None = None) -> bytes:
    """The bytes of a TFLite file.

    model: one input (N, channels, height, width) float32, one output; shapes are known but for N. precision: "float32"
    or "int8". samples: for int8, (M, channels, height, width) float32, from which ranges are taken. Raises
    ConversionError, which names them, for nodes that the table does not know, or not in this form.
    """
    check_nodes(model)
    holder = _Network(model)
    converter = _converter(holder, precision, samples)
    if precision == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.int8
    content = converter.convert()
    return compacted(content) if any(node.op_type in RECURRENT for node in model.graph.node) else content


def _converter(holder: _Network, precision: str, samples: NDArray[np.float32] | None) -> Any:
    """TensorFlow's. Raises ConversionError if int8 has no samples."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([holder.function], holder)
    if precision == "int8":
        if samples is None or not len(samples):
            raise ConversionError("int8 needs calibration samples")

        def representative() -> Iterator[list[NDArray[np.float32]]]:
            for index in range(len(samples)):
                yield [np.ascontiguousarray(samples[index : index + 1].transpose(0, 2, 3, 1))]

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = representative
    return converter


def main() -> None:
    """The child process: float32 .onnx (and samples, .npy) in, .tflite out; both in one, for TensorFlow's start takes
    longer than a file. One that fails keeps not the other from being made; the last line says why."""
    parser = argparse.ArgumentParser(prog="python -m convert.export.from_onnx.to_tflite", description=__doc__)
    parser.add_argument("source", type=Path)
    for precision in PRECISIONS:
        parser.add_argument(f"--{precision}", type=Path, metavar="OUT")
    parser.add_argument("--samples", type=Path)
    arguments = parser.parse_args()
    samples = None if arguments.samples is None else np.load(arguments.samples)
    model, failures = onnx.load(arguments.source), []
    for precision in PRECISIONS:
        out: Path | None = getattr(arguments, precision)
        if out is None:
            continue
        try:
            out.write_bytes(export(model, precision, samples))
        # TensorFlow's converter raises errors of many kinds, with pages of text.
        except Exception as error:
            traceback.print_exc()
            failures.append(" ".join(str(error).split())[:500])
    if failures:
        print("; ".join(dict.fromkeys(failures)), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
