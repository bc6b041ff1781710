"""Grey photograph -> ink map (H, W) uint8: 0 paper … 255 ink, light evened out, polarity settled.

The paper's brightness is estimated at a quarter of the size and divided out, so a shadow, which dims paper and ink
alike, leaves no trace (the division is Retinex's, Land & McCann 1971; the closing that finds the paper is the usual
one of document scanning). What remains is measured against the strongest ink near by: faint pencil comes out as dark
as a marker, and the halo that blur puts around a marker does not. Where the paper itself has texture (cloth, grain,
JPEG blocks in the dark), ink must stand out from that texture.

All full-size steps are single passes over uint8, which OpenCV vectorizes on x86 and ARM alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.ink_parameters import PARAMETERS, parameters
from edge_digits.paper_light import paper_light
from edge_digits.polarity import is_light_on_dark
from edge_digits.quarter import median, odd, quantile, shrunken, square
from edge_digits.ruling import may_be_ruled, without_ruling
from edge_digits.types import Image, as_image

__all__ = ["PageInk", "ink_map", "page_ink", "parameters"]

_LEAST_RULING = 8
"""Contrast (255 = all light is missing) that was taken out where there was a line."""

_NOISY, _LEFT_OF_NOISE = 6.0, 0.375
"""Grey levels of a sensor's noise, as in the dark, from which on a picture is smoothed; and what that leaves of it: the
root of the sum of the squares of the weights of three by three pixels, binomial both ways."""


def _peak(noise: float, small: Image, paper: Image) -> Image:
    """Contrast (255 = black on white) that counts as full ink at each pixel of the shrunken picture, if its paper were
    without texture. noise: of the sensor, grey levels. small: contrast at that size."""
    p = PARAMETERS
    side = odd(p.peak_window, small)
    strongest = cv2.blur(cv2.dilate(small, square(side)), (side, side))
    sensor = 255.0 * p.noise_factor * noise / np.maximum(np.arange(256), 1)
    least = cv2.LUT(paper, _floor(np.maximum(sensor, 255.0 * p.least_contrast)))
    return as_image(cv2.max(strongest, least))


def _above_texture(peak: Image, rough: Image) -> Image:
    """``peak``, raised where the median of ``rough`` in a window asks for more; both (h, w).

    The median is found grey level by grey level, by whether most of the window is above it: hardly a paper has more
    than three, and a box filter takes a tenth of a median filter's time.
    """
    p = PARAMETERS
    side = min(odd(p.paper_window, rough, 5), 255)
    floors = _floor(np.arange(256) * p.texture_factor)
    for level in range(int(255.0 * p.least_contrast / p.texture_factor), 255):
        above = cv2.threshold(rough, level, 255, cv2.THRESH_BINARY)[1]
        share = cv2.blur(above, (side, side), borderType=cv2.BORDER_REPLICATE)
        floor = cv2.threshold(share, 127, int(floors[level + 1]), cv2.THRESH_BINARY)[1]
        if not cv2.countNonZero(floor):
            break
        peak = as_image(cv2.max(peak, floor))
        if floors[level + 1] == 255:
            break
    return peak


def _floor(least: NDArray[np.floating]) -> Image:
    """The contrast that counts as full ink where ``least`` is the least that is ink at all, (256,) both."""
    return np.minimum(least / PARAMETERS.low, 255.0).astype(np.uint8)


def _noise(grey: Image) -> float:
    """Standard deviation of the sensor's noise in grey levels, from neighbours along every eighth row: the median
    difference, which strokes hardly move (Donoho & Johnstone 1994, the median absolute deviation)."""
    rows = grey[::8]
    return quantile(as_image(cv2.absdiff(rows[:, 1:], rows[:, :-1])), 0.5) / 0.954 if grey.shape[1] > 1 else 0.0


@dataclass(frozen=True)
class PageInk:
    """What is written on a page. ink: (H, W) uint8, 0 paper … 255 ink, full for faint and strong pens alike. contrast:
    (H, W) uint8, how much darker than the paper the writing really is, the share of its light that is missing, 255 =
    all. ruling: (H, W) uint8, the contrast of the page's lines where they were taken out; None if it is not ruled.
    edges: (H, W) uint8, 255 along the edges of hard shadows, sheets and desks, where what looks like ink may be none;
    None without any."""

    ink: Image
    contrast: Image
    ruling: Image | None = None
    edges: Image | None = None


def page_ink(grey: Image, maybe_ruled: bool = True) -> PageInk:
    """Ink of a whole photograph.

    grey: (H, W) uint8, either polarity; it should hold some paper around the writing. A picture without any contrast
    gives zeros. The lines of ruled and squared paper are no ink, and what they cross is measured without them;
    maybe_ruled: whether to look for them.
    """
    p = PARAMETERS
    noise = _noise(grey)
    if noise > _NOISY:
        grey, noise = as_image(cv2.GaussianBlur(grey, (3, 3), 0)), _LEFT_OF_NOISE * noise
    small = shrunken(grey)
    if is_light_on_dark(grey, small):
        grey = as_image(cv2.bitwise_not(grey))
        small = shrunken(grey)
    if cv2.countNonZero(grey) < grey.size:
        grey = as_image(cv2.max(grey, np.ones_like(grey)))
        small = shrunken(grey)
    size = (grey.shape[1], grey.shape[0])
    paper, edges = paper_light(small)
    contrast = cv2.divide(grey, cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR), scale=255)
    contrast = as_image(cv2.bitwise_not(contrast, dst=contrast))
    small = as_image(cv2.bitwise_not(cv2.divide(small, paper, scale=255)))
    ruling = None
    if maybe_ruled and may_be_ruled(small) and (cleaned := without_ruling(contrast)) is not None:
        ruling = as_image(cv2.threshold(cv2.subtract(contrast, cleaned), _LEAST_RULING, 0, cv2.THRESH_TOZERO)[1])
        contrast, small = cleaned, shrunken(cleaned)
    rough = as_image(cv2.absdiff(small, median(small, 5)))
    peak = cv2.resize(_above_texture(_peak(noise, small, paper), rough), size, interpolation=cv2.INTER_LINEAR)
    share = cv2.divide(contrast, peak, scale=255, dst=peak)
    edges = None if edges is None else as_image(cv2.resize(edges, size, interpolation=cv2.INTER_NEAREST))
    return PageInk(as_image(_share_to_ink(as_image(share), p.low, p.high)), contrast, ruling, edges)


def ink_map(grey: Image) -> Image:
    """The ink alone, as ``page_ink`` gives it: (H, W) uint8, 0 paper … 255 ink."""
    return page_ink(grey).ink


def _share_to_ink(share: Image, low: float, high: float) -> Image:
    """Shares of full contrast (255 = all), (H, W), as ink: low and high become 0 and 255.

    By a weighted sum with nothing, which takes half as long as a table; it rounds, where ink is to be cut off.
    """
    scale = 1.0 / (high - low)
    return as_image(cv2.addWeighted(share, scale, share, 0.0, -255.0 * low * scale - 0.5, dst=share))
