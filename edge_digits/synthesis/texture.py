"""Noise that is computed once and cut anew each time: what paper, pencil and sensors need in every
picture."""

from __future__ import annotations

from functools import cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 1024


@cache
def _field(grain: float) -> NDArray[np.float32]:
    """(1024, 1024) Gaussian noise of mean 0 and standard deviation 1, blurred by ``grain`` pixels, without
    seams."""
    noise = np.random.default_rng(20261).standard_normal((_SIDE, _SIDE), np.float32)
    if grain > 0:
        margin = int(4 * grain) + 1
        noise = cv2.copyMakeBorder(noise, margin, margin, margin, margin, cv2.BORDER_WRAP)
        noise = cv2.GaussianBlur(noise, (0, 0), grain)[margin:-margin, margin:-margin]
        noise /= noise.std()
    return noise


def noise(rng: np.random.Generator, height: int, width: int, grain: float = 0.0) -> NDArray[np.float32]:
    """(height, width) float32 Gaussian noise, mean 0, standard deviation 1, a random cut of one fixed field
    (read-only use: it may be a view). grain: blur in pixels; use few values, each has its own field of 4 MB,
    made on first use."""
    top, left = rng.integers(_SIDE, size=2).tolist()
    cut = _wrapped(_wrapped(_field(grain), top, height, axis=0), left, width, axis=1)
    return cut[:: 1 if rng.random() < 0.5 else -1]


def _wrapped(field: NDArray[np.float32], start: int, length: int, axis: int) -> NDArray[np.float32]:
    """``length`` rows or columns from ``start`` on, beginning again behind the last."""
    parts = []
    while length > 0:
        end = min(start + length, _SIDE)
        parts.append(field[start:end] if axis == 0 else field[:, start:end])
        start, length = 0, length - (end - start)
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis)


def clouds(rng: np.random.Generator, height: int, width: int, cells: int) -> NDArray[np.float32]:
    """(height, width) float32 smooth noise, mean 0, standard deviation about 1, with ``cells`` spots along a
    side."""
    grid = rng.standard_normal((cells + 1, cells + 1), np.float32)
    return cast(NDArray[np.float32], cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC))
