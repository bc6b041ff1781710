"""The float ONNX graph that every file is made from: one input, one output, static shapes but for the batch.

Whatever a model came as, here its input is ``pixels`` (N, channels, height, width) float32 and its output ``logits``,
(N, classes), of a line reader (N, steps, classes) with the blank as the last class.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import numpy_helper, shape_inference, version_converter

from convert.errors import ConversionError
from convert.export.onnx_graph import IR_VERSION, OPSET
from convert.foreign.graph.declared import Declared
from convert.foreign.graph.free_batch import same_scores, with_free_batch
from convert.foreign.graph.graph_ends import drop_softmax, input_of, only_one, set_input, with_output
from convert.foreign.graph.onnx_scores import lengths
from edge_digits.runtime.onnx import session_options

logger = logging.getLogger(__name__)

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
    only_one(model, name)
    size, layout = input_of(model, declared, name)
    set_input(model, size, declared.preprocessing.channels, layout)
    model = _with_plain_recurrences(_folded(model, name))
    softmax = drop_softmax(model)
    model, steps_first = with_output(model, declared.blank_first, name)
    freed = with_free_batch(model)
    made = freed if same_scores(freed, model) else model
    onnx.checker.check_model(made, full_check=True)
    blank_first = declared.blank_first and len(lengths(made.graph.output[0])) == 3
    return made, Changes(layout, softmax, steps_first, blank_first)


def _at_opset(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in the operator set of this project's files, if it can be had."""
    given = next((item.version for item in model.opset_import if item.domain in ("", "ai.onnx")), 0)
    if given != OPSET:
        try:
            model = version_converter.convert_version(model, OPSET)
        # The converter's own errors share no base class but Exception; onnxruntime says what it cannot run.
        except Exception as error:
            logger.info("stays at operator set %d, not %d: %s", given, OPSET, " ".join(str(error).split()))
    made = onnx.ModelProto()
    made.CopyFrom(model)
    made.ir_version = min(made.ir_version, IR_VERSION)
    return made


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
