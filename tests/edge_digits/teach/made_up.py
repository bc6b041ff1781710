"""A world of made-up features: of each class a direction, some of them where the shipped layers are wrong."""

from __future__ import annotations

import numpy as np

from edge_digits.judge_classes import CLASSES, NONE
from edge_digits.runtime.last_layer import LastLayer
from edge_digits.teach.examples import Examples, Layers
from edge_digits.teach.replay import Replay

FEATURES = 24


def layers() -> Layers:
    """Feature c speaks for class c; the others say nothing."""
    judge, cnn = np.zeros((FEATURES, CLASSES), np.float32), np.zeros((FEATURES, 11), np.float32)
    judge[:11, :11], cnn[:11, :11] = 8 * np.eye(11), 8 * np.eye(11)
    zero = np.zeros(CLASSES, np.float32)
    return Layers(LastLayer(judge, zero), LastLayer(cnn, zero[:11]), 1.0, 1.0)


def examples(labels: list[int], seed: int = 0, look: dict[int, int] | None = None) -> Examples:
    """One of each label, with features as plain hands write them. look: digits that this hand writes so that they look
    like another, but for feature 11 + digit, which nobody else has."""
    random = np.random.default_rng(seed)
    features = 0.1 * random.random((len(labels), FEATURES)).astype(np.float32)
    for row, label in zip(features, labels, strict=True):
        shown = (look or {}).get(label, label)
        row[shown] += 1.0
        if shown != label:
            row[11 + label] += 1.0
    return Examples(features, features.copy(), np.array(labels, np.intp))


def replay() -> Replay:
    """Everybody else: plain."""
    everything = [*range(10), NONE]
    return Replay(examples(everything * 20, 1), examples(everything * 40, 2), layers())
