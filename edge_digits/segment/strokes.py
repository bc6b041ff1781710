"""What a component was written with: how thick its strokes are, and how dark."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.segment.components import Components
from edge_digits.types import Image


def own_ink(components: Components, index: int, ink: Image) -> Image:
    """The ink of component ``index`` in its box, (height, width) uint8. ink: (H, W) uint8 of the page."""
    return components.box(index).cut(ink) * components.own(index)


def thickness(components: Components, index: int) -> float:
    """Thickness of a component's strokes in pixels, at least 1.

    Across a stroke of t pixels the distances to paper are 1, 2 … 2, 1, in the mean t / 4 + 1 / 2.
    """
    framed = cv2.copyMakeBorder(components.own(index).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    distance = cv2.sumElems(cv2.distanceTransform(framed, cv2.DIST_L2, 3))[0]
    return max(1.0, 4.0 * distance / max(int(components.area[index]), 1) - 2.0)


def contrast_under(own: Image, contrast: Image) -> float:
    """Mean of ``contrast`` under the ink ``own``, both (height, width) uint8, 0..255; strong ink counts more."""
    return weighted(own, contrast) / max(cv2.sumElems(own)[0], 1.0)


def weighted(own: Image, contrast: Image) -> float:
    """Sum of ``contrast`` times the ink ``own``, both (height, width) uint8."""
    return cv2.sumElems(cv2.multiply(own, contrast, dtype=cv2.CV_32F))[0]
