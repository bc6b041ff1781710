"""What a reader sees of digits whose places are known: the hypothesis that overlaps each box best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.lines.strips import hypothesis_ink
from edge_digits.model_input.context import pyramid
from edge_digits.model_input.ink import normalized_ink
from edge_digits.model_input.views import first_views
from edge_digits.proposals.hypotheses import Hypotheses, find_nodes
from edge_digits.proposals.maps import full_maps
from edge_digits.types import Box, Image, as_image

LEAST_OVERLAP = 0.6
"""Intersection over union with its box from which a hypothesis is what stands there."""
_LEAST_WIDTH = 0.35
"""Of a box in heights, as overlaps count it: a 1 is too narrow for its overlap to say anything."""


@dataclass(frozen=True)
class SheetDigit:
    """One digit, or other ink. pixels: (28, 28) uint8 model input. ink: (h, w) uint8 at the picture's resolution, of
    which lines are made."""

    pixels: Image
    ink: Image


def find_digits(grey: Image, boxes: Sequence[Box]) -> list[SheetDigit | None]:
    """What is found in each of ``boxes`` of a picture (H, W) uint8, dark on light or the other way; None where no
    hypothesis fits a box."""
    ways = (grey, as_image(cv2.bitwise_not(grey)))
    maps = [find_nodes(one.contrast) for way in ways for one in full_maps(way)]
    overlaps = [_overlaps(one, boxes) for one in maps]
    best = [overlap.argmax(axis=0) for overlap in overlaps]
    most = np.array([overlap.max(axis=0) for overlap in overlaps])
    return [
        _seen(maps[which], best[which][box]) if most[which, box] >= LEAST_OVERLAP else None
        for box, which in enumerate(most.argmax(axis=0).tolist())
    ]


def _seen(hypotheses: Hypotheses, index: np.integer) -> SheetDigit:
    one, of = np.array([index]), pyramid(hypotheses.contrast)
    strength = first_views(hypotheses, of, one)[1]
    ink, _, _ = hypothesis_ink(hypotheses, int(index), float(strength[0]))
    return SheetDigit(as_image(normalized_ink(hypotheses, of, one, strength)[0]), ink)


def _overlaps(hypotheses: Hypotheses, boxes: Sequence[Box]) -> NDArray[np.float32]:
    """(N, len(boxes)): intersection over union of each hypothesis, or of none, with each box."""
    sides = np.array([box.as_list() for box in boxes], np.float32).reshape(-1, 4)
    their_sides = np.stack([hypotheses.x, hypotheses.y, hypotheses.width, hypotheses.height], axis=1).astype(np.float32)
    a, b = _widened(np.concatenate([their_sides, np.zeros((1, 4), np.float32)]))[:, None], _widened(sides)[None]
    across, down = (np.minimum(a[..., s + 2], b[..., s + 2]) - np.maximum(a[..., s], b[..., s]) for s in (0, 1))
    inside = np.maximum(across, 0) * np.maximum(down, 0)
    areas = [(c[..., 2] - c[..., 0]) * (c[..., 3] - c[..., 1]) for c in (a, b)]
    return np.asarray(inside / np.maximum(areas[0] + areas[1] - inside, 1e-6), np.float32)


def _widened(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Left, top, right and bottom of (N, 4) boxes given by left, top, width and height."""
    x, y, width, height = boxes.T
    more = np.maximum(0.0, _LEAST_WIDTH * height - width) / 2
    return np.stack([x - more, y, x + width + more, y + height], axis=1)
