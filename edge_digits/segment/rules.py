"""Ruled lines, table lines and squared paper: found as long thin ink, and taken out where no stroke crosses them.

A line is found at a quarter of the size by how much of a long window along it is covered, so that it may be faint,
broken, or crossed by writing; it is taken out at full size, pixel by pixel, where the ink is no thicker than the line.
"""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.level_lines import level_lines
from edge_digits.segment.components import INK_THRESHOLD, Components
from edge_digits.types import Image, as_image

_SHRINK = 2
_MANY = 100
"""Components of a page that is full of writing, or of the pieces of a faint grid."""


def may_have_rules(components: Components, digit_height: float) -> tuple[bool, bool]:
    """Whether there may be level lines, and upright ones.

    A component is longer that way than three digits and a half, and thin or hollow as lines and boxes are; or there are
    so many that they may be what is left of faint lines.
    """
    c = components
    if len(c) > _MANY:
        return True, True
    hollow = c.area < 0.35 * c.width * c.height
    thin = np.maximum(c.width, c.height) > 6 * np.minimum(c.width, c.height)
    lines = hollow | thin
    level, upright = ((lines & (length > 3.5 * digit_height)).any() for length in (c.width, c.height))
    return bool(level), bool(upright)


def without_rules(ink: Image, digit_height: float, shortest: float, ways: tuple[bool, bool] = (True, True)) -> Image:
    """``ink`` (H, W) without ruled lines; the same array if there are none.

    digit_height: typical height of a digit in pixels. shortest: least length of a line as a share of the picture, 0..1;
    it is longer than three and a half digits in any case. ways: whether to look for level lines, and for upright ones.
    A line is thin and nearly straight, up to 14 degrees off level or upright. Strokes that cross it stay whole.
    """
    if min(ink.shape) < 8 * _SHRINK:
        return ink
    size = (ink.shape[1] // _SHRINK, ink.shape[0] // _SHRINK)
    small = cv2.threshold(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), 40, 255, cv2.THRESH_BINARY)[1]
    cleaned = ink
    for turned, wanted in zip((False, True), ways, strict=True):
        if not wanted:
            continue
        picture = as_image(cv2.transpose(small) if turned else small)
        window = round(max(shortest * picture.shape[1], 3.5 * digit_height / _SHRINK))
        window = min(window, round(0.85 * picture.shape[1])) | 1
        run = round(max(7, window / 8, min(1.2 * digit_height / _SHRINK, window / 3)))
        lines = level_lines(picture, window, run)
        if lines is not None and turned:
            cleaned = as_image(cv2.transpose(_taken_out(as_image(cv2.transpose(cleaned)), lines)))
        elif lines is not None:
            cleaned = _taken_out(cleaned, lines)
    return cleaned


def _taken_out(ink: Image, lines: Image) -> Image:
    """``ink`` (H, W) without its pixels at ``lines`` (h, w) that are no thicker than the lines are."""
    size = (ink.shape[1], ink.shape[0])
    lines = as_image(cv2.resize(lines, size, interpolation=cv2.INTER_NEAREST))
    binary = as_image(cv2.threshold(ink, INK_THRESHOLD // 3, 255, cv2.THRESH_BINARY)[1])
    most = int(np.ceil(1.5 * median_run(binary[:, ::8], lines[:, ::8]))) + 1
    strokes = cv2.morphologyEx(binary, cv2.MORPH_OPEN, np.ones((most + 1, 1), np.uint8))
    # The line's own edge may lie one shrunken pixel further out.
    zone = cv2.dilate(lines, np.ones((2 * _SHRINK + 1, 1), np.uint8))
    gone = cv2.subtract(zone, strokes)
    # A stroke that crosses at a slant is thin too: what joins ink above to ink below is one.
    bridges = cv2.morphologyEx(cv2.subtract(binary, gone), cv2.MORPH_CLOSE, np.ones((most + 3, 3), np.uint8))
    return as_image(cv2.subtract(ink, cv2.subtract(gone, bridges)))


def median_run(binary: Image, lines: Image | None = None) -> float:
    """Median height in pixels of the upright runs of ``binary`` that pass through ``lines``, or of all; both (H, W)."""
    # Column behind column, each with a pixel of paper on either side, so that no run goes on into the next.
    columns, hits = (
        cv2.copyMakeBorder(cv2.transpose(picture), 0, 0, 1, 1, cv2.BORDER_CONSTANT).ravel()
        for picture in (binary, binary if lines is None else lines)
    )
    ends = np.flatnonzero(columns[1:] != columns[:-1]) + 1
    if len(ends) == 0:
        return 1.0
    passes = np.maximum.reduceat(hits, ends)[::2] > 0
    length = ends[1::2] - ends[::2]
    return float(np.median(length[passes])) if passes.any() else 1.0
