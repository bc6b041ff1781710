"""MNIST's test pictures rotated, shifted, scaled, noisy and blurred, at five levels each: always the same ones."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Matrix = NDArray[np.float32]

LEVELS = {
    "rotated": ("degrees", (5.0, 10.0, 15.0, 20.0, 30.0)),
    "shifted": ("pixels", (1.0, 2.0, 3.0, 4.0, 5.0)),
    "scaled": ("times larger or smaller", (1.1, 1.2, 1.3, 1.4, 1.5)),
    "noisy": ("standard deviation, share of black", (0.1, 0.2, 0.3, 0.4, 0.5)),
    "blurred": ("standard deviation in pixels", (0.5, 1.0, 1.5, 2.0, 2.5)),
}
"""By kind: what its levels are measured in, and the levels."""
_SEED = 20_261_123


def distorted(images: Pictures, kind: str, level: float) -> Pictures:
    """images: (N, 28, 28) uint8. kind: one of ``LEVELS``. Every second picture is rotated clockwise, every second is
    enlarged and the others made smaller, and four directions of shift take turns; no picture depends on the others."""
    if kind == "noisy":
        random = np.random.default_rng([_SEED, round(1000 * level)])
        noise = random.normal(0, 255 * level, images.shape)
        return (images + noise).round().clip(0, 255).astype(np.uint8)
    if kind == "blurred":
        return np.stack([cv2.GaussianBlur(image, (0, 0), level) for image in images]).astype(np.uint8)
    matrix = _MATRICES[kind]
    size = images.shape[2], images.shape[1]
    middle = (size[0] - 1) / 2, (size[1] - 1) / 2
    made = [cv2.warpAffine(image, matrix(i, level, middle), size) for i, image in enumerate(images)]
    return np.stack(made).astype(np.uint8)


def _rotation(index: int, level: float, middle: tuple[float, float]) -> Matrix:
    return np.asarray(cv2.getRotationMatrix2D(middle, level if index % 2 else -level, 1.0), np.float32)


def _scaling(index: int, level: float, middle: tuple[float, float]) -> Matrix:
    return np.asarray(cv2.getRotationMatrix2D(middle, 0.0, 1 / level if index % 2 else level), np.float32)


def _shift(index: int, level: float, _: tuple[float, float]) -> Matrix:
    x, y = ((1, 0), (0, 1), (-1, 0), (0, -1))[index % 4]
    return np.array([[1, 0, x * level], [0, 1, y * level]], np.float32)


_MATRICES: dict[str, Callable[[int, float, tuple[float, float]], Matrix]] = {
    "rotated": _rotation,
    "shifted": _shift,
    "scaled": _scaling,
}
