"""Input and output of a foreign ONNX graph: how they are, and how they are made what all have here."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from convert.errors import ConversionError
from convert.foreign.graph.declared import Declared
from convert.foreign.graph.onnx_scores import lengths

INPUT, OUTPUT = "pixels", "logits"
_SOFTMAX = ("Softmax", "LogSoftmax")


def only_one(model: onnx.ModelProto, name: str) -> None:
    held = {weight.name for weight in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in held]
    for what, values in (("input", inputs), ("output", model.graph.output)):
        if len(values) != 1:
            listed = ", ".join(value.name for value in values)
            raise ConversionError(f"{name}: has {len(values)} {what}s ({listed}): expected a network with one {what}")
    if inputs[0].type.tensor_type.elem_type != TensorProto.FLOAT:
        kind = TensorProto.DataType.Name(inputs[0].type.tensor_type.elem_type)
        raise ConversionError(f"{name}: its input '{inputs[0].name}' is {kind}: expected float32")
    del model.graph.input[:]
    model.graph.input.append(inputs[0])


def input_of(model: onnx.ModelProto, declared: Declared, name: str) -> tuple[tuple[int, int], str]:
    """Height and width of the input, and its layout."""
    given, channels = lengths(model.graph.input[0]), declared.preprocessing.channels
    if len(given) == 2:
        features = given[1]
        side = isqrt(max(features, 0) // channels)
        size = declared.size or (side, side)
        if features and size[0] * size[1] * channels != features:
            raise ConversionError(f"{name}: takes {features} values: --size says how high and wide its pictures are")
        return size, "flat"
    if len(given) == 3:
        return _size(given[1:], declared, name), "NHW"
    if len(given) != 4:
        raise ConversionError(f"{name}: its input has {len(given)} axes: expected pictures, with 2 to 4")
    fitting = [layout for layout, axis in (("NCHW", 1), ("NHWC", 3)) if given[axis] in (0, channels)]
    layout = declared.layout or (fitting[0] if fitting else "")
    if layout not in fitting:
        colours = f"{channels} channel{'s' if channels > 1 else ''}"
        declared_layout = f" and --layout {layout}" if layout else ""
        raise ConversionError(
            f"{name}: takes {_shown(given)}, which does not fit {colours}{declared_layout}: see --colour and --layout"
        )
    return _size(given[2:] if layout == "NCHW" else given[1:3], declared, name), layout


def _shown(given: Sequence[int]) -> str:
    return f"({', '.join(str(n) if n else 'N' if not place else 'any' for place, n in enumerate(given))})"


def _size(given: Sequence[int], declared: Declared, name: str) -> tuple[int, int]:
    size = tuple(n or wanted for n, wanted in zip(given, declared.size or (0, 0), strict=True))
    if 0 in size:
        raise ConversionError(f"{name}: leaves open how large its pictures are: --size says it, such as --size 28x28")
    if declared.size and size != declared.size:
        raise ConversionError(
            f"{name}: takes pictures of {size[0]}x{size[1]}, not --size {declared.size[0]}x{declared.size[1]}"
        )
    return size[0], size[1]


def set_input(model: onnx.ModelProto, size: tuple[int, int], channels: int, layout: str) -> None:
    """Give the graph the input (1, channels, height, width)."""
    graph, taken = model.graph, model.graph.input[0].name
    if layout == "NHWC":
        node = helper.make_node("Transpose", [INPUT], ["given"], "layout", perm=[0, 2, 3, 1])
    elif layout == "NCHW":
        node = helper.make_node("Identity", [INPUT], ["given"], "layout")
    else:
        shape = [-1, channels * size[0] * size[1]] if layout == "flat" else [-1, *size]
        graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), "given_shape"))
        node = helper.make_node("Reshape", [INPUT, "given_shape"], ["given"], "layout")
    for other in graph.node:
        other.input[:] = ["given" if one == taken else one for one in other.input]
        if taken != INPUT:
            other.output[:] = [f"{one}_" if one == INPUT else one for one in other.output]
    graph.node.insert(0, node)
    del graph.input[:], graph.value_info[:]
    graph.input.append(helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, channels, *size]))
    graph.output[0].type.tensor_type.ClearField("shape")


def drop_softmax(model: onnx.ModelProto) -> bool:
    """Leave out a softmax at the end: scores are logits here, which int8 holds better."""
    graph = model.graph
    last = next(node for node in graph.node if graph.output[0].name in node.output)
    if last.op_type not in _SOFTMAX:
        return False
    graph.node.remove(last)
    graph.output[0].name = last.input[0]
    return True


def with_output(model: onnx.ModelProto, blank_first: bool, name: str) -> tuple[onnx.ModelProto, bool]:
    """The graph with its output as all outputs are here, and whether its time steps came first."""
    graph = model.graph
    end = graph.output[0].name
    shape = _shape(model, end)
    if len(shape) not in (2, 3) or 0 in shape:
        raise ConversionError(f"{name}: gives {shape}: expected (N, classes), or (N, steps, classes) of a line reader")
    steps_first = len(shape) == 3 and shape[0] > 1 and shape[1] == 1
    if shape[0] != 1 and not steps_first:
        raise ConversionError(f"{name}: gives {shape} for one picture: expected (1, classes) or (1, steps, classes)")
    if steps_first:
        graph.node.append(helper.make_node("Transpose", [end], ["by_batch"], "by_batch", perm=[1, 0, 2]))
        end, shape = "by_batch", [shape[1], shape[0], shape[2]]
    if blank_first and len(shape) == 3:
        order = np.roll(np.arange(shape[2]), -1)
        graph.initializer.append(numpy_helper.from_array(order, "class_order"))
        graph.node.append(helper.make_node("Gather", [end, "class_order"], ["blank_last"], "blank_last", axis=2))
        end = "blank_last"
    for node in graph.node:
        node.input[:] = [OUTPUT if one == end else f"{one}_" if one == OUTPUT else one for one in node.input]
        node.output[:] = [OUTPUT if one == end else f"{one}_" if one == OUTPUT else one for one in node.output]
    del graph.output[:], graph.value_info[:]
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, shape))
    for place, node in enumerate(graph.node):
        node.name = node.name or f"{node.op_type.lower()}_{place}"
    return model, steps_first


def _shape(model: onnx.ModelProto, name: str) -> list[int]:
    inferred = shape_inference.infer_shapes(model, data_prop=True).graph
    for value in (*inferred.value_info, *inferred.output):
        if value.name == name and value.type.tensor_type.HasField("shape"):
            return lengths(value)
    return []
