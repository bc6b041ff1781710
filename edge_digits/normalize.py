"""Ink and one region's mask -> model input. The only maker of model input, in training, calibration and reading.

MNIST's normalization (LeCun et al. 1998, section III.A): the digit's longer side becomes 20 pixels, aspect kept,
anti-aliased, and its centre of mass is moved to the middle of 28×28.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image, as_image


@dataclass(frozen=True)
class NormalizationParameters:
    """What model input depends on; travels in every model's spec, and a model with other values is refused.

    size: side of the input. digit: longer side of the digit in it.
    centre: where its centre of mass goes, in pixels from the left and from the top (MNIST's own value).
    edge: least ink (0..255) that counts as the digit's extent.
    most_gain: how much the ink of strokes thinner than a pixel is strengthened at most.
    """

    version: int = 1
    size: int = 28
    digit: int = 20
    centre: float = 14.0
    edge: int = 24
    most_gain: float = 6.0


PARAMETERS = NormalizationParameters()


def parameters() -> dict[str, float]:
    """The parameters as they stand in a model's spec."""
    return asdict(PARAMETERS)


def digit(ink: Image, mask: NDArray[np.bool_] | None = None) -> Image:
    """One region's ink as a CNN sees it.

    ink: (h, w) uint8, 0 paper … 255 ink. mask: (h, w) bool, the region's own pixels (None: all); ink outside it is a
    neighbour's. Returns (28, 28) uint8; all zeros if there is no ink.
    """
    p = PARAMETERS
    own = ink if mask is None else np.where(mask, ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect((own >= p.edge).view(np.uint8))
    if width == 0:
        return np.zeros((p.size, p.size), np.uint8)
    own = own[top : top + height, left : left + width]
    factor = p.digit / max(width, height)
    if factor != 1.0:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        own = cv2.resize(own, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    inked = np.sort(own[own > 0])
    peak = float(inked[int(0.95 * (len(inked) - 1))]) if len(inked) else 255.0
    gain = min(p.most_gain, 255.0 / max(peak, 1.0))
    if gain > 1.0:
        own = cv2.convertScaleAbs(own, alpha=gain)
    return _centred(as_image(own))


def _centred(own: Image) -> Image:
    """``own`` with its centre of mass in the middle of the input, as far as it stays inside."""
    size = PARAMETERS.size
    height, width = own.shape
    moments = cv2.moments(own)
    mass = max(moments["m00"], 1e-9)
    left = round(PARAMETERS.centre - moments["m10"] / mass)
    top = round(PARAMETERS.centre - moments["m01"] / mass)
    left, top = min(max(left, 0), size - width), min(max(top, 0), size - height)
    out = np.zeros((size, size), np.uint8)
    out[top : top + height, left : left + width] = own
    return out
