"""Whether a picture's writing is darker than its ground, or lighter."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.ink_parameters import PARAMETERS
from edge_digits.quarter import SHRINK, median, odd, shrunken, square
from edge_digits.types import Image, as_image

_MOSTLY_LIGHT = 0.51
"""Share of light in what lies close to strokes from which on they are dark; chalk on a board has less than half."""
_LEAST_EDGE = 24
"""Grey levels by which light and dark differ at an edge of either."""

_SOLID, _LEAST_SHEET, _LEAST_SHEET_AREA, _LEAST_SIDE = 0.6, 0.2, 0.06, 8
"""Least share of its box that a sheet on a dark desk fills, and of the picture: of both sides, and of the area; and its
least side, pixels of the shrunken picture."""
_MOST_OF_RIM = 0.05
"""Share of the picture's rim that a board on a light wall touches at most; what is dark and runs out of the picture is
anything else."""


def is_light_on_dark(grey: Image, small: Image | None = None) -> bool:
    """Whether the writing is lighter than its ground (chalk on a board). grey: (H, W) uint8. small: the same at a
    quarter of the size, if it is there already.

    A picture whose rim is one flat tone (a scan, a drawing) has its ground there. In a photograph, strokes are what a
    median filter takes away; it leaves the edges of sheets, desks and shadows where they are. Writing counts as light
    only if a narrow and a wide filter say so: a wide one alone may see a sheet on a dark desk, a narrow one alone the
    holes of thick digits, and dark on light is what people mostly write. Nor does it where most of what lies around the
    strokes is light: on squared paper the median of a window is neither line nor paper, and the squares are what it
    takes away.
    """
    small = shrunken(grey) if small is None else small
    light = _writing_is_light(grey, small)
    sheet = _sheet(grey, small, light)
    return light if sheet is None else _writing_is_light(sheet, shrunken(sheet))


def _sheet(grey: Image, quarter: Image, lighter: bool) -> Image | None:
    """The middle of a light sheet on a dark desk, or of a board on a light wall: what is ``lighter`` than the picture's
    rim, or darker, if that is one solid area inside. Its writing is what matters; it is no writing itself."""
    values = np.sort(_rim(grey), kind="stable")
    # Looked for in every frame, and NumPy's median takes four times as long.
    rim = int(values[len(values) // 2])
    inside = (quarter > rim + _LEAST_EDGE if lighter else quarter < rim - _LEAST_EDGE).view(np.uint8)
    area = cv2.countNonZero(inside)
    if area < _LEAST_SHEET_AREA * quarter.size:
        return None
    left, top, width, height = cv2.boundingRect(inside)
    size = np.array([quarter.shape[1], quarter.shape[0]])
    if (np.maximum(_LEAST_SHEET * size, _LEAST_SIDE) >= (width, height)).any() or (size == (width, height)).all():
        return None
    if area < _SOLID * width * height:
        return None
    if not lighter and cv2.countNonZero(_rim(inside)) > _MOST_OF_RIM * 2 * size.sum():
        return None
    x, y = SHRINK * (left + width // 8), SHRINK * (top + height // 8)
    return grey[y : y + SHRINK * (height - height // 4), x : x + SHRINK * (width - width // 4)].copy()


def _rim(grey: Image) -> Image:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _writing_is_light(grey: Image, quarter: Image) -> bool:
    small = as_image(cv2.resize(quarter, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    rim = _rim(grey)
    if cv2.meanStdDev(rim)[1][0, 0] < 4.0:
        difference = small.astype(np.float32) - float(np.median(rim))
        writing = np.abs(difference) > 24.0
        flat = np.abs(difference) < 8.0
        if float(flat.mean()) > 0.6 and writing.any():
            return float(difference[writing].sum()) > 0
    window = PARAMETERS.stroke_window
    light = all(_light_strokes(small, w) > 0 for w in (window, 4 * window))
    return light and _light_share(quarter) < _MOSTLY_LIGHT


def _light_share(small: Image) -> float:
    """Of what lies close to an edge, the share that is lighter than halfway between the lightest and the darkest there,
    each pixel counting as much as those differ; 0 without edges."""
    window = square(odd(PARAMETERS.stroke_window, small, 5))
    lightest, darkest = cv2.dilate(small, window), cv2.erode(small, window)
    contrast = cv2.threshold(cv2.subtract(lightest, darkest), _LEAST_EDGE, 255, cv2.THRESH_TOZERO)[1]
    is_light = cv2.compare(small, cv2.addWeighted(lightest, 0.5, darkest, 0.5, 0), cv2.CMP_GT)
    total = cv2.sumElems(contrast)[0]
    return cv2.sumElems(cv2.bitwise_and(contrast, is_light))[0] / total if total else 0.0


def _light_strokes(small: Image, window: float) -> float:
    """How much more of what a median filter takes away is lighter than its ground than is darker; in squares, so that
    one strong stroke outweighs some weak ones."""
    ground = median(small, min(odd(window, small, 5), 255))
    lighter, darker = cv2.subtract(small, ground), cv2.subtract(ground, small)
    return cv2.norm(lighter, cv2.NORM_L2SQR) - cv2.norm(darker, cv2.NORM_L2SQR)
