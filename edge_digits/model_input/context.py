"""Views of hypotheses and their surroundings, cut from an image pyramid, all at once.

What a fragment of a line is and what a 1, only its surroundings show; that an O stands in a word as well. A view is a
square around a hypothesis, as wide as some times its longer side.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

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


def windows(hypotheses: Hypotheses, index: NDArray[np.integer], times: float, size: int) -> Windows:
    """Windows of ``size`` samples across, ``times`` as wide as the longer side of the hypotheses ``index``."""
    x, y, w, h = (
        column[index].astype(np.float32) for column in (hypotheses.x, hypotheses.y, hypotheses.width, hypotheses.height)
    )
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


def joined(*parts: Windows) -> Windows:
    """The windows of all ``parts``, which have as many samples across, one after another."""
    return Windows(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Windows)))


def sampled(
    picture: NDArray[Any], x: Side, y: Side, interpolation: int, border: int = cv2.BORDER_CONSTANT
) -> NDArray[Any]:
    """``picture`` (H, W) uint8 or uint16 at the columns ``x`` and rows ``y`` (N, size): (N, size, size). interpolation,
    border: OpenCV's; beyond a constant border is 0."""
    count, size = x.shape
    out = np.empty((count, size, size), picture.dtype)
    for start in range(0, count, MOST_AT_ONCE):
        part = slice(start, start + MOST_AT_ONCE)
        columns, rows = np.repeat(x[part], size, axis=0), np.repeat(y[part], size).reshape(-1, size)
        cv2.remap(picture, columns, rows, interpolation, out[part].reshape(-1, size), borderMode=border)
    return out


def cut_views(of: Pyramid, at: Windows) -> NDArray[np.uint8]:
    """What the windows show: (N, size, size) uint8, 0 outside the picture. Each window is sampled bilinearly at the
    level of the pyramid whose pixels are as far apart as its samples."""
    count, size = at.x.shape
    out = np.empty((count, size, size), np.uint8)
    level = np.clip(np.rint(np.log2(np.maximum(at.spacing, 1e-3))), 0, len(of.levels) - 1).astype(np.intp)
    for k in np.flatnonzero(np.bincount(level)).tolist():
        index = np.flatnonzero(level == k)
        half, scale = np.float32(0.5), np.float32(0.5**k)
        x, y = (at.x[index] + half) * scale - half, (at.y[index] + half) * scale - half
        out[index] = sampled(of.levels[k], x, y, cv2.INTER_LINEAR)
    return out


def strengths(views: NDArray[np.uint8], thresholds: NDArray[np.integer]) -> NDArray[np.float32]:
    """(N,) float32: the mean contrast of the pixels of each view (N, size, size) that are above the hypothesis's
    threshold; half as much again as the threshold where none is, which is so for strokes thinner than the samples."""
    flat = views.reshape(len(views), views[0].size if len(views) else 0)
    above = flat > thresholds[:, None].astype(np.uint8)
    count = np.count_nonzero(above, axis=1)
    # Whole numbers, which float32 adds up exactly and fast.
    total = (flat * above).sum(axis=1, dtype=np.float32).astype(np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), 1.5 * thresholds).astype(np.float32)


def scaled(views: NDArray[np.uint8], strength: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Views with each one's own contrast at FULL_INK."""
    gain = np.float32(FULL_INK) / np.maximum(strength, 1.0)
    out = views * gain[:, None, None]
    return np.minimum(out, np.float32(255.0), out=out).astype(np.uint8)


def show_outside(views: NDArray[np.uint8], of: Pyramid, at: Windows, shown: int) -> None:
    """Write ``shown`` into the views (N, size, size) where their windows look beyond the picture."""
    height, width = of.size
    leaves = (at.x[:, 0] < -0.5) | (at.x[:, -1] > width - 0.5) | (at.y[:, 0] < -0.5) | (at.y[:, -1] > height - 0.5)
    index = np.flatnonzero(leaves)
    x, y = at.x[index], at.y[index]
    beyond_x, beyond_y = (x < -0.5) | (x > width - 0.5), (y < -0.5) | (y > height - 0.5)
    views[index] = np.where(beyond_y[:, :, None] | beyond_x[:, None, :], np.uint8(shown), views[index])


def shown(
    views: NDArray[np.uint8], of: Pyramid, at: Windows, strength: NDArray[np.float32], beyond: int
) -> NDArray[np.uint8]:
    """Views (N, size, size) as the judge sees them: scaled by each one's contrast ``strength`` (N,), and with
    ``beyond`` where the picture ends."""
    out = scaled(views, strength)
    show_outside(out, of, at, beyond)
    return out


def places(hypotheses: Hypotheses, at: Windows, border: int = cv2.BORDER_CONSTANT) -> NDArray[np.int32]:
    """(N, size, size) int32: the places in the tree's depth-first order of the nodes that the windows show, sampled at
    the nearest pixel; -1 for none. border: OpenCV's, for what lies outside the picture."""
    return hypotheses.tree.order.take(sampled(hypotheses.tree.innermost, at.x, at.y, cv2.INTER_NEAREST, border))


def node_masks(hypotheses: Hypotheses, index: NDArray[np.integer], place: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(N, size, size) bool: which of the places (N, size, size) belong to the hypotheses ``index``, pieces as whole as
    their hosts."""
    node = hypotheses.node[index]
    first, last = hypotheses.tree.order[node + 1], hypotheses.tree.last[node]
    return (place >= first[:, None, None]) & (place < last[:, None, None])


def mask_views(hypotheses: Hypotheses, index: NDArray[np.integer], at: Windows) -> NDArray[np.uint8]:
    """(N, size, size) uint8: 255 where the hypotheses' own pixels are, sampled at the nearest one."""
    masks = node_masks(hypotheses, index, places(hypotheses, at))
    column = np.rint(at.x)
    masks &= ((column >= hypotheses.left[index][:, None]) & (column < hypotheses.right[index][:, None]))[:, None, :]
    return masks.view(np.uint8) * np.uint8(255)
