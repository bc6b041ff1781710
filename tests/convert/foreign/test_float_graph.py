"""Whatever a model's input and output are like, its float graph has one form."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from foreign_models import model_of
from onnx import helper, numpy_helper

from convert.errors import ConversionError
from convert.foreign.graph.declared import Declared
from convert.foreign.graph.float_graph import float_graph
from convert.foreign.graph.onnx_scores import lengths, scores, session
from edge_digits.runtime.preprocessing import Preprocessing

RANDOM = np.random.default_rng(0)


def _weight(name: str, *shape: int) -> onnx.TensorProto:
    return numpy_helper.from_array(RANDOM.standard_normal(shape).astype(np.float32), name)


def _integers(name: str, *values: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def _flat(given: list[int | str], end: str = "Identity") -> onnx.ModelProto:
    """A linear network of pictures of four values."""
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["flat"], "flat"),
        helper.make_node("MatMul", ["flat", "w"], ["z"], "product"),
        helper.make_node(end, ["z"], ["y"], "end"),
    ]
    return model_of(nodes, given, ["n", 3], [_integers("shape", -1, 4), _weight("w", 4, 3)])


def _line(steps_first: bool) -> onnx.ModelProto:
    """Of pictures one pixel high, one step a column, four classes."""
    held = [_integers("axes", 1, 2), _weight("w", 1, 4), _integers("back", 2)]
    nodes = [
        helper.make_node("Squeeze", ["x", "axes"], ["row"], "row"),
        helper.make_node("Unsqueeze", ["row", "back"], ["steps"], "steps"),
        helper.make_node("MatMul", ["steps", "w"], ["z"], "product"),
        helper.make_node("Transpose", ["z"], ["y"], "turn", perm=[1, 0, 2] if steps_first else [0, 1, 2]),
    ]
    return model_of(nodes, ["n", 1, 1, 6], ["a", "b", 4], held)


@pytest.mark.parametrize(
    ("given", "layout"),
    [
        (["n", 1, 2, 2], "NCHW"),
        (["n", 2, 2, 1], "NHWC"),
        (["n", 2, 2], "NHW"),
        (["n", 4], "flat"),
        ([1, 1, 2, 2], "NCHW"),
    ],
)
def test_the_layout_is_told_from_the_shape(given: list[int | str], layout: str) -> None:
    model = _flat(given)
    made, changes = float_graph(model, Declared(), "m")
    assert changes.layout == layout
    assert lengths(made.graph.input[0]) == [0, 1, 2, 2]
    values = RANDOM.random((5, 1, 2, 2)).astype(np.float32)
    expected = scores(session(model), changes.as_given(values), batch=1)
    assert scores(session(made), values) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("end", ["Softmax", "LogSoftmax"])
def test_a_softmax_at_the_end_is_left_out(end: str) -> None:
    made, changes = float_graph(_flat(["n", 4], end), Declared(), "m")
    assert changes.softmax
    assert end not in {node.op_type for node in made.graph.node}


@pytest.mark.parametrize("steps_first", [True, False])
@pytest.mark.parametrize("blank_first", [True, False])
def test_time_steps_come_second_and_the_blank_last(steps_first: bool, blank_first: bool) -> None:
    model = _line(steps_first)
    made, changes = float_graph(model, Declared(blank_first=blank_first), "m")
    assert (changes.steps_first, changes.blank_first) == (steps_first, blank_first)
    values = RANDOM.random((3, 1, 1, 6)).astype(np.float32)
    one_by_one = [changes.as_answered(scores(session(model), values[i : i + 1])) for i in range(3)]
    assert scores(session(made), values) == pytest.approx(np.concatenate(one_by_one), abs=1e-6)


def test_a_batch_that_cannot_be_free_stays_one() -> None:
    """Each picture less the mean over the batch."""
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["flat"], "flat"),
        helper.make_node("ReduceMean", ["flat", "axis"], ["mean"], "mean"),
        helper.make_node("Sub", ["flat", "mean"], ["z"], "less"),
        helper.make_node("MatMul", ["z", "w"], ["m"], "product"),
        helper.make_node("Add", ["m", "flat"], ["y"], "more"),
    ]
    held = [_integers("shape", -1, 4), _integers("axis", 0), _weight("w", 4, 4)]
    made, _ = float_graph(model_of(nodes, ["n", 1, 2, 2], ["n", 4], held), Declared(), "m")
    assert lengths(made.graph.input[0]) == [1, 1, 2, 2]


def test_sides_that_are_left_open_must_be_declared() -> None:
    model = _flat(["n", 1, "h", "w"])
    with pytest.raises(ConversionError, match="m: leaves open how large its pictures are: --size says it"):
        float_graph(model, Declared(), "m")
    assert lengths(float_graph(model, Declared(size=(2, 2)), "m")[0].graph.input[0]) == [0, 1, 2, 2]


def test_a_layout_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ConversionError, match=r"takes \(N, 1, 2, 2\), which does not fit 1 channel and --layout NHWC"):
        float_graph(_flat(["n", 1, 2, 2]), Declared(layout="NHWC"), "m")


def test_a_colour_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ConversionError, match="does not fit 3 channels: see --colour and --layout"):
        float_graph(_flat(["n", 1, 2, 2]), Declared(Preprocessing("rgb")), "m")


def test_two_outputs_are_refused_by_name() -> None:
    model = _flat(["n", 4])
    model.graph.output.append(helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, ["n", 3]))
    with pytest.raises(ConversionError, match=r"m: has 2 outputs \(y, z\): expected a network with one output"):
        float_graph(model, Declared(), "m")


def test_an_output_that_is_no_scores_is_refused() -> None:
    model = model_of([helper.make_node("Relu", ["x"], ["y"], "r")], ["n", 1, 2, 2], ["n", 1, 2, 2])
    with pytest.raises(ConversionError, match=r"m: gives \[1, 1, 2, 2\]: expected \(N, classes\)"):
        float_graph(model, Declared(), "m")
