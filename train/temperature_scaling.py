"""The temperature that makes a network's confidence a probability (Guo et al. 2017, section 4.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def softmax(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities (N, C) of logits (N, C) divided by ``temperature``."""
    z = logits.astype(np.float64) / temperature
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def negative_log_likelihood(logits: NDArray[np.float32], labels: NDArray[np.integer], temperature: float) -> float:
    """Mean over the rows, in nats."""
    z = logits.astype(np.float64) / temperature
    top = z.max(axis=1)
    total = top + np.log(np.exp(z - top[:, None]).sum(axis=1))
    return float((total - z[np.arange(len(z)), labels]).mean())


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
    """The temperature between 0.1 and 10 with the least negative log-likelihood, to 0.1 %.

    logits: (N, C), N > 0; labels: (N,). The likelihood has one minimum in the inverse temperature, so a golden-section
    search over its logarithm finds it.
    """
    ratio = (5**0.5 - 1) / 2
    low, high = np.log(0.1), np.log(10.0)
    while high - low > 1e-3:
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if negative_log_likelihood(logits, labels, np.exp(a)) < negative_log_likelihood(logits, labels, np.exp(b)):
            high = b
        else:
            low = a
    return float(np.exp((low + high) / 2))
