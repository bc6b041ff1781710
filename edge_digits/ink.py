"""Grey photograph -> ink map (H, W) uint8: 0 paper … 255 ink, light evened out, polarity settled.

The paper's brightness is estimated at a quarter of the size and divided out, so a shadow, which dims paper and ink
alike, leaves no trace. What remains is measured against the strongest ink near by: faint pencil comes out as dark as
a marker, and the halo that blur puts around a marker does not.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image


@dataclass(frozen=True)
class InkParameters:
    """What the ink map depends on; travels in every model's spec, because models are trained behind it.

    paper_window: side of the window that must hold some paper, as a share of the picture's longer side.
    peak_window: side of the window whose strongest ink counts as full ink, same unit.
    noise_floor: multiples of the noise's standard deviation below which nothing is ink.
    least_contrast: least drop in reflectance that is ink, 0..1. low, high: shares of the local peak that map to 0, 255.
    """

    version: int = 1
    paper_window: float = 0.10
    peak_window: float = 0.05
    noise_floor: float = 6.0
    least_contrast: float = 0.06
    low: float = 0.25
    high: float = 0.85


PARAMETERS = InkParameters()


def parameters() -> dict[str, float]:
    """The parameters as they stand in a model's spec."""
    return asdict(PARAMETERS)


def _paper(grey: Image) -> NDArray[np.float32]:
    """Brightness of the paper under each pixel, (H, W) float32: closing at a quarter of the size, then smoothed."""
    height, width = grey.shape
    small = cv2.resize(grey, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    side = max(3, round(PARAMETERS.paper_window * max(small.shape))) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8), borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.blur(closed, (side // 2 | 1, side // 2 | 1))
    return cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def is_light_on_dark(grey: Image) -> bool:
    """Whether the writing is lighter than its ground (chalk): the sign of the skew of the local contrast."""
    height, width = grey.shape
    small = cv2.resize(grey, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    side = max(3, round(PARAMETERS.paper_window * max(small.shape))) | 1
    detail = small.astype(np.float32) - cv2.blur(small, (side, side)).astype(np.float32)
    return float((detail**3).mean()) > 0


def ink_map(grey: Image) -> Image:
    """Ink of a whole photograph.

    grey: (H, W) uint8, either polarity. Returns (H, W) uint8, 0 paper … 255 ink; a picture without any contrast gives
    zeros. The picture should hold some paper around the writing.
    """
    if is_light_on_dark(grey):
        grey = cv2.bitwise_not(grey)
    paper = np.maximum(_paper(grey), 8.0)
    contrast = 1.0 - grey.astype(np.float32) / paper
    np.maximum(contrast, 0.0, out=contrast)
    detail = cv2.absdiff(grey, cv2.medianBlur(grey, 3)).astype(np.float32) / paper
    noise = float(detail.mean()) * 1.25
    floor = max(PARAMETERS.least_contrast, PARAMETERS.noise_floor * noise)
    small = cv2.resize(contrast, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = max(3, round(PARAMETERS.peak_window * max(small.shape))) | 1
    peak = cv2.blur(cv2.dilate(small, np.ones((side, side), np.uint8)), (side, side))
    peak = np.maximum(cv2.resize(peak, (grey.shape[1], grey.shape[0])), floor / PARAMETERS.low)
    share = (contrast / peak - PARAMETERS.low) * (255.0 / (PARAMETERS.high - PARAMETERS.low))
    return np.clip(share, 0, 255).astype(np.uint8)
