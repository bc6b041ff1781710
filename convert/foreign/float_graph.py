"""The float ONNX graph that every file is made from: one input, one output, static shapes but for the batch.

Whatever a model came as, here its input is ``pixels`` (N, channels, height, width) float32 and its output ``logits``,
(N, classes), of a line reader (N, steps, classes) with the blank as the last class.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, shape_inference, version_converter

from convert.errors import ConversionError
from convert.export.onnx_graph import IR_VERSION, OPSET
from convert.foreign.declared import Declared
from edge_digits.runtime.onnx import session_options

logger = logging.getLogger(__name__)

INPUT, OUTPUT = "pixels", "logits"
_SOFTMAX = ("Softmax", "LogSoftmax")
_STATES = {"LSTM": (5, 6), "GRU": (5,), "RNN": (5,)}
"""By recurrent node, which inputs are the state that it starts from."""


@dataclass(frozen=True)
class Changes:
    """How the graph's input and output differ from the model's. layout: of the model's input: "NCHW", "NHWC", "NHW"
    (no channels) or "flat". softmax: whether one at its end was left out. steps_first: whether its output is (steps, N,
    classes). blank_first: whether its blank is the first class."""

    layout: str
    softmax: bool = False
    steps_first: bool = False
    blank_first: bool = False

    def as_given(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, channels, height, width) in the layout that the model takes."""
        if self.layout == "NHWC":
            return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
        if self.layout == "NHW":
            return pixels[:, 0]
        return pixels.reshape(len(pixels), -1) if self.layout == "flat" else pixels

    def as_answered(self, outputs: NDArray[np.floating]) -> NDArray[np.floating]:
        """The model's outputs (its own axes) with axes and classes as the graph has them."""
        outputs = np.swapaxes(outputs, 0, 1) if self.steps_first else outputs
        return np.roll(outputs, -1, axis=-1) if self.blank_first else outputs


def float_graph(model: onnx.ModelProto, declared: Declared, name: str) -> tuple[onnx.ModelProto, Changes]:
    """``model`` as that graph, and what was changed. name: of the model, for messages.

    Raises ConversionError if it has not one input and one output, or shapes that are neither known nor declared.
    """
    model = _at_opset(model)
    _only_one(model, name)
    size, layout = _input(model, declared, name)
    _set_input(model, size, declared.preprocessing.channels, layout)
    model = _with_plain_recurrences(_folded(model, name))
    softmax = _drop_softmax(model)
    model, steps_first = _with_output(model, declared.blank_first, name)
    freed = _with_free_batch(model)
    made = freed if _same_scores(freed, model) else model
    onnx.checker.check_model(made, full_check=True)
    blank_first = declared.blank_first and len(lengths(made.graph.output[0])) == 3
    return made, Changes(layout, softmax, steps_first, blank_first)


def lengths(value: onnx.ValueInfoProto) -> list[int]:
    """Of each axis; 0 where it is free."""
    return [max(dim.dim_value, 0) for dim in value.type.tensor_type.shape.dim]


def session(model: onnx.ModelProto, quiet: bool = False) -> onnxruntime.InferenceSession:
    """What runs ``model`` here. quiet: whether errors are not printed, but only raised."""
    options = session_options()
    options.log_severity_level = 4 if quiet else options.log_severity_level
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def scores(running: onnxruntime.InferenceSession, values: NDArray[np.float32], batch: int = 32) -> NDArray[np.float32]:
    """The output of a session for (N, channels, height, width) float32, of any N above 0."""
    source = running.get_inputs()[0]
    batch = 1 if source.shape[0] == 1 else batch
    parts = [values[start : start + batch] for start in range(0, len(values), batch)]
    return np.concatenate([running.run(None, {source.name: part})[0] for part in parts])


def _at_opset(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in the operator set of this project's files, if it can be had."""
    given = next((item.version for item in model.opset_import if item.domain in ("", "ai.onnx")), 0)
    if given != OPSET:
        try:
            model = version_converter.convert_version(model, OPSET)
        # The converter's own errors share no base class but Exception; onnxruntime says what it cannot run.
        except Exception:
            logger.info("stays at operator set %d", given)
    made = onnx.ModelProto()
    made.CopyFrom(model)
    made.ir_version = min(made.ir_version, IR_VERSION)
    return made


def _only_one(model: onnx.ModelProto, name: str) -> None:
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


def _input(model: onnx.ModelProto, declared: Declared, name: str) -> tuple[tuple[int, int], str]:
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
        said = f" and --layout {layout}" if layout else ""
        raise ConversionError(
            f"{name}: takes {_shown(given)}, which does not fit {colours}{said}: see --colour and --layout"
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


def _set_input(model: onnx.ModelProto, size: tuple[int, int], channels: int, layout: str) -> None:
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


def _folded(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """With all shapes static, constants computed, and batch normalization in the convolution before it: by
    onnxruntime's basic optimization, which leaves standard operators."""
    options = session_options()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(path)
        try:
            onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        # onnxruntime's own errors share no base class but Exception.
        except Exception as error:
            raise ConversionError(f"{name}: onnxruntime cannot run it: {' '.join(str(error).split())}") from error
        made = onnx.load(path)
    return shape_inference.infer_shapes(made, data_prop=True)


def _with_plain_recurrences(model: onnx.ModelProto) -> onnx.ModelProto:
    """Recurrences start from zeros by themselves, for any batch, and give no output that nobody takes."""
    graph = model.graph
    held = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
    taken = {name for node in graph.node for name in node.input} | {graph.output[0].name}
    for node in graph.node:
        if node.op_type not in _STATES:
            continue
        for place in _STATES[node.op_type]:
            if place < len(node.input) and node.input[place] in held and not held[node.input[place]].any():
                node.input[place] = ""
        while not node.input[-1]:
            node.input.pop()
        node.output[:] = [name if name in taken else "" for name in node.output]
    return model


def _drop_softmax(model: onnx.ModelProto) -> bool:
    """Leave out a softmax at the end: scores are logits here, which int8 holds better."""
    graph = model.graph
    last = next(node for node in graph.node if graph.output[0].name in node.output)
    if last.op_type not in _SOFTMAX:
        return False
    graph.node.remove(last)
    graph.output[0].name = last.input[0]
    return True


def _with_output(model: onnx.ModelProto, blank_first: bool, name: str) -> tuple[onnx.ModelProto, bool]:
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


def _with_free_batch(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy whose batch is free, with the batch's place in reshapes left open."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    inferred = shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {value.name: lengths(value) for value in (*inferred.value_info, *inferred.output)}
    for place, node in enumerate(graph.node):
        shape = shapes.get(node.output[0], [])
        if node.op_type == "Reshape" and shape and 0 not in shape:
            # Where no axis is the batch it is one with the first.
            shape[shape.index(1) if 1 in shape else 0] = -1
            graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), f"shape_{place}"))
            node.input[1] = f"shape_{place}"
    for value in (graph.input[0], graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    used = {name for node in graph.node for name in node.input}
    kept = [weight for weight in graph.initializer if weight.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return made


def _same_scores(freed: onnx.ModelProto, model: onnx.ModelProto) -> bool:
    """Whether a free batch gives what its inputs give one by one."""
    shape = lengths(model.graph.input[0])
    values = np.random.default_rng(0).random((3, *shape[1:])).astype(np.float32)
    try:
        together = scores(session(freed, quiet=True), values)
    # onnxruntime's own errors share no base class but Exception.
    except Exception:
        return False
    singly = scores(session(model), values)
    return together.shape == singly.shape and bool(np.allclose(together, singly, rtol=1e-3, atol=1e-4))
