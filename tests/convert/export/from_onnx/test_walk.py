"""A graph of each operator of the table computes in TFLite what ONNX Runtime computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

pytest.importorskip("tensorflow", reason="TFLite needs tensorflow: pip install -e '.[convert]'")

from convert.errors import ConversionError
from convert.export.from_onnx.operators import TABLE
from convert.export.from_onnx.to_tflite import export
from edge_digits.runtime.onnx import session_options
from edge_digits.runtime.tflite import interpreter_module

RANDOM = np.random.default_rng(0)
SHAPE = (1, 4, 6, 8)


def _floats(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def _of(*nodes: onnx.NodeProto, **held: Any) -> onnx.ModelProto:
    """A model from ``x``, of ``SHAPE``, to ``y``."""
    weights = [numpy_helper.from_array(np.asarray(values), name) for name, values in held.items()]
    source = helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)
    target = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(list(nodes), "graph", [source], [target], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _one(kind: str, *inputs: str, held: dict[str, Any] | None = None, **attributes: Any) -> onnx.ModelProto:
    return _of(helper.make_node(kind, ["x", *inputs], ["y"], kind, **attributes), **(held or {}))


def _line(kind: str, gates: int, both: bool, **attributes: Any) -> onnx.ModelProto:
    """A recurrence over the columns of the first channel's and row's picture."""
    ways, hidden = 1 + both, 5
    held = {
        "w": _floats(ways, gates * hidden, 6) * 0.5,
        "r": _floats(ways, gates * hidden, hidden) * 0.5,
        "b": _floats(ways, 2 * gates * hidden) * 0.5,
        "axis": np.array([1]),
    }
    direction = "bidirectional" if both else "forward"
    nodes = [
        helper.make_node("ReduceMean", ["x", "axis"], ["m"], "mean", keepdims=0),
        helper.make_node("Transpose", ["m"], ["t"], "turn", perm=[2, 0, 1]),
        helper.make_node(
            kind, ["t", "w", "r", "b"], ["y"], kind, hidden_size=hidden, direction=direction, **attributes
        ),
    ]
    return _of(*nodes, **held)


KERNEL = {"w": _floats(5, 4, 3, 3), "b": _floats(5)}
EACH = {"w": _floats(8, 1, 3, 3)}
GROUPS = {"w": _floats(6, 2, 3, 3)}
NORM = {"s": _floats(4), "o": _floats(4), "m": _floats(4), "v": np.abs(_floats(4)) + 0.5}

GRAPHS = {
    "convolution": _one("Conv", "w", "b", held=KERNEL, pads=[1, 1, 1, 1]),
    "convolution with a stride": _one("Conv", "w", "b", held=KERNEL, pads=[1, 1, 1, 1], strides=[2, 2]),
    "convolution without padding": _one("Conv", "w", held=KERNEL, strides=[2, 1]),
    "convolution, padded as SAME": _one("Conv", "w", "b", held=KERNEL, auto_pad="SAME_UPPER", strides=[2, 2]),
    "convolution, padded low": _one("Conv", "w", "b", held=KERNEL, auto_pad="SAME_LOWER", strides=[2, 2]),
    "dilated convolution": _one("Conv", "w", held=KERNEL, dilations=[2, 2], pads=[2, 2, 2, 2]),
    "depthwise convolution": _one("Conv", "w", held=EACH, group=4, pads=[1, 1, 1, 1]),
    "grouped convolution": _one("Conv", "w", held=GROUPS, group=2, pads=[1, 1, 1, 1]),
    "transposed convolution": _one("ConvTranspose", "w", held={"w": _floats(4, 3, 2, 2)}, strides=[2, 2]),
    "greatest of windows": _one("MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
    "greatest of padded windows": _one("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    "greatest of windows, the last not whole": _one("MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
    "mean of windows": _one("AveragePool", kernel_shape=[2, 2], strides=[2, 2]),
    "mean of padded windows": _one("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    "mean with the padding": _one(
        "AveragePool", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1], count_include_pad=1
    ),
    "mean of all": _one("GlobalAveragePool"),
    "greatest of all": _one("GlobalMaxPool"),
    "mean over axes": _one("ReduceMean", "a", held={"a": np.array([2, 3])}, keepdims=0),
    "sum over channels": _one("ReduceSum", "a", held={"a": np.array([1])}, keepdims=1),
    "batch normalization": _one("BatchNormalization", "s", "o", "m", "v", held=NORM),
    "layer normalization": _one("LayerNormalization", "s", "o", held={"s": _floats(8), "o": _floats(8)}),
    "relu": _one("Relu"),
    "relu of six": _one("Clip", "l", "h", held={"l": np.float32(0), "h": np.float32(6)}),
    "clipping": _one("Clip", "l", "h", held={"l": np.float32(-0.5), "h": np.float32(0.7)}),
    "leaky relu": _one("LeakyRelu", alpha=0.1),
    "relu with slopes": _one("PRelu", "s", held={"s": np.abs(_floats(4, 1, 1))}),
    "sigmoid": _one("Sigmoid"),
    "hyperbolic tangent": _one("Tanh"),
    "hard swish": _one("HardSwish"),
    "hard sigmoid": _one("HardSigmoid", alpha=0.25, beta=0.4),
    "exponential linear unit": _one("Elu"),
    "softmax over channels": _one("Softmax", axis=1),
    "sum with a bias of channels": _one("Add", "c", held={"c": _floats(4, 1, 1)}),
    "product with a column": _one("Mul", "c", held={"c": _floats(8)}),
    "concatenation of channels": _of(helper.make_node("Concat", ["x", "x"], ["y"], "two", axis=1)),
    "flat": _one("Flatten"),
    "reshape": _one("Reshape", "s", held={"s": np.array([0, -1, 4])}),
    "transposition": _one("Transpose", perm=[0, 2, 3, 1]),
    "part": _one(
        "Slice", "s", "e", "a", "t",
        held={"s": np.array([1, -6]), "e": np.array([3, 2**40]), "a": np.array([1, 3]), "t": np.array([1, 2])},
    ),
    "places": _one("Gather", "i", held={"i": np.array([2, -1])}, axis=1),
    "padding": _one("Pad", "p", held={"p": np.array([0, 0, 1, 2, 0, 0, 0, 1])}),
    "both halves": _of(
        helper.make_node("Split", ["x", "s"], ["a", "b"], "halves", axis=1),
        helper.make_node("Sub", ["a", "b"], ["y"], "less"),
        s=np.array([2, 2]),
    ),
    "fully connected": _of(
        helper.make_node("Flatten", ["x"], ["f"], "flat"),
        helper.make_node("Gemm", ["f", "w", "b"], ["y"], "layer", transB=1),
        w=_floats(3, 192), b=_floats(3),
    ),
    "matrix product of rows": _one("MatMul", "w", held={"w": _floats(8, 3)}),
    "recurrence": _line("RNN", 1, both=False),
    "gated recurrence both ways": _line("GRU", 3, both=True, linear_before_reset=1),
    "long short-term memory both ways": _line("LSTM", 4, both=True),
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_tflite_computes_what_onnx_does(name: str, tmp_path: Path) -> None:
    import onnxruntime

    model = GRAPHS[name]
    values = _floats(*SHAPE)
    running = onnxruntime.InferenceSession(
        model.SerializeToString(), session_options(), providers=["CPUExecutionProvider"]
    )
    expected = np.asarray(running.run(None, {"x": values})[0])
    runtime = interpreter_module()
    interpreter = runtime.Interpreter(model_content=export(model, "float32"))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values.transpose(0, 2, 3, 1))
    interpreter.invoke()
    given = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    assert given.shape == expected.shape
    assert given == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (_one("Softsign"), r"Softsign \(Softsign\): no TensorFlow operation"),
        (_line("GRU", 3, both=False), r"layer GRU \(GRU\): only linear_before_reset=1 is converted"),
        (_one("MaxPool", kernel_shape=[2, 2], dilations=[2, 2]), r"layer MaxPool \(MaxPool\): dilated pooling"),
    ],
)
def test_what_cannot_be_converted_is_named_by_layer(model: onnx.ModelProto, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        export(model, "float32")


def test_a_convolution_between_two_layouts_costs_no_transposition() -> None:
    """As Keras's networks come: channels last, turned for each convolution."""
    model = _of(
        helper.make_node("Transpose", ["x"], ["last"], "given", perm=[0, 2, 3, 1]),
        helper.make_node("Transpose", ["last"], ["first"], "turn", perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["first", "w"], ["c"], "convolution", pads=[1, 1, 1, 1]),
        helper.make_node("Transpose", ["c"], ["back"], "turn_back", perm=[0, 2, 3, 1]),
        helper.make_node("Relu", ["back"], ["y"], "relu"),
        **KERNEL,
    )
    interpreter = interpreter_module().Interpreter(model_content=export(model, "float32"))
    assert "TRANSPOSE" not in [op["op_name"] for op in interpreter._get_ops_details()]


def test_the_table_is_in_order() -> None:
    assert list(TABLE) == sorted(TABLE)
