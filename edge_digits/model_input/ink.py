"""Hypotheses' own ink as the CNN and the judge see it: MNIST's normalization (LeCun et al. 1998, section III.A), of all
hypotheses at once.

The longer side becomes 20 samples, aspect kept; what belongs to another component is left out; the strokes are made as
dark as a pen's; and the centre of mass is moved to the middle of 28×28.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.model_input.context import Pyramid, Windows, cut_views, node_masks, places, windows
from edge_digits.model_input.normalize import PARAMETERS
from edge_digits.proposals.hypotheses import Hypotheses

PAPER = 0.35
"""Share of a hypothesis's contrast that is 0 in its ink, where its threshold is not lower."""

PAPER_OF_THRESHOLD = 0.8
_DARKEST = 0.95
"""Of its inked pixels, the share that is paler than what becomes 255."""


def normalized_ink(
    hypotheses: Hypotheses, of: Pyramid, index: NDArray[np.integer], strength: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Ink (N, 28, 28) uint8, 0 paper … 255 ink, of the hypotheses ``index``, whose contrast is ``strength`` (N,)."""
    p = PARAMETERS
    at = windows(hypotheses, index, 1.0, p.digit)
    thresholds = np.array(hypotheses.tree.thresholds, np.float32)[hypotheses.level[index]]
    low = np.minimum(PAPER * strength, PAPER_OF_THRESHOLD * thresholds)
    gain = 255.0 / np.maximum(strength - low, 1.0)
    ink = cut_views(of, at) - low[:, None, None]
    ink *= gain[:, None, None]
    ink = np.clip(ink, np.float32(0), np.float32(255), out=ink).astype(np.uint8)
    ink *= _masks(hypotheses, index, at)
    return _centred(_strengthened(ink))


def _masks(hypotheses: Hypotheses, index: NDArray[np.integer], at: Windows) -> NDArray[np.bool_]:
    """(N, size, size) bool: where the hypotheses' own components are, one sample wider, since their edge is paler than
    the threshold; never where another component is, nor beyond a piece's cuts."""
    column = np.rint(at.x)
    within = (column >= hypotheses.left[index][:, None]) & (column < hypotheses.right[index][:, None])
    within |= (hypotheses.host[index] < 0)[:, None]
    place = places(hypotheses, at, cv2.BORDER_REPLICATE)
    masks = node_masks(hypotheses, index, place) & within[:, None, :]
    return masks | (_dilated(masks) & (place < 0) & within[:, None, :])


def _dilated(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Each of the masks (N, h, w) by 3×3."""
    out = masks.copy()
    out[:, 1:] |= masks[:, :-1]
    out[:, :-1] |= masks[:, 1:]
    across = out.copy()
    out[:, :, 1:] |= across[:, :, :-1]
    out[:, :, :-1] |= across[:, :, 1:]
    return out


def _strengthened(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink whose strokes are as dark as a pen's, however thin they were."""
    count, size = len(ink), ink[0].size if len(ink) else 0
    if not count:
        return ink
    # Of bytes the stable sort counts instead of comparing.
    values = np.sort(ink.reshape(count, size), axis=1, kind="stable")
    inked = np.count_nonzero(values, axis=1)
    place = np.clip(size - inked + (_DARKEST * (inked - 1)).astype(np.intp), 0, size - 1)
    peak = np.maximum(values[np.arange(count), place].astype(np.float32), 1.0)
    gain = np.where(inked > 0, np.minimum(PARAMETERS.most_gain, 255.0 / peak), 1.0).astype(np.float32)
    return np.minimum(ink * gain[:, None, None], 255.0).astype(np.uint8)


def _centred(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each in a square of its own with its centre of mass in the middle, as far as it stays inside."""
    p = PARAMETERS
    count, side = len(ink), ink.shape[1]
    along = np.arange(side, dtype=np.float32)
    # Sums of whole numbers, which float32 holds exactly.
    columns, rows = (ink.sum(axis=axis, dtype=np.float32) for axis in (1, 2))
    mass = np.maximum(columns.sum(axis=1), 1.0)
    middles = (columns @ along) / mass, (rows @ along) / mass
    left, top = (np.clip(np.rint(p.centre - m), 0, p.size - side).astype(np.intp).tolist() for m in middles)
    out = np.zeros((count, p.size, p.size), np.uint8)
    for i, (x, y) in enumerate(zip(left, top, strict=True)):
        out[i, y : y + side, x : x + side] = ink[i]
    return out
