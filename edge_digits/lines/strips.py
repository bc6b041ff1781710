"""A hypothesis's ink at the picture's own resolution, as a line reader takes it: for what may be several digits."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from edge_digits.model_input.ink import PAPER, PAPER_OF_THRESHOLD
from edge_digits.proposals.hypotheses import Hypotheses
from edge_digits.types import Image


def hypothesis_ink(hypotheses: Hypotheses, index: int, strength: float) -> tuple[Image, int, int]:
    """The ink (h, w) uint8, 0 paper … 255 ink, of one hypothesis, and the column and row of ``hypotheses.contrast`` at
    which it begins.

    strength: its contrast, 0..255. As in ``normalized_ink``, its own pixels and the paler ones at their edge are shown.
    """
    height, width = hypotheses.contrast.shape
    left, top = max(int(hypotheses.x[index]) - 1, 0), max(int(hypotheses.y[index]) - 1, 0)
    right = min(int(hypotheses.x[index] + hypotheses.width[index]) + 1, width)
    bottom = min(int(hypotheses.y[index] + hypotheses.height[index]) + 1, height)
    mask = hypotheses.mask(index, left, top, right - left, bottom - top)
    window = (slice(top, bottom), slice(left, right))
    near = cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    shown = mask | (near & (hypotheses.tree.innermost[window] == 0))
    low = min(PAPER * strength, PAPER_OF_THRESHOLD * hypotheses.tree.thresholds[int(hypotheses.level[index])])
    ink = (hypotheses.contrast[window].astype(np.float32) - low) * (255.0 / max(strength - low, 1.0))
    return np.where(shown, np.clip(ink, 0, 255), 0).astype(np.uint8), left, top


def put_together(parts: Sequence[tuple[Image, int, int]]) -> Image:
    """One picture of inks that may overlap, each (h, w) uint8 with the column and row at which it begins: the darkest
    at each pixel, as large as all of them need."""
    left, top = min(x for _, x, _ in parts), min(y for _, _, y in parts)
    width = max(x + ink.shape[1] for ink, x, _ in parts) - left
    height = max(y + ink.shape[0] for ink, _, y in parts) - top
    out = np.zeros((height, width), np.uint8)
    for ink, x, y in parts:
        window = out[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(window, ink, out=window)
    return out
