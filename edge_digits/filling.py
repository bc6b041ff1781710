"""Pictures that one digit fills, as files of MNIST's digits do: paper is put around them before they are read.

Ink is found by the paper around it, and digits are what stands clear of the picture's edge: both ask for a margin that
such a picture lacks.
"""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.types import Box, Image, as_image

_LOOKED_AT = 64
"""So many rows and columns of a picture tell whether one digit fills it; a camera's frame has no time for all."""
_LEAST_CONTRAST = 40
"""Grey levels between the digit and its ground."""
_FILLED = 0.5
"""Share of the picture's height or width that the digit takes at least."""
_ALONE = 0.85
"""Share of all ink that it is at least."""
_PIECES, _SPECK = 2, 3
"""In so many pieces a digit may be torn; where there are more, each longer than a speck in pixels looked at, they are
small digits beside something long."""
_THICKEST = 0.35
"""Of its strokes, as a share of its longer side; a sheet, a desk or a shadow is thicker."""
_MOST_HOLES = 3
"""An 8 has two; a grid, more than three."""
_TIGHT, _MOST_RIM = 0.8, 0.4
"""Share of the picture's height and width from which a digit may touch its rim, and of the rim, at most; where a desk,
a hand or a frame runs, it touches the rim without filling the picture."""
_SIZE = (96, 320)
"""Pixels of the longer side to which a smaller picture is enlarged, and a larger one reduced."""
_BLUR = 40
"""How often a digit's longer side holds the blur of its edges, at least."""


def fills_picture(grey: Image) -> bool:
    """Whether it may be that one digit, and nothing else, takes most of the picture. grey: (H, W) uint8, either
    polarity."""
    step = max(1, min(grey.shape) // _LOOKED_AT)
    looked_at = np.ascontiguousarray(grey[::step, ::step])
    is_ink = _ink(looked_at)
    total = cv2.countNonZero(is_ink)
    if not total:
        return False
    _, labels, measured, _ = cv2.connectedComponentsWithStats(is_ink, connectivity=8)
    largest = 1 + int(np.argmax(measured[1:, cv2.CC_STAT_AREA]))
    x, y, width, height, area = measured[largest].tolist()
    rows, columns = is_ink.shape
    across, down = width / columns, height / rows
    if max(across, down) < _FILLED or area < _ALONE * total:
        return False
    longer = measured[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    if np.count_nonzero(longer > _SPECK) > _PIECES:
        return False
    touched = cv2.countNonZero(_rim(is_ink)) / (2 * (rows + columns))
    if touched > (_MOST_RIM if min(across, down) >= _TIGHT else 0.0):
        return False
    own = as_image(labels[y : y + height, x : x + width] == largest)
    framed = cv2.copyMakeBorder(own, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    thickest = 2.0 * float(cv2.distanceTransform(framed, cv2.DIST_L2, 3).max())
    holes = cv2.connectedComponents(1 - framed, connectivity=4)[0] - 2
    return thickest <= _THICKEST * max(width, height) and holes <= _MOST_HOLES


def with_paper_around(grey: Image) -> tuple[Image, Box]:
    """A picture that one digit fills, as a dark one on light ground, with the ground continued by half its longer side;
    and where in that it stands.

    grey: (H, W) uint8; made larger or smaller if a digit need not be so small or large.
    """
    factor = min(max(max(grey.shape), _SIZE[0]), _SIZE[1]) / max(grey.shape)
    if factor != 1.0:
        size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
        grey = as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1.0 else cv2.INTER_CUBIC))
    is_ink = _ink(grey)
    if cv2.mean(grey, is_ink)[0] > cv2.mean(grey, 1 - is_ink)[0]:
        grey = as_image(cv2.bitwise_not(grey))
    framed = as_image(cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REPLICATE))
    ground = int(np.median(grey[is_ink == 0]))
    # A stroke that ends at the edge would go on across the paper, and so would the blur beside it.
    side = 2 * (1 + max(grey.shape) // _BLUR) + 1
    touching = cv2.dilate(cv2.copyMakeBorder(is_ink, 1, 1, 1, 1, cv2.BORDER_REPLICATE), np.ones((side, side))) > 0
    touching[1:-1, 1:-1] = False
    framed[touching] = ground
    beyond = max(grey.shape) // 2
    around = as_image(cv2.copyMakeBorder(framed, beyond, beyond, beyond, beyond, cv2.BORDER_REPLICATE))
    return around, Box(beyond + 1, beyond + 1, grey.shape[1], grey.shape[0])


def _ink(grey: Image) -> Image:
    """1 where what is the smaller part of the picture is, lighter or darker than the rest; 0 everywhere if it has no
    contrast. The two are told apart as Otsu (1979) does."""
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    count = cv2.countNonZero(light)
    if not 0 < count < light.size:
        return np.zeros_like(grey)
    mean_light, mean_dark = cv2.mean(grey, light)[0], cv2.mean(grey, 1 - light)[0]
    if mean_light - mean_dark < _LEAST_CONTRAST:
        return np.zeros_like(grey)
    return as_image(light if 2 * count < light.size else 1 - light)


def _rim(picture: Image) -> Image:
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
