"""How far a quantized network is from float on samples that calibrated nothing, and how far it may be."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.evaluation.statistics import paired_loss, wilson

Array = NDArray[np.float32]
Answers = Callable[[Array], NDArray[np.int64]]
"""Logits -> what they say, (N,) or (N, values)."""


@dataclass(frozen=True)
class Limits:
    """How far quantization may go. least_agreement: share of equal answers, quantized against float, 0..1. most_loss:
    share of right answers that it may cost, 0..1."""

    least_agreement: float
    most_loss: float


DIGITS = Limits(0.995, 0.001)
LINES = Limits(0.977, 0.005)
"""A line is wrong if one digit is. Those of validation have 4.6 on average, and 0.995 ** 4.6 is 0.977: each digit is
held to what it is held to by itself."""


@dataclass(frozen=True)
class HeldOut:
    """What judges: samples that calibrated nothing, (N, ...). labels: the right answers, in the form of ``Answers``."""

    samples: Array
    labels: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Figures:
    """On the held-out samples, against float. agreement: share of equal answers, 0..1; low, high: its 95 % interval.
    signal_to_noise: of the logits, dB. Where there are labels: accuracy, 0..1; loss: how much less often it is right
    than float, and margin: half of its paired 95 % interval, as shares."""

    agreement: float
    low: float
    high: float
    signal_to_noise: float
    accuracy: float | None = None
    loss: float | None = None
    margin: float | None = None

    def meet(self, limits: Limits) -> bool:
        """Whether that is good enough."""
        return self.agreement >= limits.least_agreement and (self.loss is None or self.loss <= limits.most_loss)

    def better_than(self, other: Figures) -> bool:
        """Whether more answers agree with float than ``other``'s interval holds, or as many as that with less noise,
        which tells apart what a few answers more or less do not."""
        if self.agreement > other.high:
            return True
        return self.agreement >= other.low and self.signal_to_noise > other.signal_to_noise


def best_class(scores: Array) -> NDArray[np.int64]:
    """What logits (N, ..., classes) say if nothing else is given."""
    return scores.argmax(axis=-1)


def compare(
    noisy: Array, clean: Array, labels: NDArray[np.int64] | None = None, answers: Answers = best_class
) -> Figures:
    """The figures of a quantized network's logits beside float's, both (N, ..., classes)."""
    given, expected = answers(noisy), answers(clean)
    same = _same(given, expected)
    low, high = wilson(int(same.sum()), len(same))
    figures = Figures(float(same.mean()), low, high, signal_to_noise(clean, noisy))
    if labels is None:
        return figures
    right = _same(given, labels)
    loss, margin = paired_loss(_same(expected, labels), right)
    return dataclasses.replace(figures, accuracy=float(right.mean()), loss=loss, margin=margin)


def _same(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (one == other).reshape(len(one), -1).all(axis=1)


def signal_to_noise(clean: Array, noisy: Array) -> float:
    """Signal-to-quantization-noise ratio of results in dB: how much greater what float gives is than the difference.
    Infinite if there is none."""
    signal, noise = (
        float(np.square(clean, dtype=np.float64).sum()),
        float(np.square(clean - noisy, dtype=np.float64).sum()),
    )
    return 10 * float(np.log10(signal / noise)) if noise and signal else np.inf
