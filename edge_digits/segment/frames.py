"""Boxes in a row that a form prints for one digit each, taken out of the ink where digits touch them.

A frame is a component whose outline is a parallelogram: its topmost pixels lie on a line, and so do its lowest,
leftmost and rightmost ones. Its lines, and the upright ones that reach from its top to its bottom, are taken out; a
stroke that crosses them stays.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.level_lines import pieces_of_columns
from edge_digits.segment.components import Components, find_components
from edge_digits.types import Image, as_image

_LEAST_HEIGHT, _MOST_HEIGHT = 14, 0.6
"""Pixels of a frame; in a lower one no digit can be read. And its share of the picture's shorter side."""
_MOST_INK = 0.75
"""Share of its box that a frame with its digits covers."""
_STEEPEST = 0.28
"""Lines are no further than this off level or upright: 15 degrees."""
_ON_LINE, _TOLERANCE = 0.85, 0.05
"""Share of the outline that lies on its line, and how far off it may be, as a share of the frame's shorter side."""
_NOT_PARALLEL = 0.12
"""By how much the slopes of opposite sides may differ."""
_MOST_TAPER = 0.25
"""By how much a frame may be lower at one end, as a share of its height."""
_COVERED = 0.9
"""Share of an upright line's pixels that are ink."""
_NARROWEST, _WIDEST = 0.5, 2.2
"""Of a box, as shares of its height."""
_NARROWEST_FRAME = 0.7
"""A single box is wider than most digits."""
_UNEVEN = 0.08
"""How far a side may be from where it should stand, as a share of a box."""
_LEAST_SIDES = 0.34
"""Share of the upright lines; what has more of others is a grid."""
_THICKEST = 0.22
"""Line, as a share of the frame's height."""
_FINE = 2
"""Pixels of a line so thin that a pixel's error in its slope makes it miss its place."""
_MARGIN = 3
"""Pixels beside a line where a stroke that crosses it shows."""
_FAINT = 12
"""Ink (0..255) that counts where frames are fainter than what is written in them."""
_PIECES = 4
"""Upright pieces that frames leave whose level lines are gone, and level pieces of faint ones."""
_SAMPLES = np.linspace(0.05, 0.95, 9)
"""Of a side, where its slope is measured."""
_PAIRS = [(one, one + apart) for apart in (4, 5) for one in range(len(_SAMPLES) - apart)]


def without_frames(ink: Image, ruling: Image | None, components: Components) -> Image:
    """``ink`` (H, W) uint8 without frames; the same array if there are none.

    ruling: (H, W) uint8, not 0 where lines were taken out of the page before; None if none were. They may have been a
    frame's top and bottom. components: those of ``ink``.
    """
    c = components
    upright = (c.height > 4 * c.width) & (c.height >= _LEAST_HEIGHT)
    level = (c.width > 4 * c.height) & (c.width >= _LEAST_HEIGHT)
    cleaned = ink
    if ruling is None:
        cleaned = _without(ink, c)
    elif np.count_nonzero(upright) >= _PIECES:
        cleaned = _without(ink, find_components(as_image(cv2.max(ink, ruling))))
    if cleaned is not ink or np.count_nonzero(level) >= _PIECES:
        seen = cleaned if ruling is None else cv2.max(cleaned, ruling)
        faint = as_image(cv2.threshold(seen, _FAINT - 1, 255, cv2.THRESH_BINARY)[1])
        cleaned = _without(cleaned, find_components(faint))
    return cleaned


def _without(ink: Image, c: Components) -> Image:
    cleaned, most = ink, _MOST_HEIGHT * min(ink.shape)
    may_be = (c.height >= _LEAST_HEIGHT) & (c.height <= most) & (c.width >= _NARROWEST_FRAME * c.height)
    for index in np.flatnonzero(may_be & (c.area <= _MOST_INK * c.width * c.height)).tolist():
        box = c.box(index)
        window = c.labels[box.y : box.bottom, box.x : box.right]
        if not _may_be_frame(window, c.label[index]):
            continue
        own = np.asarray(window == c.label[index], np.bool_)
        lines = _frame_lines(own)
        if lines is not None:
            if cleaned is ink:
                cleaned = ink.copy()
            box.cut(cleaned)[lines & (own | (window == 0))] = 0
    return cleaned


@dataclass(frozen=True)
class _Edge:
    """One side of an outline: position = slope * along + offset."""

    slope: float
    offset: float


def _may_be_frame(window: NDArray[np.int32], label: np.int32) -> bool:
    """Whether the component ``label`` in its window (h, w) has a top and a bottom on parallel lines, where they are
    sampled; hardly a digit has. ``_frame_lines`` looks at the whole of both."""
    size, (columns, at) = window.shape, _sampled_columns(window.shape[1])
    seen = window[:, columns] == label
    top = _slope(seen.argmax(axis=0).tolist(), at, size)
    if top is None:
        return False
    bottom = _slope(seen[::-1].argmax(axis=0).tolist(), at, size)
    return bottom is not None and abs(top + bottom) <= _NOT_PARALLEL


def _frame_lines(own: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Where the lines of a frame run in ``own`` (h, w); None if it is none."""
    top = _edge(own, False)
    bottom = _edge(own, True) if top else None
    if top is None or bottom is None or abs(top.slope - bottom.slope) > _NOT_PARALLEL:
        return None
    height, width = own.shape
    column = np.arange(width)
    shift = np.rint(top.slope * column + top.offset).astype(np.intp)
    depth = np.rint(bottom.slope * column + bottom.offset).astype(np.intp) - shift + 1
    inner = int(statistics.median(depth.tolist()))
    if inner < _LEAST_HEIGHT or np.ptp(depth) > _MOST_TAPER * inner:
        return None
    # The same pixels with the top line level, and rows beyond both lines, where strokes stick out.
    beyond = max(_MARGIN, inner // 3)
    lines = _level_frame_lines(_moved(own, shift - beyond, inner + 2 * beyond), beyond, depth)
    return None if lines is None else _moved(lines, beyond - shift, height)


def _moved(own: NDArray[np.bool_], first: NDArray[np.intp], height: int) -> NDArray[np.bool_]:
    """(height, w): each column of ``own`` (h, w) from its row ``first`` (w,) on, nothing outside of it."""
    columns = pieces_of_columns(np.ascontiguousarray(own).view(np.uint8), first, height)
    return np.asarray(cv2.transpose(columns), np.uint8).view(np.bool_)


def _level_frame_lines(level: NDArray[np.bool_], first: int, depth: NDArray[np.intp]) -> NDArray[np.bool_] | None:
    """Where the lines run in ``level`` (h, w), a frame with its top line in row ``first``; None if it is no frame.

    depth: (w,) rows from the top line to the bottom one, both included.
    """
    row = np.arange(len(level))[:, None]
    below, above = row - first, first + depth - 1 - row
    height = int(statistics.median(depth.tolist()))
    inside = level[first : first + height]
    left, right = _edge(inside.T, False), _edge(inside.T, True)
    if left is None or right is None or abs(left.slope - right.slope) > _NOT_PARALLEL:
        return None
    thickness = min(_thickness(level, below), _thickness(level[::-1], above[::-1]))
    if thickness > _THICKEST * height:
        return None
    across = np.rint(np.arange(level.shape[1]) - (left.slope + right.slope) / 2 * below).astype(np.intp)
    across -= across.min()
    upright = _uprights(level, (below >= thickness) & (above >= thickness), across, height, thickness)
    if upright is None:
        return None
    along = ((below >= -1) & (below <= thickness)) | ((above >= -1) & (above <= thickness))
    up = upright[across] & (below >= -1) & (above >= -1)
    crossed = along & ~up & _between(level & ~along, thickness + _MARGIN)
    crossed |= up & ~along & _between((level & ~up).T, thickness + _MARGIN).T
    return (along | up) & ~crossed


def _edge(own: NDArray[np.bool_], last: bool) -> _Edge | None:
    """The line on which the first pixel of most columns of ``own`` (h, w) lies, or the last; None if on none."""
    height, width = own.shape
    picture = own[::-1] if last else own
    columns, at = _sampled_columns(width)
    slope = _slope(picture[:, columns].argmax(axis=0).tolist(), at, own.shape)
    if slope is None:
        return None
    rest = picture.argmax(axis=0) - slope * np.arange(width)
    offset = statistics.median(rest.tolist())
    if np.count_nonzero(np.abs(rest - offset) <= _tolerance(own.shape)) < _ON_LINE * width:
        return None
    return _Edge(-slope, height - 1 - offset) if last else _Edge(slope, offset)


def _slope(firsts: list[int], at: list[int], size: tuple[int, ...]) -> float | None:
    """The slope of the line on which most of the sampled pixels lie, in rows ``firsts`` of columns ``at``; None if they
    lie on none. size: (height, width) of the picture."""
    # The median of all slopes (Theil 1950, Sen 1968) does not mind a few strokes that stick out.
    slopes = sorted([(firsts[other] - firsts[one]) / (at[other] - at[one]) for one, other in _PAIRS])
    slope = slopes[len(slopes) // 2]
    if abs(slope) > _STEEPEST:
        return None
    rests = sorted([first - slope * column for first, column in zip(firsts, at, strict=True)])
    tolerance, offset = _tolerance(size), rests[len(rests) // 2]
    on_line = sum([abs(rest - offset) <= tolerance for rest in rests])
    return slope if on_line >= len(rests) - 2 else None


def _tolerance(size: tuple[int, ...]) -> float:
    return max(1.5, _TOLERANCE * min(size))


@lru_cache(maxsize=512)
def _sampled_columns(width: int) -> tuple[NDArray[np.intp], list[int]]:
    columns = (_SAMPLES * (width - 1)).astype(np.intp)
    return columns, columns.tolist()


def _thickness(level: NDArray[np.bool_], below: NDArray[np.intp]) -> int:
    """How many pixels of most columns are ink from the line on where ``below`` (h, w) is 0; where a digit touches it
    there are more."""
    paper = np.where(~level & (below > 0), below, len(level)).min(axis=0)
    return int(np.sort(paper)[len(paper) // 4])


def _uprights(
    level: NDArray[np.bool_], inside: NDArray[np.bool_], across: NDArray[np.intp], height: int, thickness: int
) -> NDArray[np.bool_] | None:
    """Which places across belong to upright lines; None if those are not the sides of boxes.

    inside: (h, w) bool, what lies between the top and bottom line. across: (h, w), each pixel's place.
    """
    size = int(across.max()) + 1
    there = np.bincount(across[inside], minlength=size)
    # A line goes from one column to the next on its way down.
    wider = level.copy()
    wider[:, 1:] |= level[:, :-1]
    sides = _sides(wider & inside, there, across, height, thickness)
    if not sides and thickness <= _FINE:
        wider[:, :-1] |= level[:, 1:]
        sides = _sides(wider & inside, there, across, height, thickness)
    if not sides:
        return None
    found = np.zeros(size, np.bool_)
    for a, b in sides:
        found[max(0, a - 1) : b + 1] = True
    # What lies beyond the first and the last line is the rest of them.
    found[: sides[0][1] + 1] = True
    found[sides[-1][0] - 1 :] = True
    return found


def _sides(
    ink: NDArray[np.bool_], there: NDArray[np.intp], across: NDArray[np.intp], height: int, thickness: int
) -> list[tuple[int, int]]:
    """The sides of boxes, (first, behind the last) place each, where ``ink`` (h, w) covers what is ``there``."""
    covered = (np.bincount(across[ink], minlength=len(there)) >= _COVERED * there) & (there > 0.5 * height)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], covered, [False]]).astype(np.int8)))
    lines = [(int(a), int(b)) for a, b in zip(ends[::2], ends[1::2], strict=True) if b - a <= 2 * thickness + 2]
    return _evenly_spaced(lines, height)


def _evenly_spaced(lines: list[tuple[int, int]], height: int) -> list[tuple[int, int]]:
    """Those of ``lines``, (first, behind the last) place each, that divide a frame into equal boxes, as many as there
    can be; [] if none do. Strokes that reach from top to bottom are lines too."""
    middles = np.array([(first + behind) / 2 for first, behind in lines])
    length = float(np.ptp(middles)) if len(lines) > 1 else 0.0
    for boxes in range(min(len(lines) - 1, int(length / (_NARROWEST * height))), int(length / (_WIDEST * height)), -1):
        nearest = [int(np.abs(middles - place).argmin()) for place in np.linspace(middles[0], middles[-1], boxes + 1)]
        off = np.abs(middles[nearest] - np.linspace(middles[0], middles[-1], boxes + 1))
        if off.max() <= max(1.5, _UNEVEN * length / boxes):
            return [lines[index] for index in nearest] if boxes + 1 >= _LEAST_SIDES * len(lines) else []
    return []


def _between(ink: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Where there is ``ink`` (h, w), or some within ``reach`` pixels both above and below."""
    pixels, window = np.ascontiguousarray(ink).view(np.uint8), np.ones((reach + 1, 1), np.uint8)
    above, below = (cv2.dilate(pixels, window, anchor=(0, last)) for last in (reach, 0))
    return np.asarray(cv2.bitwise_and(above, below), np.uint8).view(np.bool_)
