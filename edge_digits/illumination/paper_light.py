"""How bright the paper is under what is written on it."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.illumination.downsampled import odd, quantile, square
from edge_digits.types import Image, as_image

_TOO_BRIGHT, _AT_EDGE = (1.03, 1.1), 0.98
"""How many times too bright smoothed paper is where an edge of the light begins to show, and where it does for certain;
and what of the paper's own brightness counts there, less by the noise that its closing has gathered."""
_AT_EDGES = np.interp(np.arange(256) / 100, _TOO_BRIGHT, (_TOO_BRIGHT[0], _AT_EDGE)).astype(np.float32)
_DARKEST_PAPER = 0.22
"""Paper is at least this share of the picture's bright level; what is darker is a desk, not paper."""


def paper_light(small: Image, window: float) -> Image:
    """Brightness of the paper under each pixel of ``small``, a picture at a quarter of the size, (h, w) uint8: closing,
    then smoothed but at edges; 1 where it is too dark to be paper at all, so that nothing there is darker than its
    paper. window: side of the window that must hold some paper, as a share of the longer side."""
    side = odd(window, small)
    closed = cv2.morphologyEx(_falling_border(small, side), cv2.MORPH_CLOSE, square(side))
    closed = as_image(closed[side:-side, side:-side])
    paper = as_image(cv2.blur(closed, (side // 2 | 1, side // 2 | 1), borderType=cv2.BORDER_REPLICATE))
    paper = _sharp_at_edges(paper, closed)
    darkest = max(1.0, _DARKEST_PAPER * quantile(paper, 0.9))
    levels = np.arange(256)
    return as_image(cv2.LUT(paper, np.where(levels < darkest, 1, levels).astype(np.uint8)))


def _sharp_at_edges(smooth: Image, closed: Image) -> Image:
    """The paper's brightness ``smooth``, but ``closed``, which it was before it was smoothed, where the light falls off
    at once: paper that is too bright would make ink of the shadow. All (h, w)."""
    # Where an edge runs is known to a pixel; paper that is too dark for one makes no ink.
    darker = cv2.erode(closed, square(3))
    ratio = cv2.divide(smooth, darker, scale=100)
    too_bright = cv2.threshold(ratio, 100 * _TOO_BRIGHT[0], 255, cv2.THRESH_BINARY)[1]
    if not cv2.countNonZero(too_bright):
        return smooth
    sharp = cv2.multiply(darker, cv2.LUT(ratio, _AT_EDGES), dtype=cv2.CV_8U)
    return as_image(cv2.copyTo(sharp, too_bright, smooth))


def _falling_border(small: Image, side: int) -> Image:
    """The picture with ``side`` pixels around it, in which light that falls off towards the edge goes on falling.

    Without it the closing takes the brighter paper further in for the paper at the edge, and a vignette for ink.
    """
    edge = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REPLICATE)
    mirrored = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REFLECT)
    return as_image(cv2.subtract(edge, cv2.subtract(mirrored, edge)))
