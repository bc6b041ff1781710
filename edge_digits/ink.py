"""Grey photograph -> ink map (H, W) uint8: 0 paper … 255 ink, light evened out, polarity settled.

The paper's brightness is estimated at a quarter of the size and divided out, so a shadow, which dims paper and ink
alike, leaves no trace (the division is Retinex's, Land & McCann 1971; the closing that finds the paper is the usual
one of document scanning). What remains is measured against the strongest ink near by: faint pencil comes out as dark
as a marker, and the halo that blur puts around a marker does not. Where the paper itself has texture (cloth, grain,
JPEG blocks in the dark), ink must stand out from that texture.

All full-size steps are single passes over uint8, which OpenCV vectorizes on x86 and ARM alike.
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

    stroke_window: side of the median filter that takes strokes away, as a share of the picture's longer side.
    paper_window: side of the window that must hold some paper, same unit.
    peak_window: side of the window whose strongest ink counts as full ink, same unit.
    darkest_paper: paper is at least this share of the picture's bright level; what is darker is a desk, not paper.
    least_contrast: least drop in reflectance that is ink, 0..1. noise_factor: ink is at least so many times the
    typical contrast of the paper's texture near by. low, high: shares of the local peak that map to 0 and 255.
    """

    version: int = 1
    stroke_window: float = 0.03
    paper_window: float = 0.10
    peak_window: float = 0.05
    darkest_paper: float = 0.22
    least_contrast: float = 0.055
    noise_factor: float = 6.0
    low: float = 0.25
    high: float = 0.85


PARAMETERS = InkParameters()

_SHRINK = 4  # Light and texture vary slowly: they are measured on every fourth pixel's average.


def parameters() -> dict[str, float]:
    """The parameters as they stand in a model's spec."""
    return asdict(PARAMETERS)


def _odd(share: float, small: Image, least: int = 3) -> int:
    """A window's side in pixels of the shrunken picture, odd as OpenCV's filters want it."""
    return max(least, round(share * max(small.shape))) | 1


def _square(side: int) -> Image:
    return np.ones((side, side), np.uint8)


def _shrunken(grey: Image) -> Image:
    height, width = grey.shape
    size = (max(2, width // _SHRINK), max(2, height // _SHRINK))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def is_light_on_dark(grey: Image) -> bool:
    """Whether the writing is lighter than its ground (chalk on a board). grey: (H, W) uint8.

    Strokes are what a median filter takes away; it leaves the edges of sheets, desks and shadows where they are. The
    narrow filter decides, unless nearly all that there is is too thick for it.
    """
    small = cv2.resize(_shrunken(grey), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    thin = _signed_strokes(small, PARAMETERS.stroke_window)
    thick = _signed_strokes(small, 4 * PARAMETERS.stroke_window)
    decisive = thin if np.abs(thin).sum() > 0.12 * np.abs(thick).sum() else thick
    return float(decisive.sum()) > 0


def _signed_strokes(small: Image, window: float) -> NDArray[np.float32]:
    """What a median filter takes away, (h, w) float32, positive where it is lighter than its ground.

    It counts by the share of the range that its ground leaves it: a glint on a dark desk is weak, pencil on white
    paper and chalk on slate are strong; and one strong stroke outweighs some weak ones, hence the square.
    """
    ground = cv2.medianBlur(small, min(_odd(window, small, 5), 255)).astype(np.float32)
    strokes = small - ground
    share = strokes / (np.where(strokes > 0, 256.0 - ground, ground) + 64.0)
    return share * np.abs(share)


def _paper(small: Image) -> Image:
    """Brightness of the paper under each pixel of the shrunken picture: closing, then smoothed."""
    side = _odd(PARAMETERS.paper_window, small)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, _square(side), borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.blur(closed, (side // 2 | 1, side // 2 | 1), borderType=cv2.BORDER_REPLICATE)
    bright = float(np.percentile(smooth, 90))
    return np.maximum(smooth, np.uint8(max(1.0, PARAMETERS.darkest_paper * bright)))


def _peak(small: Image, paper: Image) -> Image:
    """Contrast (255 = black on white) that counts as full ink at each pixel of the shrunken picture."""
    p = PARAMETERS
    contrast = cv2.bitwise_not(cv2.divide(small, paper, scale=255))
    texture = cv2.medianBlur(
        cv2.absdiff(contrast, cv2.medianBlur(contrast, 5)), min(_odd(p.paper_window, small, 5), 255)
    )
    floor = np.maximum(
        cv2.convertScaleAbs(texture, alpha=p.noise_factor), np.uint8(round(255 * p.least_contrast))
    )
    side = _odd(p.peak_window, small)
    strongest = cv2.blur(cv2.dilate(contrast, _square(side)), (side, side))
    # Averaging over 4×4 pixels dilutes a thin stroke; full ink is what the full-size picture shows.
    return np.maximum(strongest, cv2.convertScaleAbs(floor, alpha=1.0 / p.low))


def ink_map(grey: Image) -> Image:
    """Ink of a whole photograph.

    grey: (H, W) uint8, either polarity. Returns (H, W) uint8, 0 paper … 255 ink; a picture without any contrast gives
    zeros. The picture should hold some paper around the writing.
    """
    p = PARAMETERS
    if is_light_on_dark(grey):
        grey = cv2.bitwise_not(grey)
    size = (grey.shape[1], grey.shape[0])
    small = _shrunken(grey)
    paper = _paper(small)
    peak = cv2.resize(_peak(small, paper), size, interpolation=cv2.INTER_LINEAR)
    contrast = cv2.bitwise_not(
        cv2.divide(grey, cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR), scale=255)
    )
    share = cv2.divide(contrast, peak, scale=255)
    return cv2.LUT(share, _share_to_ink(p.low, p.high))


def _share_to_ink(low: float, high: float) -> Image:
    """Table (256,) from the share of full contrast (255 = all) to ink."""
    share = np.arange(256, dtype=np.float32) / 255.0
    return np.clip((share - low) / (high - low) * 255.0, 0, 255).astype(np.uint8)
