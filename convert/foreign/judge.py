"""One file of a foreign model beside the float network that it was made from: its gates and its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.check import gates
from convert.check.gates import GateResult, Scores
from convert.check.inspect_model import Operator, onnx_operators, tflite_contents
from convert.check.layer_noise import LayerNoise, layer_noise
from convert.check.parity import accuracy, model_scores
from convert.foreign.graph.load import Source
from convert.foreign.remedy import SPARED, Remedied, Tried
from convert.foreign.samples import Samples
from edge_digits.runtime.load import open_file
from edge_digits.runtime.preprocessing import from_dict, network_input
from edge_digits.runtime.spec import read_spec
from train.temperature_scaling import softmax

_NOISE_INPUTS = 50


@dataclass(frozen=True)
class Judged:
    """What is known of one file. bytes: its size. operators: how many of which kind. tensors: what is float among how
    many, in words. floats: names of what stayed float, of an int8 file. noise: layer by layer, of an int8 file.
    agreement, accuracy: shares, 0..1. loss, margin: of int8 against float, shares; half the width of its 95 % interval.
    tried: the remedies that were tried because int8 lost too much.
    """

    gates: tuple[GateResult, ...]
    bytes: int
    operators: dict[str, int]
    arithmetic: str
    floats: tuple[str, ...]
    noise: tuple[LayerNoise, ...]
    agreement: float
    accuracy: float | None
    loss: float | None
    margin: float | None
    tried: tuple[Tried, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all gates hold."""
        return all(gate.passed for gate in self.gates)


def judge(
    path: Path,
    plain: Path,
    source: Source,
    samples: Samples,
    first: NDArray[np.uint8],
    expected: Scores,
    temperature: float,
    remedied: Remedied | None = None,
) -> Judged:
    """The file ``path``, through the runtime that ships.

    plain: its float32 sibling. samples: what judges. first: pixels of the samples that the model itself was asked
    about. expected: the float graph's scores of ``samples``. remedied: how an int8 file was made that lost too much.
    """
    spec = read_spec(path)
    # With the classes in the order of the network's, even if they are digits in another than this project's.
    model = open_file(path, spec)
    int8 = spec.precision == "int8"
    given = model_scores(model, samples.pixels)
    known = np.flatnonzero(samples.labelled)
    truth = None if samples.truth is None or not len(known) else samples.truth[known]
    loss, margin = (None, None) if truth is None else gates.paired_loss(given[known], expected[known], truth)
    results = [] if int8 else [equals_source(model.scores(first), source)]
    if int8:
        results.append(_arithmetic(path, () if remedied is None else remedied.left_float))
        counted = gates.decided(expected, temperature)
        results.append(gates.agrees(given, expected, counted, least_decided(len(samples)), SPARED))
        if truth is not None:
            results.append(gates.as_accurate(given[known], expected[known], truth, counted[known], SPARED))
    operators, arithmetic, floats = _inside(path, int8)
    return Judged(
        tuple(results),
        path.stat().st_size,
        dict(Counter(operator.kind for operator in operators)),
        arithmetic,
        floats,
        _noise(path, plain, samples, spec.preprocessing) if int8 else (),
        gates.agreement(given, expected),
        None if truth is None else accuracy(given[known], truth),
        loss,
        margin,
        () if remedied is None else remedied.tried,
    )


def _arithmetic(path: Path, left_float: Sequence[str]) -> GateResult:
    if path.suffix == ".onnx":
        return gates.layers_quantized(path, left_float)
    return gates.mostly_integer(path, left_float) if left_float else gates.integer_only(path, scaled=False)


def least_decided(count: int) -> int:
    """On how many of ``count`` samples float must be decided, for agreement to say something."""
    return min(gates.LEAST_DECIDED, count // 2)


def lost(judged: Judged) -> bool:
    """Whether a file fails for what it answers alone."""
    failed = [gate.gate for gate in judged.gates if not gate.passed]
    return bool(failed) and set(failed) <= {gates.AGREES, gates.ACCURATE}


def equals_source(scores: Scores, source: Source) -> GateResult:
    """Whether a float32 file answers what the model itself did; where that ends in a softmax, behind one.

    Scores of networks that are not trained on 0..1 may be hundreds: the limit is a share of the greatest.
    """
    answers = source.answers
    if source.changes.softmax:
        given = softmax(scores.reshape(-1, scores.shape[-1])).reshape(scores.shape)
        # A logarithmic softmax gives nothing above zero.
        given = np.log(np.maximum(given, 1e-30)) if answers.max() <= 0 else given
    else:
        given = scores.astype(np.float64)
    limit = gates.MOST_DIFFERENCE * max(1.0, float(np.abs(answers).max()))
    difference = float(np.abs(given - answers).max()) if np.isfinite(given).all() else float("inf")
    figure = f"greatest difference {difference:.1e} on {len(scores)} inputs (at most {limit:.0e})"
    return GateResult("equals the model", difference <= limit, figure)


def _inside(path: Path, int8: bool) -> tuple[tuple[Operator, ...], str, tuple[str, ...]]:
    """Operators, what they compute in, and what stayed float where integers were wanted."""
    if path.suffix == ".tflite":
        contents = tflite_contents(path)
        arithmetic = f"{len(contents.float_tensors)} of {contents.tensors} tensors float"
        return contents.operators, arithmetic, contents.float_tensors if int8 else ()
    operators = onnx_operators(path)
    left = tuple(f"{op.kind} {op.name}" for op in operators if op.dtype != "int8")
    return operators, f"{len(operators) - len(left)} of {len(operators)} operators int8", left if int8 else ()


def _noise(path: Path, plain: Path, samples: Samples, preprocessing: dict[str, object]) -> tuple[LayerNoise, ...]:
    some = samples.pixels[np.linspace(0, len(samples) - 1, min(_NOISE_INPUTS, len(samples))).astype(np.intp)]
    about = from_dict(preprocessing)
    try:
        return tuple(layer_noise(plain, path, network_input(some, about)))
    except ValueError:
        # Layers that were fused in one of both files cannot be laid side by side.
        return ()
