"""When int8 loses: each remedy is measured, kept where it helps, and the first that is enough ends it."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from graphs import samples, separable

from convert.quantize.figures import DIGITS, Figures, HeldOut, Limits, compare, signal_to_noise
from convert.quantize.graph import Layer, layers, prepare, run, weights
from convert.quantize.qdq import activation_ranges, quantized
from convert.quantize.remedies import accuracy_control
from convert.quantize.remedies.accuracy_control import (
    EQUALIZED,
    MIXED,
    PER_CHANNEL,
    PLAIN,
    OnnxInt8,
    Settings,
    control,
    steps,
)
from convert.quantize.remedies.bias_correction import correct_biases
from convert.quantize.remedies.sensitivity import layer_sensitivity, smallest_kept

CALIBRATION, HELD_OUT = samples(120, 1), samples(400, 2)
STRICT = Limits(1.1, 0.0)
"""Nothing is good enough."""


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return prepare(separable(2.0))


def test_bias_correction_gives_every_channel_floats_mean(model: onnx.ModelProto) -> None:
    ranges = activation_ranges(model, CALIBRATION)
    corrected = correct_biases(model, ranges, CALIBRATION, per_channel=False)
    [expected] = run(model, CALIBRATION)
    before, after = (run(quantized(one, ranges, False), CALIBRATION)[0] for one in (model, corrected))
    shift, left = (np.abs(one.mean(axis=0) - expected.mean(axis=0)).max() for one in (before, after))
    assert left < 0.25 * shift
    changed = {name for name, array in weights(model).items() if not np.array_equal(array, weights(corrected)[name])}
    assert changed <= {"first_b", "depthwise_b", "last_b", "logits_b"} and "depthwise_b" in changed


def test_the_layers_that_are_hard_to_quantize_are_the_most_sensitive(model: onnx.ModelProto) -> None:
    quantize = OnnxInt8(CALIBRATION)
    [clean] = run(model, HELD_OUT)
    order = layer_sensitivity(model, clean, lambda kept: quantize(model, Settings(120, kept=kept))(HELD_OUT))
    assert {one.layer.name for one in order[:2]} == {"depthwise", "last"}
    assert [one.signal_to_noise for one in order] == sorted(one.signal_to_noise for one in order)


def test_a_layer_is_a_weighted_node_with_its_activation(model: onnx.ModelProto) -> None:
    assert [len(one.nodes) for one in layers(model) if one.name in ("first", "depthwise", "last")] == [2, 2, 2]


def test_what_is_kept_has_no_integers(model: onnx.ModelProto) -> None:
    [layer] = [one for one in layers(model) if one.name == "depthwise"]
    int8 = quantized(model, activation_ranges(model, CALIBRATION), True, layer.nodes)
    held = {one.name for one in int8.graph.initializer}
    assert "depthwise_w" in held and "last_w" not in held


@pytest.mark.parametrize("needed", [{"b"}, {"a", "c"}, {"d"}, set()])
def test_the_smallest_set_holds_what_is_needed_and_no_more(needed: set[str]) -> None:
    worst = [Layer(name, (name,), 1) for name in "abcd"]
    kept = smallest_kept(worst, lambda chosen: needed <= {one.name for one in chosen}, 4)
    assert kept is not None and {one.name for one in kept} == needed


def test_no_set_is_given_if_the_most_is_not_enough() -> None:
    worst = [Layer(name, (name,), 1) for name in "abcd"]
    assert smallest_kept(worst, lambda chosen: len(chosen) == 4, 3) is None


def test_ends_with_the_first_remedy_that_is_enough(model: onnx.ModelProto) -> None:
    outcome = control(steps(model, CALIBRATION, HeldOut(HELD_OUT), OnnxInt8(CALIBRATION), Limits(0.97, 0.0)))
    assert outcome.steps[0].remedy == PLAIN and not outcome.steps[0].passed
    assert outcome.passed and outcome.steps[-1].passed
    assert not any(step.passed for step in outcome.steps[:-1])
    assert outcome.settings == outcome.steps[-1].settings


def test_what_does_not_help_is_left_out(model: onnx.ModelProto) -> None:
    tried = list(steps(model, CALIBRATION, HeldOut(HELD_OUT), OnnxInt8(CALIBRATION), STRICT))
    assert [step.remedy for step in tried] == [PLAIN, *accuracy_control.REMEDIES]
    best = tried[0]
    for step in tried[1:]:
        assert step.kept == step.figures.better_than(best.figures)
        best = step if step.kept else best
    assert best.figures.agreement > tried[0].figures.agreement


def test_another_converter_fits_with_the_remedies_that_it_can_do(model: onnx.ModelProto) -> None:
    asked: list[Settings] = []

    def rounding(graph: onnx.ModelProto, settings: Settings):
        asked.append(settings)
        return lambda some: np.round(run(graph, some)[0], 1 if settings.per_channel else 0)

    outcome = control(steps(model, CALIBRATION, HeldOut(HELD_OUT), rounding, STRICT, (PER_CHANNEL, EQUALIZED)))
    assert [step.remedy for step in outcome.steps] == [PLAIN, PER_CHANNEL, EQUALIZED]
    assert not outcome.passed and outcome.settings.per_channel
    assert all(settings.kept == () and settings.percentile is None for settings in asked)


def test_less_noise_is_better_where_agreement_cannot_tell() -> None:
    few, many, quiet = (Figures(a, a - 0.01, a + 0.01, noise) for a, noise in ((0.9, 20), (0.95, 10), (0.905, 25)))
    assert many.better_than(few) and not few.better_than(many)
    assert quiet.better_than(few) and not few.better_than(quiet)


def test_labels_say_what_is_lost() -> None:
    clean = np.eye(4, dtype=np.float32)
    noisy = clean[[0, 1, 2, 2]]
    figures = compare(noisy, clean, np.array([0, 1, 2, 3]))
    assert (figures.agreement, figures.accuracy, figures.loss) == (0.75, 0.75, 0.25)
    assert not figures.meet(DIGITS)
    assert compare(clean, clean, np.arange(4)).meet(DIGITS)
    assert signal_to_noise(clean, clean) == float("inf")


def test_mixed_precision_names_its_layers(model: onnx.ModelProto) -> None:
    tried = list(steps(model, CALIBRATION, HeldOut(HELD_OUT), OnnxInt8(CALIBRATION), STRICT, (MIXED,)))
    assert tried[-1].remedy == MIXED and "last" in tried[-1].what
    assert "last" in tried[-1].settings.kept
