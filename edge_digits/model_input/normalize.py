"""Ink and one region's mask -> model input. The only maker of model input, in training, calibration and reading.

A digit, for a CNN: MNIST's normalization (LeCun et al. 1998, section III.A): the digit's longer side becomes 20 pixels,
aspect kept, anti-aliased, and its centre of mass is moved to the middle of 28×28. A line, for a CRNN: its ink becomes
24 pixels high in a strip of 32, as wide as that makes it.
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


@dataclass(frozen=True)
class LineParameters:
    """The same for strips. height: of the strip. ink: height of the ink in it. margin: empty columns before and after
    the ink. edge, most_gain: as for digits."""

    version: int = 1
    height: int = 32
    ink: int = 24
    margin: int = 4
    edge: int = 24
    most_gain: float = 6.0


LINE_PARAMETERS = LineParameters()


def parameters() -> dict[str, float]:
    """The parameters as they stand in a CNN's spec."""
    return asdict(PARAMETERS)


def line_parameters() -> dict[str, float]:
    """The parameters as they stand in a CRNN's spec."""
    return asdict(LINE_PARAMETERS)


def digit(ink: Image, mask: NDArray[np.bool_] | None = None) -> Image:
    """One region's ink as a CNN sees it.

    ink: (h, w) uint8, 0 paper … 255 ink. mask: (h, w) bool, the region's own pixels (None: all); ink outside it is a
    neighbour's. Returns (28, 28) uint8; all zeros if there is no ink.
    """
    p = PARAMETERS
    digit_ink = ink if mask is None else np.where(mask, ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect(cv2.threshold(digit_ink, p.edge - 1, 255, cv2.THRESH_BINARY)[1])
    if width == 0:
        return np.zeros((p.size, p.size), np.uint8)
    digit_ink = digit_ink[top : top + height, left : left + width]
    factor = p.digit / max(width, height)
    if factor != 1.0:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        digit_ink = cv2.resize(digit_ink, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    return _centred(_strengthened(as_image(digit_ink), p.most_gain))


def _centred(ink: Image) -> Image:
    """``ink`` with its centre of mass in the middle of the input, as far as it stays inside."""
    size = PARAMETERS.size
    height, width = ink.shape
    moments = cv2.moments(ink)
    mass = max(moments["m00"], 1e-9)
    left = round(PARAMETERS.centre - moments["m10"] / mass)
    top = round(PARAMETERS.centre - moments["m01"] / mass)
    left, top = min(max(left, 0), size - width), min(max(top, 0), size - height)
    out = np.zeros((size, size), np.uint8)
    out[top : top + height, left : left + width] = ink
    return out


def line(ink: Image, mask: NDArray[np.bool_] | None = None) -> tuple[Image, float]:
    """One line's ink as a CRNN sees it.

    ink: (h, w) uint8, 0 paper … 255 ink. mask: (h, w) bool, the line's own pixels (None: all). Returns the strip
    (32, width) uint8, and how many of its columns one column of ``ink`` became; a strip without ink is all margin. The
    ink's leftmost column, wherever it stands in ``ink``, is the strip's column ``LINE_PARAMETERS.margin``.
    """
    p = LINE_PARAMETERS
    line_ink = ink if mask is None else np.where(mask, ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect((line_ink >= p.edge).view(np.uint8))
    if width == 0:
        return np.zeros((p.height, 2 * p.margin), np.uint8), 1.0
    line_ink = line_ink[top : top + height, left : left + width]
    factor = p.ink / height
    if factor != 1.0:
        size = (max(1, round(width * factor)), p.ink)
        line_ink = cv2.resize(line_ink, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    above = (p.height - p.ink) // 2
    strip = np.zeros((p.height, line_ink.shape[1] + 2 * p.margin), np.uint8)
    strip[above : above + p.ink, p.margin : -p.margin] = _strengthened(as_image(line_ink), p.most_gain)
    return strip, factor


def _strengthened(ink: Image, most_gain: float) -> Image:
    """Ink whose strokes are as dark as a pen's, however thin they were."""
    inked = cv2.countNonZero(ink)
    values = ink.flatten()
    # The only sort of NumPy's that counts instead of comparing, as is fastest where there are but 256 values.
    values.sort(kind="stable")
    peak = float(values[ink.size - inked + int(0.95 * (inked - 1))]) if inked else 255.0
    gain = min(most_gain, 255.0 / max(peak, 1.0))
    return as_image(cv2.convertScaleAbs(ink, alpha=gain)) if gain > 1.0 else ink
