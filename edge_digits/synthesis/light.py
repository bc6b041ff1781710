"""Light on a scene: (H, W) uint8, 255 full light. Lamps, windows, vignetting, shadows of hands and phones,
creases."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image

_COARSE = 160
"""Light is made at about this many pixels a side and enlarged: it has no finer detail."""


def random_light(rng: np.random.Generator, height: int, width: int) -> Image:
    """Uneven light. Returns (height, width) uint8, its brightest spot near 255."""
    factor = max(1.0, max(height, width) / _COARSE)
    rows, columns = max(2, round(height / factor)), max(2, round(width / factor))
    y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    slope, angle, spot, x0, y0, shadows, crease = rng.random(7).tolist()
    light = 1.0 + 0.45 * slope * slope * (np.cos(6.28 * angle) * x + np.sin(6.28 * angle) * y)
    if spot < 0.5:  # a lamp near by, or the lens's vignette where the spot is in the middle
        reach = (x - (1.6 * x0 - 0.8)) ** 2 + (y - (1.6 * y0 - 0.8)) ** 2
        light = light / (1.0 + 0.6 * spot * reach)
    for _ in range(int(shadows < 0.4) + int(shadows < 0.12)):
        light = light * _shadow(rng, rows, columns)
    if crease < 0.15:
        light = light * _crease(rng, x, y)
    # The room itself lights what lamps and windows do not.
    light = 55.0 + light * (200.0 / max(float(light.max()), 1e-3))
    # Enlarged before rounding: a slow gradient would show steps otherwise.
    full = cv2.resize(np.maximum(light, 55.0), (width, height), interpolation=cv2.INTER_LINEAR)
    return full.astype(np.uint8)


def lit(scene: Image, light: Image) -> Image:
    """The brightness of a scene: reflectance (H, W) uint8 times light (H, W) uint8, 255 for full of both."""
    return cast(Image, cv2.multiply(scene, light, scale=1 / 255))


def _shadow(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.float32]:
    """What the shadow of a hand, a phone or a window frame leaves of the light, with a sharp or a soft
    edge."""
    corners = rng.normal((columns / 2, rows / 2), (columns / 2, rows / 2), 2)
    sides = int(rng.integers(3, 7))
    around = np.sort(rng.uniform(0, 2 * np.pi, sides))
    reach = rng.uniform(0.3, 0.9, (sides, 1)) * max(rows, columns)
    polygon = corners + reach * np.stack([np.cos(around), np.sin(around)], 1)
    mask = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    softness = 0.3 + 0.1 * max(rows, columns) * float(rng.random()) ** 2
    mask = cv2.GaussianBlur(mask, (0, 0), softness)
    return 1.0 - mask.astype(np.float32) * float(rng.uniform(0.12, 0.6) / 255)


def _crease(rng: np.random.Generator, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Creased paper turns to the light on one side of the fold and away from it on the other."""
    total = np.ones((y.shape[0], x.shape[1]), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        angle, at, depth = float(rng.uniform(0, 6.28)), float(rng.normal(0, 0.5)), float(rng.normal(0, 0.06))
        across = np.cos(angle) * x + np.sin(angle) * y - at
        total += depth * np.sign(across) * np.exp(-np.abs(across) * float(rng.uniform(3, 15)))
    return total
