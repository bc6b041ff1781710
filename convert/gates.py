"""What a converted file must pass before it gets its name. Each gate gives its figure, and each can fail."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.contents import onnx_operators, tflite_contents

MOST_DIFFERENCE = 1e-4
"""Between a float32 file's logits and torch's."""
LEAST_AGREEMENT = 0.995
"""Share of equal top-1 answers, quantized against float, 0..1."""
MOST_LOSS = 0.001
"""Share of right answers that quantization may cost, 0..1."""
BYTES_PER_WEIGHT = {"float32": 4, "float16": 2, "int8": 1}
OVERHEAD = 24 * 1024
"""Bytes of a file beside its weights: graph, names, scales."""

Scores = NDArray[np.float32]
"""(N, classes) logits."""


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


def agrees(found: Scores, expected: Scores, least: float = LEAST_AGREEMENT) -> GateResult:
    """Whether a quantized file gives float's top-1 answers."""
    share = agreement(found, expected)
    return GateResult("agrees with float", share >= least, f"{share:.2%} of {len(found)} inputs (at least {least:.1%})")


def agreement(found: Scores, expected: Scores) -> float:
    """Share of inputs, 0..1, on which both have their greatest score at the same class."""
    return float((found.argmax(axis=1) == expected.argmax(axis=1)).mean())


def as_accurate(found: Scores, expected: Scores, labels: NDArray[np.uint8], most_loss: float = MOST_LOSS) -> GateResult:
    """Whether a quantized file is right as often as float on the same inputs (paired).

    labels: (N,) class indices. The figure gives the loss in points with its 95 % interval from the answers that
    differ (McNemar 1947); the loss itself decides.
    """
    right, was_right = found.argmax(axis=1) == labels, expected.argmax(axis=1) == labels
    lost, won, n = int((was_right & ~right).sum()), int((right & ~was_right).sum()), len(labels)
    loss = (lost - won) / n
    margin = 1.96 * sqrt(max(lost + won - (lost - won) ** 2 / n, 0.0)) / n
    figure = f"loses {100 * loss:+.3f} ± {100 * margin:.3f} points on {n} inputs (at most {100 * most_loss:.1f})"
    return GateResult("as accurate as float", loss <= most_loss, figure)


def integer_only(path: Path) -> GateResult:
    """Whether an int8 .tflite is integers from end to end, with uint8 input at scale 1/255 and zero point 0."""
    contents = tflite_contents(path)
    faults = []
    if contents.input != ("uint8", float(np.float32(1 / 255)), 0):
        faults.append("input is {} at scale {:.6g}, zero point {}".format(*contents.input))
    if contents.output[0] not in ("int8", "uint8"):
        faults.append(f"output is {contents.output[0]}")
    if contents.float_tensors:
        faults.append(f"float tensors: {', '.join(contents.float_tensors[:4])}")
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
