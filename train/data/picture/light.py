"""Light on a page: slopes, lamps, dark corners, shadows of hands and phones."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.texture import clouds

_COARSE = 4


def light(height: int, width: int, uneven: float, shadows: int, random: np.random.Generator) -> NDArray[np.float32]:
    """How much light falls where, (height, width) float32, 1 at the brightest.

    uneven: from 0, the same everywhere, to 1, corners that are nearly dark. shadows: how many.
    """
    rows, columns = max(2, height // _COARSE), max(2, width // _COARSE)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    field = 1 + (x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))) * np.float32(
        uneven * random.random() * 0.4
    )
    if random.random() < 0.6:
        cx, cy = random.uniform(-0.6, 0.6, 2).astype(np.float32)
        field -= ((x - cx) ** 2 + (y - cy) ** 2) * np.float32(uneven * random.random() * 0.3)
    field += clouds(random, rows, columns, 2) * np.float32(uneven * 0.06)
    full = cv2.resize(np.maximum(field, 0.08), (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(shadows):
        full *= _shadow(height, width, random)
    return full / max(float(full.max()), 1e-3)


def _shadow(height: int, width: int, random: np.random.Generator) -> NDArray[np.float32]:
    """A shadow's factor (height, width): an edge, a hand's or phone's outline; sharp or soft."""
    rows, columns = max(4, height // 2), max(4, width // 2)
    mask = np.zeros((rows, columns), np.uint8)
    size = max(rows, columns)
    if random.random() < 0.4:
        centre = random.uniform(0, (columns, rows))
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        # A few waves around a circle: a head, a fist, fingers.
        waves = [random.normal(0, 0.3 / k) * np.cos(k * angles + random.uniform(0, 6.3)) for k in range(1, 7)]
        reach = size * random.uniform(0.15, 0.6) * np.exp(np.sum(waves, axis=0))
        outline = centre + np.stack([np.cos(angles), np.sin(angles)], 1) * reach[:, None]
    else:
        angle, through = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.9, 2) * (columns, rows)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        far = 3 * size
        bend = through + across * random.normal(0, 0.05) * size
        outline = np.array([through - along * far, bend, through + along * far, through + across * far])
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], (255,))
    soft = np.exp(random.uniform(np.log(0.8), np.log(0.15 * size + 1)))
    # A wide blur is a narrow one on a smaller picture.
    factor = max(1, int(soft / 2))
    small = cv2.resize(mask, (max(2, columns // factor), max(2, rows // factor)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.5, soft / factor))
    depth = np.float32((0.06 + 0.45 * random.random() ** 1.5) / 255)
    return 1 - cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32) * depth
