"""What a converted file must pass before it gets its name. Each gate gives its figure, and each can fail.

Files that read digits and files that read lines pass the same gates; an answer is a class, or what a whole line reads.

A quantized file is held to the answers on which the float network itself is decided. Where float's two best classes
are as good as tied, the last bit of any arithmetic picks one, so a network that learned little (one epoch, few crops)
differs there from its own int8 file although nothing is wrong with the file. What ships is held to every answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.check.inspect_model import onnx_operators, tflite_contents
from convert.check.parity import Answers, answers, same
from convert.quantize.figures import DIGITS, LINES, Limits
from edge_digits.evaluation import statistics
from train.temperature_scaling import softmax

MOST_DIFFERENCE = 1e-4
"""Between a float32 file's logits and torch's, in double precision."""
LEAST_LEAD = 0.1
"""How far the best class's calibrated probability lies before the second's where a network is decided."""
LEAST_DECIDED = 1_000
"""Answers: on fewer, agreement says nothing."""
MOST_TOGETHER = 600_000
"""Bytes of the int8 .tflite files for all widths of strips."""
BYTES_PER_WEIGHT = {"float32": 4, "float16": 2, "int8": 1}
OVERHEAD = 24 * 1024
"""Bytes of a file beside its weights: graph, names, scales."""
STEP_OVERHEAD = 2 * 1024
"""Bytes more for each step of a recurrence that is unrolled."""

AGREES, ACCURATE = "agrees with float", "as accurate as float"
"""The gates on what a file answers."""

Scores = NDArray[np.float32]
"""Logits (N, classes), of lines (N, steps, classes)."""
Counted = NDArray[np.bool_]
"""(N,) which answers count."""


def limits(scores: Scores) -> Limits:
    """Those that hold for what gave ``scores``."""
    return LINES if scores.ndim == 3 else DIGITS


@dataclass(frozen=True)
class GateResult:
    """gate: what was asked. passed: whether it holds. figure: what was measured, in words."""

    gate: str
    passed: bool
    figure: str


def equals_torch(scores: Scores, expected: NDArray[np.floating], limit: float = MOST_DIFFERENCE) -> GateResult:
    """Whether a float32 file computes what torch does: greatest difference of any logit."""
    difference = float(np.abs(scores - expected).max()) if np.isfinite(scores).all() else float("inf")
    figure = f"greatest difference {difference:.1e} on {len(scores)} inputs (at most {limit:.0e})"
    return GateResult("equals torch", difference <= limit, figure)


def decided(scores: Scores, temperature: float, lead: float = LEAST_LEAD) -> Counted:
    """On which inputs a network is decided: its best class leads the second by ``lead`` in calibrated probability
    (logits divided by ``temperature``, then softmax). With lead 0 that is everywhere.

    Of a line some steps may be in doubt, as where blank and digit meet, if that changes nothing: it is decided if the
    same is read when all of these go to the second class.
    """
    flat = softmax(scores.reshape(-1, scores.shape[-1]), temperature).reshape(scores.shape)
    best = np.sort(flat, axis=-1)
    ahead = best[..., -1] - best[..., -2] >= lead
    if scores.ndim == 2:
        return ahead
    turned = scores.copy()
    first = scores.argmax(axis=-1)
    turned[(*np.nonzero(~ahead), first[~ahead])] = -np.inf
    return same(answers(turned), answers(scores))


def agrees(
    scores: Scores, expected: Scores, counted: Counted, least_decided: int = LEAST_DECIDED, spared: int = 0
) -> GateResult:
    """Whether a quantized file gives float's answers where ``counted`` says that float is decided; on fewer than
    ``least_decided``, if there are as many, that says nothing. spared: so many answers may differ however few there
    are."""
    least = min(limits(expected).least_agreement, 1 - spared / max(int(counted.sum()), 1))
    n, every = int(counted.sum()), len(counted)
    if n < min(least_decided, every):
        figure = (
            f"float is decided on {n} of {every} inputs, too few to tell (at least {least_decided}): train it longer"
        )
        return GateResult(AGREES, False, figure)
    share = agreement(scores[counted], expected[counted])
    figure = f"{share:.2%} of {n} inputs (at least {least:.1%})"
    if n < every:
        figure += f" on which float is decided; {agreement(scores, expected):.2%} of all {every}"
    return GateResult(AGREES, share >= least, figure)


def agreement(scores: Scores, expected: Scores) -> float:
    """Share of inputs, 0..1, on which both give the same answer, of lines the whole line."""
    return float(same(answers(scores), answers(expected)).mean())


def as_accurate(scores: Scores, expected: Scores, truth: Answers, counted: Counted, spared: int = 0) -> GateResult:
    """Whether a quantized file is right as often as float, where ``counted`` says that float is decided.

    truth: the right answers. The figure gives the loss in points with its 95 % interval; the loss itself decides.
    spared: so many right answers may be lost however few there are.
    """
    n, every = int(counted.sum()), len(counted)
    if not n:
        return GateResult(ACCURATE, False, f"float is decided on none of {every} inputs")
    most_loss = max(limits(expected).most_loss, spared / n)
    loss, margin = paired_loss(scores[counted], expected[counted], truth[counted])
    figure = f"loses {_points(loss, margin)} points on {n} inputs (at most {100 * most_loss:.1f})"
    if n < every:
        figure += f" on which float is decided; {_points(*paired_loss(scores, expected, truth))} on all {every}"
    return GateResult(ACCURATE, loss <= most_loss, figure)


def paired_loss(scores: Scores, expected: Scores, truth: Answers) -> tuple[float, float]:
    """By how much less often ``scores`` are right than ``expected`` on the same inputs, as a share, and half the width
    of its 95 % interval (``statistics.paired_loss``)."""
    return statistics.paired_loss(same(answers(expected), truth), same(answers(scores), truth))


def _points(loss: float, margin: float) -> str:
    return f"{100 * loss:+.3f} ± {100 * margin:.3f}"


def mostly_integer(path: Path, left_float: Sequence[str]) -> GateResult:
    """Whether an int8 .tflite with layers that were left in float on purpose, ``left_float``, is integers elsewhere:
    most of its tensors are. Its input and output are float."""
    contents = tflite_contents(path)
    floats = len(contents.float_tensors)
    figure = f"{floats} of {contents.tensors} tensors are float; on purpose: {', '.join(left_float)}"
    return GateResult("integers only", 2 * floats < contents.tensors, figure)


def integer_only(path: Path, scaled: bool = True) -> GateResult:
    """Whether an int8 .tflite is integers from end to end, with uint8 input; scaled: at scale 1/255 and zero point 0,
    as inputs in 0..1 have it."""
    contents = tflite_contents(path)
    faults = []
    kind, scale, zero_point = contents.input
    if kind != "uint8" or (scaled and (scale, zero_point) != (float(np.float32(1 / 255)), 0)):
        faults.append("input is {} at scale {:.6g}, zero point {}".format(*contents.input))
    if contents.output[0] not in ("int8", "uint8"):
        faults.append(f"output is {contents.output[0]}")
    if contents.float_tensors:
        faults.append(f"{len(contents.float_tensors)} float tensors: {', '.join(contents.float_tensors[:4])}")
    at = "1/255" if scaled else f"scale {scale:.6g}, zero point {zero_point}"
    figure = "; ".join(faults) or f"0 of {contents.tensors} tensors are float, input uint8 at {at}"
    return GateResult("integers only", not faults, figure)


def layers_quantized(path: Path, left_float: Sequence[str] = ()) -> GateResult:
    """Whether every Conv and Gemm (or MatMul) of an int8 .onnx is quantized; names what stays float. left_float: nodes
    that stay so on purpose."""
    operators = onnx_operators(path)
    weighted = [op for op in operators if op.kind in ("Conv", "Gemm", "MatMul")]
    left = [op for op in operators if op.dtype != "int8"]
    kept = [op for op in weighted if op in left]
    missed = [op for op in kept if op.name not in left_float]
    figure = f"{len(weighted) - len(kept)} of {len(weighted)} Conv and Gemm int8"
    figure += f" ({len(kept) - len(missed)} left in float on purpose)" if left_float else ""
    figure += f"; stays float: {', '.join(f'{op.kind} {op.name}' for op in left)}" if left else "; nothing stays float"
    return GateResult("layers quantized", bool(weighted) and not missed, figure)


def size_as_expected(path: Path, weights: dict[str, int], steps: int = 0) -> GateResult:
    """Whether a file is as small as its precision promises. weights: how many weights and biases of which precision;
    steps: how many of a recurrence are unrolled in it."""
    size = path.stat().st_size
    limit = sum(BYTES_PER_WEIGHT[precision] * count for precision, count in weights.items())
    limit += OVERHEAD + STEP_OVERHEAD * steps
    return GateResult("size", size <= limit, f"{size / 1000:.0f} kB (at most {limit / 1000:.0f})")


def size_together(sizes: list[int]) -> GateResult:
    """Whether the int8 .tflite files for strips of all widths, ``sizes`` in bytes, are small enough together."""
    total = sum(sizes)
    figure = f"{total / 1000:.0f} kB for {len(sizes)} widths (at most {MOST_TOGETHER / 1000:.0f})"
    return GateResult("size together", total <= MOST_TOGETHER, figure)
