"""Int8 TFLite with nodes of the graph left in float."""

from __future__ import annotations

from typing import Any

import onnx
import pytest
from graphs import Builder, samples, separable

pytest.importorskip("tensorflow", reason="TFLite files need tensorflow: pip install -e '.[convert]'")

from convert.quantize.figures import HeldOut, Limits, signal_to_noise
from convert.quantize.graph import layers, prepare, run
from convert.quantize.remedies.accuracy_control import MIXED, PLAIN, Settings, control, steps
from convert.quantize.remedies.tflite_int8 import TfliteInt8
from edge_digits.runtime.tflite import interpreter_module

SOME = samples(60, 1)


def _inside(content: bytes) -> dict[str, str]:
    """By operator's result its kind of number."""
    interpreter: Any = interpreter_module().Interpreter(model_content=content)
    details = {detail["index"]: detail for detail in interpreter.get_tensor_details()}
    tensors = [details[index] for op in interpreter._get_ops_details() for index in op["outputs"] if index in details]
    return {tensor["name"]: tensor["dtype"].__name__ for tensor in tensors}


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return prepare(separable())


@pytest.mark.slow
def test_what_is_kept_is_float_and_the_rest_is_not(model: onnx.ModelProto) -> None:
    [layer] = [one for one in layers(model) if one.name == "depthwise"]
    quantize = TfliteInt8(SOME)
    every = _inside(quantize.content(model, Settings(60, per_channel=True)))
    mixed = _inside(quantize.content(model, Settings(60, per_channel=True, kept=layer.nodes)))
    floats = [name for name, kind in mixed.items() if kind == "float32" and every.get(name) == "int8"]
    assert len(floats) == 1 and "depthwise" in floats[0]


@pytest.mark.slow
def test_with_all_kept_it_is_float(model: onnx.ModelProto) -> None:
    [clean] = run(model, SOME)
    every = tuple(name for layer in layers(model) for name in layer.nodes)
    quantize = TfliteInt8(SOME)
    assert signal_to_noise(clean, quantize(model, Settings(60, per_channel=True, kept=every))(SOME)) > 80
    assert 10 < signal_to_noise(clean, quantize(model, Settings(60, per_channel=True))(SOME)) < 60


@pytest.mark.slow
def test_a_recurrence_can_be_kept() -> None:
    graph = Builder()
    graph.add("Squeeze", graph.weight("axes", onnx.numpy_helper.to_array(onnx.helper.make_tensor("a", 7, [1], [1]))))
    graph.add("Transpose", perm=[1, 0, 2])
    shapes = {"w": (1, 16, 8), "r": (1, 16, 4), "b": (1, 32)}
    held = [graph.weight(name, graph.random.normal(0, 1, shape).astype("f4")) for name, shape in shapes.items()]
    graph.add("LSTM", *held, name="lstm", hidden_size=4)
    graph.nodes[-1].output[:] = ["", graph.end]
    graph.add("Transpose", perm=[1, 0, 2])
    graph.add("Flatten")
    graph.gemm("logits", 4, 5)
    nothing_is_enough = Limits(1.1, 0.0)
    held_out = HeldOut(samples(100, 2))
    outcome = control(
        steps(graph.model([5]), SOME, held_out, TfliteInt8(SOME), nothing_is_enough, [MIXED], per_channel=True)
    )
    assert [step.remedy for step in outcome.steps] == [PLAIN, MIXED]
    assert "lstm" in outcome.steps[-1].settings.kept
