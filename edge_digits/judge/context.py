"""Views of hypotheses and their surroundings, cut from an image pyramid, all at once.

What a fragment of a line is and what a 1, only its surroundings show; that an O stands in a word as well. A view is a
square around a hypothesis, as wide as some times its longer side.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.hypotheses import Hypotheses
from edge_digits.types import Image, as_image

OUTSIDE = 255
"""What a view shows where the picture ends: darker than any ink, so that a cut digit is known from a whole one."""

FULL_INK = 150
"""What a view shows where the contrast is the hypothesis's own; its surroundings may be darker."""

Side = NDArray[np.float32]

MOST_AT_ONCE = 512
"""Views cut in one call: OpenCV takes so many rows."""


@dataclass(frozen=True)
class Pyramid:
    """A picture at halved sizes (Burt & Adelson 1983, with a box for the filter). levels: (H, W) uint8 each; one pixel
    of level k stands for 2**k by 2**k of the picture. size: (H, W) of the picture."""

    levels: tuple[Image, ...]
    size: tuple[int, int]


def pyramid(picture: Image) -> Pyramid:
    """The pyramid of ``picture`` (H, W) uint8, down to 8 pixels."""
    levels = [picture]
    while min(levels[-1].shape) >= 16:
        last = levels[-1]
        even = cv2.copyMakeBorder(last, 0, last.shape[0] % 2, 0, last.shape[1] % 2, cv2.BORDER_REPLICATE)
        size = (even.shape[1] // 2, even.shape[0] // 2)
        levels.append(as_image(cv2.resize(even, size, interpolation=cv2.INTER_AREA)))
    return Pyramid(tuple(levels), (picture.shape[0], picture.shape[1]))


@dataclass(frozen=True)
class Windows:
    """N square windows. x, y: (N, size) float32, the pixel columns and rows that are looked at; pixel centres are
    whole numbers. spacing: (N,) float32, pixels between them."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    spacing: NDArray[np.float32]


def windows(found: Hypotheses, index: NDArray[np.integer], times: float, size: int) -> Windows:
    """Windows of ``size`` samples across, ``times`` as wide as the longer side of the hypotheses ``index``."""
    x, y, w, h = (column[index].astype(np.float32) for column in (found.x, found.y, found.width, found.height))
    return _windows(x, y, w, h, times, size)


def windows_of(boxes: NDArray[np.floating], times: float, size: int) -> Windows:
    """The same of boxes (N, 4), left, top, right, bottom in pixels."""
    x, y, right, bottom = boxes.astype(np.float32).T
    return _windows(x, y, right - x, bottom - y, times, size)


def _windows(x: Side, y: Side, w: Side, h: Side, times: float, size: int) -> Windows:
    side = times * np.maximum(w, h)
    steps = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    across = (x + w / 2 - 0.5)[:, None] + side[:, None] * steps
    down = (y + h / 2 - 0.5)[:, None] + side[:, None] * steps
    return Windows(across.astype(np.float32), down.astype(np.float32), (side / size).astype(np.float32))


def cut_views(of: Pyramid, at: Windows) -> NDArray[np.uint8]:
    """What the windows show: (N, size, size) uint8, 0 outside the picture. Each window is sampled bilinearly at the
    level of the pyramid whose pixels are as far apart as its samples."""
    count, size = at.x.shape
    out = np.zeros((count, size, size), np.uint8)
    level = np.clip(np.rint(np.log2(np.maximum(at.spacing, 1e-3))), 0, len(of.levels) - 1).astype(int)
    for k in np.unique(level):
        own = np.flatnonzero(level == k)
        scale = np.float32(0.5**k)
        for start in range(0, len(own), MOST_AT_ONCE):
            part = own[start : start + MOST_AT_ONCE]
            x = (at.x[part] + np.float32(0.5)) * scale - np.float32(0.5)
            y = (at.y[part] + np.float32(0.5)) * scale - np.float32(0.5)
            columns = np.broadcast_to(x[:, None, :], (len(part), size, size)).reshape(-1, size)
            rows = np.broadcast_to(y[:, :, None], (len(part), size, size)).reshape(-1, size)
            view = cv2.remap(of.levels[k], columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
            out[part] = as_image(view).reshape(-1, size, size)
    return out


def outside(of: Pyramid, at: Windows) -> NDArray[np.bool_]:
    """(N, size, size) bool: where the windows look beyond the picture."""
    height, width = of.size
    beyond_x = (at.x < -0.5) | (at.x > width - 0.5)
    beyond_y = (at.y < -0.5) | (at.y > height - 0.5)
    return beyond_y[:, :, None] | beyond_x[:, None, :]


def strengths(views: NDArray[np.uint8], thresholds: NDArray[np.integer]) -> NDArray[np.float32]:
    """(N,) float32: the mean contrast of the pixels of each view (N, size, size) that are above the hypothesis's
    threshold; half as much again as the threshold where none is, which is so for strokes thinner than the samples."""
    above = views > thresholds[:, None, None].astype(np.uint8)
    count = np.count_nonzero(above, axis=(1, 2))
    total = np.where(above, views, 0).sum(axis=(1, 2), dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), 1.5 * thresholds).astype(np.float32)


def scaled(
    views: NDArray[np.uint8], strength: NDArray[np.float32], beyond: NDArray[np.bool_], shown: int
) -> NDArray[np.uint8]:
    """Views with each one's own contrast at FULL_INK, and ``shown`` beyond the picture."""
    gain = np.float32(FULL_INK) / np.maximum(strength, 1.0)
    out = np.minimum(views * gain[:, None, None], 255.0).astype(np.uint8)
    out[beyond] = shown
    return out


def own_ink(found: Hypotheses, index: NDArray[np.integer], at: Windows) -> NDArray[np.uint8]:
    """(N, size, size) uint8: 255 where the hypotheses' own pixels are, sampled at the nearest one."""
    height, width = found.contrast.shape
    x, y = np.rint(at.x).astype(np.intp), np.rint(at.y).astype(np.intp)
    inside_x = (x >= np.maximum(found.left[index], 0)[:, None]) & (x < np.minimum(found.right[index], width)[:, None])
    inside_y = (y >= 0) & (y < height)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    place = found.tree.order[found.tree.innermost[y[:, :, None], x[:, None, :]]]
    node = found.node[index]
    out = (place >= found.tree.order[node + 1][:, None, None]) & (place < found.tree.last[node][:, None, None])
    out &= inside_y[:, :, None] & inside_x[:, None, :]
    return out.view(np.uint8) * np.uint8(255)
