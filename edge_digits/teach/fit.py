"""The last layer of a network fitted to labels: multinomial logistic regression, held near what shipped."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.runtime.last_layer import LastLayer
from edge_digits.runtime.probabilities import probabilities

Features = NDArray[np.float32]


@dataclass(frozen=True)
class FitSettings:
    """weight: of a label, in examples of the replay set. near: pull towards the shipped weights, of the squared
    distance, in examples. steps: of the descent. known: chance from which something is known to be a digit."""

    weight: float = 10.0
    near: float = 1.0
    steps: int = 150
    known: float = 0.5


SETTINGS = FitSettings()


def fit_last_layer(
    shipped: LastLayer,
    features: Features,
    labels: NDArray[np.integer],
    replay: Features,
    settings: FitSettings = SETTINGS,
) -> LastLayer:
    """The last layer that says what the labels say, and of the replay set what ``shipped`` says.

    features: (N, F), labels: (N,) classes. replay: (M, F). The loss is the labels' cross-entropy, the replay set's
    Kullback-Leibler divergence from what shipped (learning without forgetting; Li and Hoiem 2016), and the squared
    distance from the shipped weights (L2-SP; Li, Grandvalet and Davoine 2018). It is convex; Nesterov's descent with
    the step that the largest eigenvalue allows ends near its least.
    """
    wanted = np.concatenate(
        [_wanted(probabilities(shipped(features), 1.0), labels, settings.known), probabilities(shipped(replay), 1.0)]
    )
    weight = np.concatenate([np.full(len(labels), settings.weight), np.ones(len(replay))]).astype(np.float32)
    x = _with_one(np.concatenate([features, replay]))
    base = np.vstack([shipped.weights, shipped.bias])
    change = np.zeros_like(base)
    ahead, momentum = change, 1.0
    # Python's numbers: NumPy's would make all of it float64.
    rate = 1.0 / (0.5 * _largest_eigenvalue(x * weight[:, None], x) + settings.near)
    start = x @ base
    for _ in range(settings.steps):
        logits = np.asarray(start + x @ ahead, np.float32)
        error = (probabilities(logits, 1.0) - wanted) * weight[:, None]
        following = ahead - rate * (x.T @ error + settings.near * ahead)
        next_momentum = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / next_momentum * (following - change)
        change, momentum = following, next_momentum
    fitted = (base + change).astype(np.float32)
    return LastLayer(fitted[:-1], fitted[-1])


def _wanted(chances: Features, labels: NDArray[np.integer], least: float) -> Features:
    """What is learned of labels, (N, classes): each its label. What is known to be a digit stays as likely to be one as
    it was: which digit it is says nothing about signs."""
    wanted = np.eye(chances.shape[1], dtype=np.float32)[labels]
    is_digit = chances[:, :REJECT].sum(axis=1)
    known = (labels < REJECT) & (is_digit > least)
    wanted[known] = chances[known]
    wanted[known, :REJECT] = 0.0
    wanted[known, labels[known]] = is_digit[known]
    return wanted


def _with_one(features: Features) -> Features:
    return np.hstack([features, np.ones((len(features), 1), np.float32)])


def _largest_eigenvalue(weighted: Features, x: Features) -> float:
    """Of ``weighted.T @ x``."""
    return float(np.linalg.eigvalsh((weighted.T @ x).astype(np.float64))[-1])
