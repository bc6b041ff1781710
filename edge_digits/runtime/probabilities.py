"""Scores -> probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def probabilities(scores: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Calibrated softmax (Guo et al. 2017, section 4.2): (N, C) logits -> (N, C) float32, each row sums to 1."""
    scaled = scores / np.float32(temperature)
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    return scaled / scaled.sum(axis=1, keepdims=True)
