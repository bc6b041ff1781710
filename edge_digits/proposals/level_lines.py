"""Nearly level lines in a binary picture: long windows along a slope that are mostly covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image, as_image

_SLOPE_STEP = 0.02
_COARSE_SLOPES = tuple(float(slope) for slope in np.arange(-0.24, 0.25, 2 * _SLOPE_STEP))
"""Slopes that a line can have, 14 degrees either way; those between are tried around the best."""
_MOST_SLOPES = 5
"""The lines of one page are parallel, but for perspective and curl."""
_COVERED = 0.7
"""Share of the window that a line covers; rows of writing cover less than half."""
THICKEST = 8
"""Thickest line in pixels; what is thicker is a desk or a shadow."""


def level_lines(picture: Image, window: int, run: int) -> Image | None:
    """Pixels (255) of nearly level lines in ``picture`` (h, w), 0 or 255; None if there are none.

    A line covers most of ``window`` pixels along it, an odd number, with runs of at least ``run`` pixels.
    """
    pixels = None
    for slope in likely_slopes(picture, run):
        lines = lines_along(picture, slope, window, run)
        if lines is not None:
            back = sheared(lines.pixels, (-slope,))[0]
            pixels = back if pixels is None else cv2.bitwise_or(pixels, back)
    return None if pixels is None else as_image(cv2.bitwise_and(cv2.dilate(pixels, np.ones((3, 3), np.uint8)), picture))


@dataclass(frozen=True)
class RowLines:
    """Lines along the rows of a picture, both (h, w), 0 or 255. reach: where they run, gaps and all. pixels: those that
    are covered, and one above and below."""

    reach: Image
    pixels: Image


def lines_along(picture: Image, slope: float, window: int, run: int) -> RowLines | None:
    """The lines of ``slope`` in ``picture`` (h, w), 0 or 255, which is sheared so that they are level but for a pixel;
    None if there are none. window, run: see ``level_lines``."""
    runs = _runs_along(picture, (slope,), run)[:, 0]
    if 3 * cv2.norm(runs, cv2.NORM_HAMMING) < _COVERED * window:
        # Not enough for one line, thickened by a pixel on either side.
        return None
    unpacked = cv2.transpose(np.unpackbits(runs, axis=1, count=picture.shape[0]))
    level = as_image(cv2.threshold(unpacked, 0, 255, cv2.THRESH_BINARY)[1])
    thick = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((THICKEST + 1, 1), np.uint8))
    tolerant = as_image(cv2.dilate(cv2.subtract(level, thick), np.ones((3, 1), np.uint8)))
    inked = np.flatnonzero(tolerant.view(np.bool_).any(axis=1))
    if not len(inked):
        return None
    lines = tolerant[inked]
    covered = cv2.blur(lines, (window, 1), borderType=cv2.BORDER_CONSTANT)
    dense = as_image(cv2.threshold(covered, 255 * _COVERED, 255, cv2.THRESH_BINARY)[1])
    if not cv2.countNonZero(dense):
        return None
    reach, pixels = np.zeros_like(tolerant), np.zeros_like(tolerant)
    reach[inked] = _along(dense, window, cv2.max, outside=0)
    pixels[inked] = cv2.bitwise_and(reach[inked], lines)
    return RowLines(reach, pixels)


def likely_slopes(picture: Image, run: int) -> list[float]:
    """The slopes at which the most ink lies in level runs, seen at half the size, the best first."""
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half = as_image(cv2.threshold(half, 100, 255, cv2.THRESH_BINARY)[1])

    amounts = _amounts(half, _COARSE_SLOPES, max(4, run))
    best = max(amounts, key=lambda slope: amounts[slope])
    if amounts[best] <= run:
        return []
    amounts |= _amounts(half, (best - _SLOPE_STEP, best + _SLOPE_STEP), max(4, run))
    ranked = sorted(amounts, key=lambda slope: -amounts[slope])
    return [slope for slope in ranked if amounts[slope] > 0.25 * amounts[best]][:_MOST_SLOPES]


def _amounts(picture: Image, slopes: tuple[float, ...], run: int) -> dict[float, int]:
    """For each slope how many pixels of ``picture`` (h, w) lie in runs of at least ``run`` pixels along it."""
    runs = _runs_along(picture, slopes, run)
    each = (np.ascontiguousarray(runs[:, index]) for index in range(len(slopes)))
    return {slope: round(cv2.norm(bits, cv2.NORM_HAMMING)) for slope, bits in zip(slopes, each, strict=True)}


def _runs_along(picture: Image, slopes: tuple[float, ...], run: int) -> NDArray[np.uint8]:
    """What of ``picture`` (h, w), 0 or 255, lies in runs of at least ``run`` pixels along each slope, sheared to be
    level and opened: (w, len(slopes), h / 8), by columns. Eight pixels of a column are the bits of one byte, which go
    through all steps together."""
    packed = np.packbits(_shifted_columns(picture, slopes), axis=2)
    columns = as_image(packed.reshape(len(packed), -1))
    eroded = _along(columns, run, cv2.bitwise_and, outside=255, axis=0)
    return _along(eroded, run, cv2.bitwise_or, outside=0, axis=0).reshape(packed.shape)


def sheared(picture: Image, slopes: tuple[float, ...]) -> NDArray[np.uint8]:
    """``picture`` (h, w) once for each slope, its columns shifted so that lines of the slope come to lie level:
    (len(slopes), h, w), 0 where nothing was. The negative slope shifts them back."""
    height, width = picture.shape
    return as_image(cv2.transpose(_shifted_columns(picture, slopes).reshape(width, -1))).reshape(-1, height, width)


def _shifted_columns(picture: Image, slopes: tuple[float, ...]) -> NDArray[np.uint8]:
    """The columns of ``sheared``'s pictures: (w, len(slopes), h)."""
    return pieces_of_columns(picture, shifts_of(slopes, picture.shape[1]), len(picture))


def pieces_of_columns(picture: Image, first: NDArray[np.intp], length: int) -> NDArray[np.uint8]:
    """Of each column of ``picture`` (h, w) the pixels from row ``first`` (w, …) on, ``length`` of them: (w, …, length).
    What lies outside the picture is 0."""
    before, behind = max(0, -int(first.min())), max(0, int(first.max()) + length - len(picture))
    # A column in one piece of memory is shifted by where its copy begins, for all at once.
    columns = as_image(cv2.copyMakeBorder(cv2.transpose(picture), 0, 0, before, behind, cv2.BORDER_CONSTANT))
    width, height = columns.shape
    # All pieces of that length, as ``sliding_window_view`` has them, which takes half as long again as all the rest.
    pieces = np.ndarray((width, height - length + 1, length), np.uint8, columns, strides=(height, 1, 1))
    column = np.arange(width).reshape(-1, *[1] * (first.ndim - 1))
    return pieces[column, before + first]


@lru_cache(maxsize=256)
def shifts_of(slopes: tuple[float, ...], width: int) -> NDArray[np.intp]:
    """(width, len(slopes)): by how many pixels each column moves up, the middle one by none. In 1024ths of a pixel
    first, as OpenCV's ``warpAffine`` counts."""
    lines = 1024.0 * np.array(slopes)
    shifts = np.rint(lines * np.arange(width)[:, None]) - np.rint(lines * width / 2)
    return (shifts.astype(np.intp) + 512) >> 10


def _along(picture: Image, length: int, combine: Callable[..., Any], outside: int, axis: int = 1) -> Image:
    """Each pixel of ``picture`` (h, w) combined with those of a window around it in its row (axis 1) or column (0):
    eroded with a minimum, dilated with a maximum. outside: value of the pixels beyond the picture.

    Each step doubles the window, by the picture and its own shifted copy; OpenCV's take as long as the window is wide.
    """
    ends = length // 2, length - 1 - length // 2
    border = (0, 0, *ends) if axis else (*ends, 0, 0)
    out = cv2.copyMakeBorder(picture, *border, cv2.BORDER_CONSTANT, value=(outside,))
    done = 1
    while done < length:
        step = min(done, length - done)
        out = combine(out[:, :-step], out[:, step:]) if axis else combine(out[:-step], out[step:])
        done += step
    return as_image(out)
