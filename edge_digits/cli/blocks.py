"""A sample as characters of a terminal: two pixels a character, one above the other."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Box, Image, as_image

COLUMNS = 48
"""Of a drawing."""

AROUND = (3.0, 2.0)
"""Width and height of what is drawn, in longer sides of the sample: its neighbours, as far as 48 columns show them."""

_DARKEST, _LIGHTEST = 232, 255
"""Greys among a terminal's 256 colours."""

_BOX = 33
"""The blue of the sample's box."""

_SHADES = "█▓▒░ "


def drawing(picture: Image, box: Box, in_colour: bool) -> str:
    """The part of ``picture`` (H, W) uint8 around ``box``, in lines of at most ``COLUMNS`` characters, the box marked.

    in_colour: whether the terminal has 256 colours; without, in five shades with the box's corners.
    """
    part, inner = _part(picture, box)
    scale = COLUMNS / part.shape[1]
    height = max(2, 2 * round(part.shape[0] * scale / 2))
    # The whole range of greys: pencil on grey paper is hard to see.
    stretched = cv2.normalize(part, np.empty_like(part), 0, 255, cv2.NORM_MINMAX)
    small = as_image(cv2.resize(stretched, (COLUMNS, height), interpolation=cv2.INTER_AREA))
    edges = _edges(inner.scaled(scale), small.shape)
    return _coloured(small, edges) if in_colour else _shaded(small, inner.scaled(scale))


def _part(picture: Image, box: Box) -> tuple[Image, Box]:
    """What is drawn of the picture, and the box in it."""
    longer = max(box.width, box.height)
    wide, high = round(AROUND[0] * longer), round(AROUND[1] * longer)
    whole = Box(box.x + box.width // 2 - wide // 2, box.y + box.height // 2 - high // 2, wide, high)
    part = whole.cut(picture)
    return (part, box.within(whole)) if part.shape == (high, wide) else (_padded(picture, whole), box.within(whole))


def _padded(picture: Image, whole: Box) -> Image:
    """The part ``whole`` where it leaves the picture: the picture's edge goes on."""
    height, width = picture.shape
    rows = np.clip(np.arange(whole.y, whole.bottom), 0, height - 1)
    columns = np.clip(np.arange(whole.x, whole.right), 0, width - 1)
    return picture[np.ix_(rows, columns)]


def _edges(box: Box, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, np.uint8)
    cv2.rectangle(mask, (box.x - 1, box.y - 1), (box.right, box.bottom), 1)
    return mask > 0


def _coloured(picture: Image, edges: NDArray[np.bool_]) -> str:
    levels = _LIGHTEST - _DARKEST
    colours = np.where(edges, _BOX, _DARKEST + (picture.astype(int) * levels + 127) // 255)
    lines = []
    for upper, lower in zip(colours[::2].tolist(), colours[1::2].tolist(), strict=True):
        cells = [f"\x1b[38;5;{above};48;5;{below}m▀" for above, below in zip(upper, lower, strict=True)]
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)


def _shaded(picture: Image, box: Box) -> str:
    means = picture.reshape(len(picture) // 2, 2, -1).mean(axis=1)
    indices = np.minimum((means * len(_SHADES) / 256).astype(int), len(_SHADES) - 1)
    rows = [[_SHADES[index] for index in row] for row in indices.tolist()]
    left, right = max(0, box.x - 1), min(COLUMNS - 1, box.right)
    top, bottom = max(0, (box.y - 1) // 2), min(len(rows) - 1, box.bottom // 2)
    for row, column, corner in ((top, left, "┌"), (top, right, "┐"), (bottom, left, "└"), (bottom, right, "┘")):
        rows[row][column] = corner
    return "\n".join("".join(row).rstrip() for row in rows)
