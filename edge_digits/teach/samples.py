"""A digit that was read, or was not, as a sample to label: what the networks were given, and what stood around it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.model_input.views import judge_input, second_views
from edge_digits.trace import Seen
from edge_digits.types import Box, Image, as_image

AROUND = (9.0, 5.0)
"""Width and height of what is shown around a sample, in longer sides of it: its row, and the paper."""

LONGEST = 256
"""Pixels of the longer side of that picture, at most."""


@dataclass(frozen=True)
class Sample:
    """surroundings: (H, W) uint8 grey, as the picture was read, so upright. box: of the sample in it, pixels. inputs:
    (4, 32, 32) uint8, what the judge is given, see ``model_input.views.judge_input``; the CNN's ink lies in the first
    channel."""

    surroundings: Image
    box: Box
    inputs: NDArray[np.uint8]


def judge_inputs(seen: Seen, index: NDArray[np.integer]) -> NDArray[np.uint8]:
    """What the judge's second stage was given of the candidates ``index``: (N, 4, 32, 32) uint8."""
    candidates = seen.candidates
    out = np.zeros((len(index), 4, 32, 32), np.uint8)
    for number, judged in enumerate(seen.judged):
        of_map = np.flatnonzero(candidates.map[index] == number)
        if len(of_map):
            of_all = index[of_map]
            strength, place = candidates.strength[of_all], candidates.place[of_all]
            views = second_views(judged.hypotheses, judged.pyramid, place, strength)
            out[of_map] = judge_input(candidates.ink[of_all], views)
    return out


def ink_of(inputs: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the CNN is given, (N, 28, 28) uint8, of the judge's inputs (N, 4, 32, 32)."""
    return np.ascontiguousarray(inputs[:, 0, 2:30, 2:30])


def candidate_at(seen: Seen, box: Box) -> int | None:
    """The candidate that fills ``box`` (pixels of the picture as it came, upright) best, one that stands before others;
    None if none fills half of it (intersection over union)."""
    turned = _turned(box.scaled(seen.scale), seen)
    left, top, right, bottom = seen.candidates.boxes.T
    wide = np.minimum(right, turned.right) - np.maximum(left, turned.x)
    high = np.minimum(bottom, turned.bottom) - np.maximum(top, turned.y)
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    areas = (right - left) * (bottom - top) + turned.width * turned.height
    overlap = shared / np.maximum(areas - shared, 1)
    # What stands is what was read; its parents and pieces fill nearly the same box.
    overlap[seen.chosen] += 0.2
    if not len(overlap) or overlap.max() < 0.5:
        return None
    return int(overlap.argmax())


def sample_of(seen: Seen, index: int) -> Sample:
    """The candidate ``index`` as a sample."""
    left, top, right, bottom = (float(v) for v in seen.candidates.boxes[index])
    longer = max(right - left, bottom - top)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    half_width, half_height = AROUND[0] / 2 * longer, AROUND[1] / 2 * longer
    height, width = seen.grey.shape
    x0, y0 = max(0, round(middle_x - half_width)), max(0, round(middle_y - half_height))
    x1, y1 = min(width, round(middle_x + half_width)), min(height, round(middle_y + half_height))
    around = seen.grey[y0:y1, x0:x1]
    factor = min(1.0, LONGEST / max(around.shape))
    if factor < 1:
        around = as_image(cv2.resize(around, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    box = Box(round(left - x0), round(top - y0), round(right - left), round(bottom - top)).scaled(factor)
    return Sample(around.copy(), box, judge_inputs(seen, np.array([index]))[0])


def _turned(box: Box, seen: Seen) -> Box:
    """A box of the picture as it came, at the size of ``seen.grey``, in the picture as it was turned to be read."""
    height, width = seen.grey.shape
    if seen.turns % 2:
        height, width = width, height
    for _ in range(seen.turns % 4):
        box = Box(box.y, width - box.right, box.height, box.width)
        height, width = width, height
    return box
