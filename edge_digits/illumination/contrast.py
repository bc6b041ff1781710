"""Grey picture -> contrast, the share of the paper's light that is missing; a shadow dims paper and ink alike.

The division is Retinex's (Land & McCann 1971); the closing that finds the paper is the usual one of document scanning.
"""

from __future__ import annotations

import cv2

from edge_digits.illumination.downsampled import shrunken
from edge_digits.illumination.paper_light import paper_light
from edge_digits.types import Image, as_image


def contrast_map(grey: Image, paper_window: float) -> Image:
    """Contrast (H, W) uint8: 0 as bright as the paper … 255 black.

    grey: (H, W) uint8, dark on light. paper_window: side of the window that must hold some paper, as a share of the
    picture's longer side.
    """
    grey = as_image(cv2.max(grey, 1))  # pyright: ignore[reportArgumentType, reportCallIssue]
    small = shrunken(grey)
    paper = paper_light(small, paper_window)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    contrast = cv2.bitwise_not(cv2.divide(grey, paper, scale=255))
    return as_image(cv2.GaussianBlur(contrast, (3, 3), 0.8))
