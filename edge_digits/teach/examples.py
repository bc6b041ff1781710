"""Features of digits and of what is none, and what two last layers say of them together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge_classes import NONE
from edge_digits.runtime.last_layer import LastLayer
from edge_digits.runtime.probabilities import probabilities
from edge_digits.selection.candidates import if_digits, in_agreement


@dataclass(frozen=True)
class Examples:
    """judge, cnn: (N, F) float32, what their last layers are given. labels: (N,) digits, and ``NONE``."""

    judge: NDArray[np.float32]
    cnn: NDArray[np.float32]
    labels: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> Examples:
        """Some of them."""
        return Examples(self.judge[index], self.cnn[index], self.labels[index])


@dataclass(frozen=True)
class Layers:
    """Last layers of the judge and of the CNN, with the temperatures of their model files."""

    judge: LastLayer
    cnn: LastLayer
    judge_temperature: float
    cnn_temperature: float


def joined(*parts: Examples) -> Examples:
    """All of them, in that order."""
    columns = ("judge", "cnn", "labels")
    return Examples(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


@dataclass(frozen=True)
class Logits:
    """judge: (N, CLASSES), cnn: (N, 11), divided by the files' temperatures."""

    judge: NDArray[np.floating]
    cnn: NDArray[np.floating]

    def scaled(self, factor: float) -> Logits:
        """All of them times ``factor``: surer above 1, less sure below."""
        return Logits(self.judge * factor, self.cnn * factor)


def logits_of(layers: Layers, examples: Examples) -> Logits:
    """What the layers say."""
    judge, cnn = layers.judge(examples.judge), layers.cnn(examples.cnn)
    return Logits(judge / layers.judge_temperature, cnn / layers.cnn_temperature)


def answers(logits: Logits, labels: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """What is read of each example alone, (N,) digits or ``NONE``, and the chance that its label is right, (N,).

    The page around it and the row, which a reader knows, are left out.
    """
    is_digit, digits = if_digits(probabilities(logits.judge, 1.0))
    digits = in_agreement(digits, probabilities(logits.cnn, 1.0))
    answer = np.where(is_digit > 0.5, digits.argmax(axis=1), NONE)
    is_none = labels == NONE
    of_label = digits[np.arange(len(labels)), np.where(is_none, 0, labels)]
    return answer, np.where(is_none, 1 - is_digit, is_digit * of_label)


def errors(logits: Logits, labels: NDArray[np.integer]) -> int:
    """How many examples are read wrongly."""
    return int((answers(logits, labels)[0] != labels).sum())
