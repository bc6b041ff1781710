"""Digits that were read, as model input: their hypotheses, found again by where they stand."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.model_input.context import OUTSIDE, pyramid
from edge_digits.model_input.ink import normalized_ink
from edge_digits.model_input.normalize import PARAMETERS
from edge_digits.model_input.views import first_views
from edge_digits.proposals.cuts import wide_nodes
from edge_digits.proposals.hypotheses import find_nodes, with_pieces
from edge_digits.proposals.maps import full_maps
from edge_digits.reading_size import at_reading_size
from edge_digits.types import Box, Image, as_image

ENOUGH_OVERLAP = 0.7
"""Overlap of a hypothesis with the box from which another map is not looked at."""


def cut_out(grey: Image, boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """The ink (N, 28, 28) uint8 of the hypotheses of a picture, (H, W) uint8, that fit ``boxes`` best; dark on light or
    light on dark. What nothing overlaps is empty."""
    size = PARAMETERS.size
    out, best = np.zeros((len(boxes), size, size), np.uint8), np.zeros(len(boxes))
    scaled, factor = at_reading_size(grey)
    wanted = np.array([[b.x, b.y, b.right, b.bottom] for b in boxes], np.float32).reshape(-1, 4) * factor
    for picture in (scaled, as_image(cv2.bitwise_not(scaled))):
        for one in full_maps(picture):
            missing = np.flatnonzero(best < ENOUGH_OVERLAP)
            if not len(missing):
                return out
            crops, overlap = _best(one.contrast, wanted[missing])
            better = overlap > best[missing]
            out[missing[better]], best[missing[better]] = crops[better], overlap[better]
    return out


def _best(contrast: Image, wanted: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """For each of ``wanted`` (N, 4) the ink of the hypothesis that fits best, and its intersection over union."""
    nodes = find_nodes(contrast)
    hypotheses = with_pieces(nodes, wide_nodes(nodes.tree))
    if not len(hypotheses):
        return np.zeros((len(wanted), PARAMETERS.size, PARAMETERS.size), np.uint8), np.zeros(len(wanted), np.float32)
    x0, y0, x1, y1 = hypotheses.x, hypotheses.y, hypotheses.x + hypotheses.width, hypotheses.y + hypotheses.height
    across = np.minimum(x1, wanted[:, 2:3]) - np.maximum(x0, wanted[:, 0:1])
    down = np.minimum(y1, wanted[:, 3:4]) - np.maximum(y0, wanted[:, 1:2])
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    sides = wanted[:, 2:] - wanted[:, :2]
    overlap = shared / (hypotheses.width * hypotheses.height + (sides[:, 0] * sides[:, 1])[:, None] - shared)
    index = overlap.argmax(axis=1)
    of = pyramid(contrast)
    ink = normalized_ink(hypotheses, of, index, first_views(hypotheses, of, index, OUTSIDE)[1])
    return ink, overlap[np.arange(len(wanted)), index].astype(np.float32)
