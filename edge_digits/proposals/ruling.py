"""The lines of ruled and squared paper and of tables, taken out of a page's contrast before there is any ink.

Light that falls on writing over a printed line is dimmed by both, so what the line lets through is divided out, and the
writing that crosses it stays as it is. How much a line lets through is what most of it does: the mean of each of its
rows of pixels along a stretch of the line, to which what is far darker counts no more than the line itself.

It is done only where a page has many lines; what it leaves is proposed beside the contrast as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.level_lines import THICKEST, RowLines, likely_slopes, lines_along, sheared, shifts_of
from edge_digits.types import Image, as_image

_SUSPECTED = 3.0
"""Lines across or down a page, seen at a quarter of the size, from which on it is worth looking closer."""
_MANY = 8.0
"""Lines across a page, or down it, from which on those are taken out; each as long as it is wide or high."""
_LEAST_CONTRAST = 5
"""Contrast (255 = all light is missing) of a line with what is above and below it; at a quarter of the size two fifths
of it are left."""
_LOCAL_FACTOR, _LOCAL_WINDOW = 1.6, 0.03
"""And so many times the mean around, in a window whose side is a share of the longer side: texture is no line."""
_MOST_BESIDE = 16
"""Or so where nothing counts for more than this: writing beside a line is darker than texture, and covers less."""
_CROSSING = 5
"""Pixels at half the size that an upright line takes of a level one."""
_LEAST_RUN, _WINDOW, _OF_SIDE = 40, 0.25, 0.85
"""Runs of a line in pixels at half the size, and the window that it covers most of: a share of the longer side, but no
more than one of the side that it lies along."""
_STRETCH = 0.125
"""Of the page, along which a line is the same."""
_EVERY = 4
"""It changes slowly: every so many pixels are enough."""
_NEAR = 5
"""Of those pixels, over which it may be darker than along the stretch."""
_DARKEST = 1.4
"""What is so many times as dark as a line is writing."""
_LEAST_WRITING = 1.3
"""And what is not so many times as dark is nothing but the line."""


def may_be_ruled(small: Image) -> bool:
    """Whether there may be many lines. small: contrast at a quarter of the size, (h, w) uint8."""
    return any(_suspected(picture) >= _SUSPECTED for picture in (small, as_image(cv2.transpose(small))))


def _suspected(small: Image) -> float:
    """The length of all level lines in widths of the picture, roughly."""
    hat = cv2.subtract(small, cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((5, 1), np.uint8)))
    binary = cv2.threshold(hat, 0.4 * _LEAST_CONTRAST, 255, cv2.THRESH_BINARY)[1]
    tolerant = cv2.dilate(binary, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(tolerant, cv2.MORPH_OPEN, np.ones((1, _LEAST_RUN // 2), np.uint8))
    return cv2.countNonZero(runs) / (3 * small.shape[1])


def without_ruling(contrast: Image) -> Image | None:
    """``contrast`` (H, W) uint8, 255 = all light is missing, without the lines of a page that has many of them, across
    or down; None if it has not. Lines may be up to 14 degrees off level or upright."""
    size = (max(1, contrast.shape[1] // 2), max(1, contrast.shape[0] // 2))
    half = as_image(cv2.resize(contrast, size, interpolation=cv2.INTER_AREA))
    # A line of one pixel is twice as dark as it looks at half the size.
    grown = cv2.dilate(contrast, np.ones((2, 2), np.uint8), anchor=(0, 0))
    darkest = as_image(cv2.resize(grown, size, interpolation=cv2.INTER_NEAREST))
    level, upright = _lines(half, darkest), _lines(as_image(cv2.transpose(half)), as_image(cv2.transpose(darkest)))
    if not level and not upright:
        return None
    line = _contrast_of(contrast, level) if level else np.zeros_like(contrast)
    if upright:
        turned = as_image(cv2.transpose(_lightened(contrast, line)))
        other = as_image(cv2.transpose(_contrast_of(turned, upright)))
        if level:
            # Where they crossed upright ones, these were taken for theirs.
            line = _contrast_of(_lightened(contrast, other), level)
        line = as_image(cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(line), cv2.bitwise_not(other), scale=1 / 255)))
    writing = cv2.compare(contrast, cv2.convertScaleAbs(line, alpha=_LEAST_WRITING), cv2.CMP_GE)
    return as_image(cv2.bitwise_and(_lightened(contrast, line), writing))


def _lightened(contrast: Image, line: Image) -> Image:
    """``contrast`` with the light given back that lines of the contrast ``line`` take; all (H, W)."""
    return as_image(cv2.bitwise_not(cv2.divide(cv2.bitwise_not(contrast), cv2.bitwise_not(line), scale=255)))


@dataclass(frozen=True)
class _Lines:
    """Lines of one slope. rows: where they run, at half the size, the picture being sheared so that they are level.
    contrast: of most of them, 0..255."""

    slope: float
    rows: RowLines
    contrast: float


def _thin(half: Image) -> Image:
    """255 where something thin and level is darker than what is around it. half: contrast at half the size."""
    hat = cv2.subtract(half, cv2.morphologyEx(half, cv2.MORPH_OPEN, np.ones((THICKEST + 1, 1), np.uint8)))
    around = round(_LOCAL_WINDOW * max(half.shape)) | 1
    least = np.full_like(half, _LEAST_CONTRAST)
    thin = np.zeros_like(half)
    for most in (255, _MOST_BESIDE):
        capped = cv2.threshold(hat, most, 0, cv2.THRESH_TRUNC)[1]
        local = cv2.convertScaleAbs(cv2.blur(capped, (around, around)), alpha=_LOCAL_FACTOR)
        thin = cv2.max(thin, cv2.compare(capped, cv2.max(local, least), cv2.CMP_GT))
    return as_image(cv2.morphologyEx(thin, cv2.MORPH_CLOSE, np.ones((1, _CROSSING), np.uint8)))


def _lines(half: Image, darkest: Image) -> list[_Lines]:
    """The level lines of each slope, each line only once; [] if they are not many. half: contrast at half the size.
    darkest: the darkest of the four pixels that each of its pixels is the mean of."""
    thin = _thin(half)
    window = round(min(_WINDOW * max(half.shape), _OF_SIDE * half.shape[1])) | 1
    if window <= _LEAST_RUN or cv2.countNonZero(thin) < _MANY * half.shape[1]:
        return []
    by_slope: list[_Lines] = []
    for slope in likely_slopes(thin, _LEAST_RUN):
        lines = lines_along(thin, slope, window, _LEAST_RUN)
        if lines is not None:
            pixels = cv2.bitwise_and(sheared(lines.pixels, (-slope,))[0], thin)
            if cv2.countNonZero(pixels):
                by_slope.append(_Lines(slope, lines, float(np.median(darkest[pixels > 0]))))
                thin = as_image(cv2.subtract(thin, pixels))
    return by_slope if sum(_length(lines.rows) for lines in by_slope) >= _MANY else []


def _length(lines: RowLines) -> float:
    """Of all lines together, in widths of the picture."""
    return cv2.countNonZero(cv2.erode(lines.reach, np.ones((3, 1), np.uint8))) / lines.reach.shape[1]


def _contrast_of(contrast: Image, way: list[_Lines]) -> Image:
    """What of ``contrast`` (H, W) is level lines', as if nothing were written on them; 0 where none are.

    Only the rows along which lines run are looked at, each as long as the picture and sheared to be level.
    """
    height, width = contrast.shape
    beside = np.ones((3, 1), np.uint8)
    # One pixel more: what lies outside the picture is read from it and written to it.
    pixels = np.append(contrast, np.uint8(0))
    line_contrast = np.zeros_like(pixels)
    for lines in way:
        of_line = as_image(cv2.dilate(lines.rows.pixels, beside))
        level = np.flatnonzero(of_line.any(axis=1))
        rows = (2 * level[:, None] + np.arange(2)).ravel()
        shifts = shifts_of((lines.slope,), width)[:, 0]
        of_line = _enlarged(of_line[level], width)
        reach = _enlarged(as_image(cv2.dilate(lines.rows.reach, beside))[level], width)
        index = (rows * width)[:, None] + (shifts * width + np.arange(width))
        if rows[0] + shifts.min() < 0 or rows[-1] + shifts.max() >= height:
            outside = (index < 0) | (index >= height * width)
            index[outside] = height * width
            of_line[outside] = 0
        line = cv2.bitwise_and(_of_line(as_image(pixels.take(index)), of_line, _DARKEST * lines.contrast), reach)
        line_contrast[index] = cv2.max(line_contrast.take(index), line)
    return as_image(line_contrast[:-1].reshape(height, width))


def _enlarged(rows: Image, width: int) -> Image:
    """Rows of a mask at half the size, (k, w), as those of the picture: (2 k, width)."""
    return as_image(cv2.resize(rows, (width, 2 * len(rows)), interpolation=cv2.INTER_NEAREST))


def _of_line(rows: Image, counts: Image, most: float) -> Image:
    """Contrast (k, W) of the line itself at each pixel of its rows: a mean along the row of the pixels that count, 0
    where there are none near. rows, counts: (k, W); of the latter all that is not 0 counts. most: what is darker is
    none of the line's."""
    width = rows.shape[1]
    values = np.minimum(rows[:, ::_EVERY], np.float32(most))
    weight = (counts[:, ::_EVERY] > 0).astype(np.float32)
    stretch = round(_STRETCH * values.shape[1]) | 1

    def blurred(of: NDArray[np.float32], window: int) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(of, (window, 1), borderType=cv2.BORDER_CONSTANT), np.float32)

    count = np.maximum(blurred(weight, stretch), np.float32(1e-3))
    for _ in range(2):
        values = np.minimum(values, _DARKEST * (blurred(values * weight, stretch) / count) + 2)
    values *= weight
    line = blurred(values, stretch) / count
    # A line at a slope goes from one row to the next, and is darker where it lies in the middle of one.
    line = np.maximum(line, blurred(values, _NEAR) / np.maximum(blurred(weight, _NEAR), np.float32(1e-3)))
    return as_image(cv2.resize(cv2.convertScaleAbs(line), (width, len(rows)), interpolation=cv2.INTER_LINEAR))
