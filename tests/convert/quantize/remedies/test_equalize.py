"""Cross-layer equalization: float computes what it did, and one scale for all channels loses less."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from graphs import CHANNELS, Builder, samples, separable

from convert.quantize.figures import signal_to_noise
from convert.quantize.graph import prepare, run, weights
from convert.quantize.qdq import activation_ranges, quantized
from convert.quantize.remedies.equalize import equalize


def _ranges(model: onnx.ModelProto, name: str) -> np.ndarray:
    weight = weights(model)[f"{name}_w"]
    return np.abs(weight.reshape(len(weight), -1)).max(axis=1)


def test_float_computes_what_it_did() -> None:
    model, some = prepare(separable()), samples(16)
    done = equalize(model)
    assert done.pairs == (("first", "depthwise"), ("depthwise", "last"), ("last", "logits"))
    assert run(done.model, some)[0] == pytest.approx(run(model, some)[0], abs=1e-5)


def test_both_weights_of_a_channel_have_the_same_range() -> None:
    done = equalize(prepare(separable())).model
    taken = np.abs(weights(done)["last_w"]).max(axis=(0, 2, 3))
    assert _ranges(done, "depthwise") == pytest.approx(taken, rel=0.01)
    assert _ranges(done, "first") == pytest.approx(_ranges(done, "depthwise"), rel=0.01)


def test_one_scale_for_all_channels_loses_less() -> None:
    model, some = prepare(separable()), samples(64)
    [clean] = run(model, some)
    int8 = [quantized(one, activation_ranges(one, some), False) for one in (model, equalize(model).model)]
    before, after = (signal_to_noise(clean, run(one, some)[0]) for one in int8)
    assert after > before + 6


@pytest.mark.parametrize("kind", ["Relu", "LeakyRelu", "MaxPool", ""])
def test_goes_through_what_is_positive_homogeneous(kind: str) -> None:
    graph = Builder()
    graph.conv("first", 1, CHANNELS, up=10.0 ** -np.arange(CHANNELS))
    if kind == "MaxPool":
        graph.add(kind, kernel_shape=[2, 2])
    elif kind:
        graph.add(kind)
    graph.conv("second", CHANNELS, CHANNELS)
    model, some = prepare(graph.head()), samples(8)
    done = equalize(model)
    assert ("first", "second") in done.pairs
    assert run(done.model, some)[0] == pytest.approx(run(model, some)[0], abs=1e-5)


def test_a_flattened_map_is_scaled_place_by_place() -> None:
    graph = Builder()
    graph.conv("first", 1, CHANNELS, up=10.0 ** -np.arange(CHANNELS))
    graph.add("Flatten")
    graph.gemm("logits", CHANNELS * 64, 5)
    model, some = prepare(graph.model([5])), samples(8)
    done = equalize(model)
    assert done.pairs == (("first", "logits"),)
    assert run(done.model, some)[0] == pytest.approx(run(model, some)[0], abs=1e-5)


@pytest.mark.parametrize("kind", ["Sigmoid", "Tanh"])
def test_stops_where_a_scale_would_change_something(kind: str) -> None:
    graph = Builder()
    graph.conv("first", 1, CHANNELS)
    graph.add(kind)
    graph.conv("second", CHANNELS, CHANNELS)
    assert ("first", "second") not in equalize(prepare(graph.head())).pairs


def test_what_somebody_else_takes_stays() -> None:
    graph = Builder()
    shared = graph.conv("first", 1, CHANNELS)
    graph.conv("second", CHANNELS, CHANNELS)
    graph.add("Add", shared)
    assert ("first", "second") not in equalize(prepare(graph.head())).pairs


def _with_relu6(scale: float) -> onnx.ModelProto:
    graph = Builder()
    graph.conv("first", 1, CHANNELS)
    graph.weights[0].raw_data = (scale * np.frombuffer(graph.weights[0].raw_data, "f4")).astype("f4").tobytes()
    graph.clip(0.0, 6.0)
    graph.conv("second", CHANNELS, CHANNELS)
    return prepare(graph.head())


def test_relu6_that_cuts_nothing_off_becomes_relu() -> None:
    model, some = _with_relu6(1.0), samples(8)
    done = equalize(model, some)
    assert done.replaced == ("clip1",) and done.left_out == ()
    assert run(done.model, some)[0] == pytest.approx(run(model, some)[0], abs=1e-5)


def test_relu6_that_cuts_off_is_left_out_and_named() -> None:
    model, some = _with_relu6(100.0), samples(8)
    done = equalize(model, some)
    assert done.left_out == (("first", "second"),) and done.replaced == ()
    assert run(done.model, some)[0] == pytest.approx(run(model, some)[0], rel=1e-4)
    assert equalize(model).left_out == (("first", "second"),)


def test_channels_that_lie_decades_apart_are_brought_together_and_dead_ones_are_left() -> None:
    graph = Builder()
    scale = 10 ** -np.linspace(0, 5, CHANNELS)
    graph.conv("first", 1, CHANNELS, up=scale)
    graph.add("Relu")
    graph.conv("last", CHANNELS, CHANNELS, down=scale)
    model = prepare(graph.head())
    done = equalize(model)
    first, last = (np.abs(weights(done.model)[name]) for name in ("first_w", "last_w"))
    by_output, by_input = first.max(axis=(1, 2, 3)), last.max(axis=(0, 2, 3))
    assert by_output == pytest.approx(by_input, rel=1e-3)
    assert by_output.max() < 30 * by_output.min()
