"""How sharp and how light a picture is: what a camera is aimed and focused by."""

from __future__ import annotations

import cv2
import numpy as np

from device.cameras.exposure import WHITE, brightness
from edge_digits.types import Image

SMOOTHING = 1.0
"""Standard deviation in pixels of the blur that takes the noise from the edges before they are measured."""

SHARPEST = 0.34
"""Steepest slope of an edge after that blur, as a share of its height per pixel: (erf(1/√2)) / 2."""

EDGE_PIXELS = 100
"""Steepest pixels of the picture over which the slope is averaged: those of one digit."""

TOO_DARK = 60
"""Grey level of the paper below which the picture is too dark to aim by."""

LEAST_CONTRAST = 25.0
"""Grey levels; a picture with less shows nothing to focus on."""


def focus(image: Image) -> float | None:
    """How sharp the sharpest edges of (H, W) uint8 are: 100 is one pixel, 37 a blur of three; None shows no edges.

    The steepest slope as a share of the picture's contrast, so that the score does not depend on the light and on how
    much is written.
    """
    smooth = cv2.GaussianBlur(image, (0, 0), SMOOTHING).astype(np.float32)
    low, high = np.percentile(smooth[::2, ::2], (0.1, 99.9))
    if high - low < LEAST_CONTRAST or min(image.shape) < 3:
        return None
    slope = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)).ravel() / 8
    count = min(EDGE_PIXELS, slope.size)
    steepest = float(np.mean(np.partition(slope, -count)[-count:]))
    return min(100.0, 100.0 * steepest / (SHARPEST * float(high - low)))


def describe(image: Image, state: str = "") -> str:
    """Size, focus and light of a frame in one line. state: what the camera says of itself."""
    score = focus(image)
    level = brightness(image)
    parts = [
        f"{image.shape[1]}x{image.shape[0]}",
        "nothing to focus on" if score is None else f"focus {score:.0f} of 100",
        f"paper {level:.0f} of 255"
        + (" (too dark)" if level < TOO_DARK else " (too bright)" if level >= WHITE else ""),
    ]
    return ", ".join([*parts, state] if state else parts)
