"""What a converted file must pass before it gets its name. Each gate gives its figure, and each can fail.

A quantized file is held to the answers on which the float network itself is decided. Where float's two best classes
are as good as tied, the last bit of any arithmetic picks one, so a network that learned little (one epoch, few crops)
differs there from its own int8 file although nothing is wrong with the file. What ships is held to every answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.contents import onnx_operators, tflite_contents
from train.calibration import softmax

MOST_DIFFERENCE = 1e-4
"""Between a float32 file's logits and torch's."""
LEAST_AGREEMENT = 0.995
"""Share of equal top-1 answers, quantized against float, 0..1."""
MOST_LOSS = 0.001
"""Share of right answers that quantization may cost, 0..1."""
LEAST_LEAD = 0.1
"""How far the best class's calibrated probability lies before the second's where a network is decided."""
LEAST_DECIDED = 1_000
"""Answers: on fewer, agreement says nothing."""
BYTES_PER_WEIGHT = {"float32": 4, "float16": 2, "int8": 1}
OVERHEAD = 24 * 1024
"""Bytes of a file beside its weights: graph, names, scales."""

Scores = NDArray[np.float32]
"""(N, classes) logits."""
Answers = NDArray[np.bool_]
"""(N,) which answers count."""


@dataclass(frozen=True)
class GateResult:
    """gate: what was asked. passed: whether it holds. figure: what was measured, in words."""

    gate: str
    passed: bool
    figure: str


def equals_torch(found: Scores, expected: Scores, limit: float = MOST_DIFFERENCE) -> GateResult:
    """Whether a float32 file computes what torch does: greatest difference of any logit."""
    difference = float(np.abs(found - expected).max()) if np.isfinite(found).all() else float("inf")
    figure = f"greatest difference {difference:.1e} on {len(found)} inputs (at most {limit:.0e})"
    return GateResult("equals torch", difference <= limit, figure)


def decided(scores: Scores, temperature: float, lead: float = LEAST_LEAD) -> Answers:
    """On which inputs a network is decided: its best class leads the second by ``lead`` in calibrated probability
    (logits divided by ``temperature``, then softmax). With lead 0 that is everywhere."""
    best = np.sort(softmax(scores, temperature), axis=1)
    return best[:, -1] - best[:, -2] >= lead


def agrees(found: Scores, expected: Scores, counted: Answers, least: float = LEAST_AGREEMENT) -> GateResult:
    """Whether a quantized file gives float's top-1 answers where ``counted`` says that float is decided."""
    n, every = int(counted.sum()), len(counted)
    if n < min(LEAST_DECIDED, every):
        figure = (
            f"float is decided on {n} of {every} inputs, too few to tell (at least {LEAST_DECIDED}): train it longer"
        )
        return GateResult("agrees with float", False, figure)
    share = agreement(found[counted], expected[counted])
    figure = f"{share:.2%} of {n} inputs (at least {least:.1%})"
    if n < every:
        figure += f" on which float is decided; {agreement(found, expected):.2%} of all {every}"
    return GateResult("agrees with float", share >= least, figure)


def agreement(found: Scores, expected: Scores) -> float:
    """Share of inputs, 0..1, on which both have their greatest score at the same class."""
    return float((found.argmax(axis=1) == expected.argmax(axis=1)).mean())


def as_accurate(
    found: Scores, expected: Scores, labels: NDArray[np.uint8], counted: Answers, most_loss: float = MOST_LOSS
) -> GateResult:
    """Whether a quantized file is right as often as float, where ``counted`` says that float is decided.

    labels: (N,) class indices. The figure gives the loss in points with its 95 % interval; the loss itself decides.
    """
    n, every = int(counted.sum()), len(counted)
    if not n:
        return GateResult("as accurate as float", False, f"float is decided on none of {every} inputs")
    loss, margin = paired_loss(found[counted], expected[counted], labels[counted])
    figure = f"loses {_points(loss, margin)} points on {n} inputs (at most {100 * most_loss:.1f})"
    if n < every:
        figure += f" on which float is decided; {_points(*paired_loss(found, expected, labels))} on all {every}"
    return GateResult("as accurate as float", loss <= most_loss, figure)


def paired_loss(found: Scores, expected: Scores, labels: NDArray[np.uint8]) -> tuple[float, float]:
    """By how much less often ``found`` is right than ``expected`` on the same inputs, as a share, and half the width of
    its 95 % interval, from the answers of which one is right and the other wrong (McNemar 1947)."""
    right, was_right = found.argmax(axis=1) == labels, expected.argmax(axis=1) == labels
    lost, won, n = int((was_right & ~right).sum()), int((right & ~was_right).sum()), len(labels)
    return (lost - won) / n, 1.96 * sqrt(max(lost + won - (lost - won) ** 2 / n, 0.0)) / n


def _points(loss: float, margin: float) -> str:
    return f"{100 * loss:+.3f} ± {100 * margin:.3f}"


def integer_only(path: Path) -> GateResult:
    """Whether an int8 .tflite is integers from end to end, with uint8 input at scale 1/255 and zero point 0."""
    contents = tflite_contents(path)
    faults = []
    if contents.input != ("uint8", float(np.float32(1 / 255)), 0):
        faults.append("input is {} at scale {:.6g}, zero point {}".format(*contents.input))
    if contents.output[0] not in ("int8", "uint8"):
        faults.append(f"output is {contents.output[0]}")
    if contents.float_tensors:
        faults.append(f"{len(contents.float_tensors)} float tensors: {', '.join(contents.float_tensors[:4])}")
    figure = "; ".join(faults) or f"0 of {contents.tensors} tensors are float, input uint8 at 1/255"
    return GateResult("integers only", not faults, figure)


def layers_quantized(path: Path) -> GateResult:
    """Whether every Conv and Gemm (or MatMul) of an int8 .onnx is quantized; names what stays float."""
    operators = onnx_operators(path)
    weighted = [op for op in operators if op.kind in ("Conv", "Gemm", "MatMul")]
    left = [op for op in operators if op.dtype != "int8"]
    missed = [op for op in weighted if op in left]
    figure = f"{len(weighted) - len(missed)} of {len(weighted)} Conv and Gemm int8"
    figure += f"; stays float: {', '.join(f'{op.kind} {op.name}' for op in left)}" if left else "; nothing stays float"
    return GateResult("layers quantized", bool(weighted) and not missed, figure)


def size_as_expected(path: Path, parameters: int, precision: str) -> GateResult:
    """Whether a file is as small as its precision promises. parameters: weights and biases, folded."""
    size, limit = path.stat().st_size, BYTES_PER_WEIGHT[precision] * parameters + OVERHEAD
    return GateResult("size", size <= limit, f"{size / 1000:.0f} kB (at most {limit / 1000:.0f})")
