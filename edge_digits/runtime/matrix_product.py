"""Products of small matrices on the caller's thread alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST = 2**17
"""Multiplications at once; from twice as many on OpenBLAS shares a product among threads, which gain nothing on what is
so small, and wait for the next one in a loop, for tens of milliseconds, on cores that others need."""


def product(rows: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """``rows`` (N, inputs) times ``weights`` (inputs, outputs), both float32: (N, outputs) float32."""
    at_once = max(1, _MOST // weights.size)
    if len(rows) <= at_once:
        return rows @ weights
    return np.concatenate([rows[start : start + at_once] @ weights for start in range(0, len(rows), at_once)])
