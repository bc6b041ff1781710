"""When int8 loses: post-training quantization with accuracy control. One remedy after the other is tried, measured
against float, and kept if it helps, until the limits are kept.

The order: more samples, ranges without outliers, a scale for each channel, cross-layer equalization, the layers that
lose most kept in float, bias correction. What is left after that is quantization-aware training.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import onnx

from convert.quantize.figures import DIGITS, Answers, Figures, HeldOut, Limits, best_class, compare
from convert.quantize.graph import Array, Layer, layers, prepare, run
from convert.quantize.qdq import activation_ranges, quantized
from convert.quantize.remedies.bias_correction import correct_biases
from convert.quantize.remedies.equalize import equalize
from convert.quantize.remedies.sensitivity import layer_sensitivity, smallest_kept

PLAIN, SAMPLES, OUTLIERS, PER_CHANNEL = "plain", "more samples", "ranges without outliers", "a scale for each channel"
EQUALIZED, MIXED, BIASES = "cross-layer equalization", "layers kept in float", "bias correction"
REMEDIES = (SAMPLES, OUTLIERS, PER_CHANNEL, EQUALIZED, MIXED, BIASES)
FEW = 100
"""Calibration samples to begin with."""
PERCENTILE = 99.99
MOST_CLIPPED = 1e-3
"""Share of a layer's values that may be above six where ReLU6 becomes Relu."""
MOST_KEPT = 0.25
"""Share of the layers that may stay float."""
_SENSITIVITY_SAMPLES = 200


@dataclass(frozen=True)
class Settings:
    """How a prepared graph is quantized. samples: how many of the calibration samples give the ranges, the first ones.
    percentile: see ``qdq.activation_ranges``. per_channel: whether weights have a scale for each output channel. kept:
    names of the nodes that stay float."""

    samples: int
    percentile: float | None = None
    per_channel: bool = False
    kept: tuple[str, ...] = ()


Scores = Callable[[Array], Array]
"""Samples (N, ...) -> the quantized network's logits (N, ..., classes)."""
Quantize = Callable[[onnx.ModelProto, Settings], Scores]
"""Makes a quantized network of a prepared float graph."""
_Measure = Callable[[onnx.ModelProto, Settings], Figures]


@dataclass(frozen=True)
class Step:
    """One remedy as it was measured. what: what it changed, in words. kept: whether it helped, and those after it build
    upon it. passed: whether the limits are kept. model, settings: what was quantized."""

    remedy: str
    what: str
    figures: Figures
    kept: bool
    passed: bool
    model: onnx.ModelProto = field(repr=False)
    settings: Settings = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """model, settings: of the step that is ``chosen``. steps: all that were tried, in order. passed: whether the limits
    are kept."""

    model: onnx.ModelProto
    settings: Settings
    steps: tuple[Step, ...]
    passed: bool


def control(trials: Iterable[Step]) -> Outcome:
    """Try one remedy after the other until the limits are kept, and return the best that there was. trials: ``steps``
    of a network, of which no more are measured than needed."""
    tried = []
    for step in trials:
        tried.append(step)
        if step.passed:
            break
    best = tried[chosen(tried)]
    return Outcome(best.model, best.settings, tuple(tried), best.passed)


def chosen(tried: Sequence[Step]) -> int:
    """The place of the first step that keeps the limits; if there is none, of the last that helped."""
    passed = [place for place, step in enumerate(tried) if step.passed]
    return passed[0] if passed else max(place for place, step in enumerate(tried) if step.kept)


def steps(
    model: onnx.ModelProto,
    samples: Array,
    held_out: HeldOut,
    quantize: Quantize,
    limits: Limits = DIGITS,
    remedies: Sequence[str] = REMEDIES,
    answers: Answers = best_class,
    per_channel: bool = False,
) -> Iterator[Step]:
    """The plain conversion with 100 samples, then every remedy, measured as it is asked for.

    model: float, one input, logits as its first output. samples: the calibration samples, (N, ...) float32 as the model
    takes them, in random order. quantize: ``OnnxInt8(samples)``, or another converter, whose ``remedies`` are those
    that it can do. per_channel: whether the plain conversion has a scale for each channel. A remedy is kept if it
    is better, see ``Figures.better_than``.
    """
    model = prepare(model)
    [clean] = run(model, held_out.samples)

    def measure(graph: onnx.ModelProto, settings: Settings) -> Figures:
        return compare(quantize(graph, settings)(held_out.samples), clean, held_out.labels, answers)

    few = Settings(min(FEW, len(samples)), per_channel=per_channel)
    figures = measure(model, few)
    what = f"{few.samples:,} samples, a scale for each {'channel' if per_channel else 'tensor'}"
    best = Step(PLAIN, what, figures, True, figures.meet(limits), model, few)
    yield best
    for remedy in (one for one in REMEDIES if one in remedies):
        proposed = _proposed(remedy, best, samples, quantize, lambda *made: measure(*made).meet(limits))
        if proposed is None:
            continue
        what, graph, settings = proposed
        figures = measure(graph, settings)
        kept = figures.better_than(best.figures)
        step = Step(remedy, what, figures, kept, figures.meet(limits), graph, settings)
        yield step
        best = step if kept else best


def _proposed(
    remedy: str,
    best: Step,
    samples: Array,
    quantize: Quantize,
    meets: Callable[[onnx.ModelProto, Settings], bool],
) -> tuple[str, onnx.ModelProto, Settings] | None:
    """What ``remedy`` makes of the best step: words, graph, settings; None where it changes nothing."""
    model, settings = best.model, best.settings
    if remedy == SAMPLES and len(samples) > settings.samples:
        return f"{len(samples):,} samples", model, dataclasses.replace(settings, samples=len(samples))
    if remedy == OUTLIERS:
        return f"{PERCENTILE} % of the values", model, dataclasses.replace(settings, percentile=PERCENTILE)
    if remedy == PER_CHANNEL and not settings.per_channel:
        return "of weights", model, dataclasses.replace(settings, per_channel=True)
    if remedy == EQUALIZED:
        return _equalized(model, settings, samples)
    if remedy == MIXED:
        return _mixed(model, settings, samples, quantize, meets)
    if remedy == BIASES:
        some = samples[: settings.samples]
        ranges = activation_ranges(model, some, settings.percentile)
        return "", correct_biases(model, ranges, some, settings.per_channel, settings.kept), settings
    return None


def _equalized(
    model: onnx.ModelProto, settings: Settings, samples: Array
) -> tuple[str, onnx.ModelProto, Settings] | None:
    done = equalize(model, samples[:_SENSITIVITY_SAMPLES], MOST_CLIPPED)
    if not done.pairs:
        return None
    what = f"{len(done.pairs)} pairs"
    what += f", {len(done.replaced)} ReLU6 became ReLU" if done.replaced else ""
    what += f", {len(done.left_out)} pairs left out for their ReLU6" if done.left_out else ""
    return what, done.model, settings


def _mixed(
    model: onnx.ModelProto,
    settings: Settings,
    samples: Array,
    quantize: Quantize,
    meets: Callable[[onnx.ModelProto, Settings], bool],
) -> tuple[str, onnx.ModelProto, Settings] | None:
    some = samples[:_SENSITIVITY_SAMPLES]

    def keeping(nodes: Sequence[str]) -> Settings:
        return dataclasses.replace(settings, kept=tuple(nodes))

    def enough(kept: Sequence[Layer]) -> bool:
        return meets(model, keeping(_nodes(kept)))

    order = layer_sensitivity(model, run(model, some)[0], lambda kept: quantize(model, keeping(kept))(some))
    worst = [one.layer for one in order]
    most = max(1, int(MOST_KEPT * len(worst)))
    chosen = smallest_kept(worst, enough, most) or worst[:most]
    if not chosen:
        return None
    share = sum(layer.weights for layer in chosen) / max(1, sum(layer.weights for layer in layers(model)))
    names = ", ".join(layer.name for layer in chosen[:4]) + (", …" if len(chosen) > 4 else "")
    what = f"{len(chosen)} of {len(worst)} layers, {share:.1%} of the weights: {names}"
    return what, model, keeping(_nodes(chosen))


def _nodes(kept: Sequence[Layer]) -> tuple[str, ...]:
    return tuple(name for layer in kept for name in layer.nodes)


class OnnxInt8:
    """A ``Quantize``: int8 ONNX, run by onnxruntime. samples: the calibration samples. Ranges are taken anew only if
    the graph or the samples change."""

    def __init__(self, samples: Array) -> None:
        self._samples = samples
        self._key: tuple[bytes, int, float | None] | None = None

    def __call__(self, model: onnx.ModelProto, settings: Settings) -> Scores:
        """See ``Quantize``."""
        made = self.model(model, settings)
        return lambda samples: run(made, samples)[0]

    def model(self, model: onnx.ModelProto, settings: Settings) -> onnx.ModelProto:
        """The int8 graph itself."""
        key = model.SerializeToString(deterministic=True), settings.samples, settings.percentile
        if key != self._key:
            self._ranges = activation_ranges(model, self._samples[: settings.samples], settings.percentile)
            self._key = key
        return quantized(model, self._ranges, settings.per_channel, settings.kept)
