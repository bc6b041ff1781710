"""Whole pages of made-up handwriting with their truth.

A ``Sheet`` is what lies on the desk; ``photograph_sheet`` takes a picture of it, as often as wanted, each
time with its own light, noise and place, and maps the truth along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis import paper, pen
from edge_digits.synthesis.camera import Shot, photograph, random_shot, random_view
from edge_digits.synthesis.light import lit, random_light
from edge_digits.synthesis.rows import LINE_HEIGHT, OTHER, Row, lay_row, random_texts
from edge_digits.synthesis.strokes import Hand, random_hand
from edge_digits.types import Box, Digit, Image, Line, union

KINDS = (*paper.KINDS, "cells")
"""What a sheet can be: paper's kinds, and a form with a cell for each digit."""
_USUAL = ("plain", "plain", "plain", "ruled", "ruled", "squared", "cells", "board")
_MOST_CHARACTERS = 110


@dataclass(frozen=True, eq=False)
class Sheet:
    """A written sheet. reflectance: (H, W) uint8. lines: its truth in the sheet's pixels, confidences 1, in
    reading order; ``?`` stands for what is no digit in a row, and a space for a gap that is clearly wider
    than the others. stroke: width of its pen in pixels, for ``random_shot``."""

    reflectance: Image
    lines: tuple[Line, ...]
    stroke: float


@dataclass(frozen=True, eq=False)
class SyntheticPage:
    """A photographed sheet. image: (H, W) uint8. lines: the truth in the picture's pixels, only lines that
    are wholly in it. cut: boxes of lines of which only a part is in the picture, clipped to it; they have no
    truth."""

    image: Image
    lines: tuple[Line, ...]
    cut: tuple[Box, ...]


def make_sheet(
    rng: np.random.Generator,
    width: int = 640,
    height: int = 480,
    *,
    texts: Sequence[str] | None = None,
    digit_height: float | None = None,
    kind: str | None = None,
    others: bool = True,
    border: int = 0,
    hand: Hand | None = None,
) -> Sheet:
    """Write a sheet, one hand and one pen.

    texts: rows from top to bottom, of digits, spaces and ``?`` for something that is no digit (None: random
    rows). digit_height: in pixels, made smaller where the rows would not fit (None: random, 12..200). kind:
    one of KINDS (None: random). others: whether random rows hold what is no digit, and words stand between
    them. border: pixels around in which nothing is written, for a camera that does not stand still. hand: who
    writes (None: anybody).
    """
    kind = kind or _USUAL[int(rng.integers(len(_USUAL)))]
    hand = hand or random_hand(rng)
    cell = float(rng.uniform(1.2, 1.6)) if kind == "cells" else None
    room_x, room_y = width - 2 * border, height - 2 * border
    size = digit_height or float(np.exp(rng.uniform(np.log(12), np.log(np.clip(0.3 * room_y, 13, 200)))))
    pitch = float(rng.uniform(1.5, 2.4))  # from row to row in digit heights
    if texts is None:
        size = min(size, room_y / 2.0, room_x / 2.8)
        left = float(rng.uniform(0.4, 0.8)) + room_x / size * (0.02 + 0.15 * float(rng.random()) ** 2)
        top = float(rng.uniform(0.4, 0.8)) + room_y / size * (0.02 + 0.15 * float(rng.random()) ** 2)
        top = min(top, room_y / size - LINE_HEIGHT)
        most = room_x / size - left - 0.4
        count = 1 + int((room_y / size - top - LINE_HEIGHT) / pitch)
        texts = random_texts(rng, count, max(1, int(most / 0.95)), _MOST_CHARACTERS, others)
        rows = [lay_row(rng, hand, text, cell=cell, most=most) for text in texts]
    else:
        left, top = rng.uniform(0.4, 0.8, 2).tolist()
        rows = [lay_row(rng, hand, text, cell=cell) for text in texts]
        widest = max((row.width for row in rows), default=0.0)
        tallest = top + LINE_HEIGHT + 1.4 * max(0, len(rows) - 1)
        size = min(size, room_x / (left + widest + 0.6), room_y / tallest)
        if len(rows) > 1:
            pitch = min(pitch, (room_y / size - top - LINE_HEIGHT) / (len(rows) - 1))
    spacing = pitch * size if kind == "ruled" else max(6.0, float(rng.uniform(0.4, 1.1)) * size)
    first_rule = border + (top + float(rng.uniform(0.9, 1.25))) * size
    surface = "plain" if kind == "cells" else kind
    blank = paper.random_paper(rng, height, width, surface, spacing, first_rule)
    tool = pen.random_pen(rng, size, "chalk" if kind == "board" else None)
    frame = int(rng.uniform(0.25, 0.75) * int(blank[0, 0]))
    lines: list[Line] = []
    for number, row in enumerate(rows):
        start = left + float(rng.uniform(0, 0.2))
        corner = (border + start * size, border + (top + number * pitch) * size)
        if cell is not None:
            _draw_cells(blank, row.cells, cell, corner, size, frame)
        line = _write(rng, blank, row, corner, size, tool)
        if line is not None:
            lines.append(line)
    if kind != "board" and rng.random() < 0.25:
        paper.add_desk(rng, blank, inset=(border + 0.25 * size) / max(width, height))
    return Sheet(blank, tuple(lines), tool.width)


def photograph_sheet(
    rng: np.random.Generator,
    sheet: Sheet,
    *,
    light: Image | None = None,
    shot: Shot | None = None,
    view: NDArray[np.floating] | None = None,
    size: tuple[int, int] | None = None,
) -> SyntheticPage:
    """Take one picture of a sheet.

    light: (H, W) uint8 as large as the sheet (None: full light). shot: camera (None: random). view: (3, 3)
    homography from sheet to picture (None: straight from above). size: (width, height) of the picture (None:
    the sheet's).
    """
    scene = sheet.reflectance if light is None else lit(sheet.reflectance, light)
    image = photograph(rng, scene, shot or random_shot(rng, sheet.stroke), view, size)
    if view is None:
        view = np.eye(3)
    lines, cut = [], []
    for line in sheet.lines:
        digits = tuple(Digit(d.value, d.confidence, _mapped(d.box, view)) for d in line.digits)
        box = _mapped(line.box, view)
        inside = _clipped(box, image)
        if inside == box:
            lines.append(Line(line.text, line.confidence, box, digits))
        elif inside.width > 0 and inside.height > 0:
            cut.append(inside)
    return SyntheticPage(image, tuple(lines), tuple(cut))


def make_page(
    rng: np.random.Generator,
    width: int = 640,
    height: int = 480,
    *,
    texts: Sequence[str] | None = None,
    digit_height: float | None = None,
    kind: str | None = None,
    others: bool = True,
    hand: Hand | None = None,
) -> SyntheticPage:
    """Write a sheet and photograph it once, with random light, camera and hold; arguments as
    ``make_sheet``."""
    border = round(0.05 * max(width, height))
    wide, high = width + 2 * border, height + 2 * border
    sheet = make_sheet(
        rng, wide, high, texts=texts, digit_height=digit_height, kind=kind, others=others, border=border, hand=hand
    )
    view = np.array([(1.0, 0.0, -border), (0.0, 1.0, -border), (0.0, 0.0, 1.0)])
    if rng.random() < 0.7:
        view = view @ random_view(rng, high, wide, tilt=0.02, turn=1.5, zoom=0.02)
    return photograph_sheet(rng, sheet, light=random_light(rng, high, wide), view=view, size=(width, height))


def _write(
    rng: np.random.Generator, sheet: Image, row: Row, corner: tuple[float, float], size: float, tool: pen.Pen
) -> Line | None:
    """Write a row, its left top corner at ``corner`` (pixels); None where no digit is in it."""
    boxes: list[Box] = []
    digits: list[Digit] = []
    for item in row.items:
        drawing = pen.draw(rng, item.strokes, size * item.scale, tool)
        left = round(corner[0] + item.x * size) - drawing.origin_x
        top = round(corner[1] + item.y * size) - drawing.origin_y
        paper.lay_ink(sheet, drawing.ink, left, top, tool.reflectance, tool.kind == "chalk")
        box = pen.ink_box(drawing.ink)
        boxes.append(_clipped(Box(left + box.x, top + box.y, box.width, box.height), sheet))
        if item.character != OTHER:
            digits.append(Digit(int(item.character), 1.0, boxes[-1]))
    return Line(row.text, 1.0, union(boxes), tuple(digits)) if digits else None


def _draw_cells(
    sheet: Image, lefts: Sequence[float], cell: float, corner: tuple[float, float], size: float, grey: int
) -> None:
    """A form's cells around a row; neighbours share a border."""
    for left in lefts:
        x, y = corner[0] + left * size, corner[1] - 0.2 * size
        ends = [(round(v * 16), round(w * 16)) for v, w in ((x, y), (x + cell * size, y + 1.4 * size))]
        cv2.rectangle(sheet, ends[0], ends[1], (grey,), 1 + int(size > 60), cv2.LINE_AA, 4)


def _mapped(box: Box, view: NDArray[np.floating]) -> Box:
    """The smallest box around ``box`` in the picture."""
    x, y, right, bottom = box.x, box.y, box.right, box.bottom
    corners = np.array([(x, y, 1), (right, y, 1), (right, bottom, 1), (x, bottom, 1)], np.float64)
    seen = corners @ np.asarray(view, np.float64).T
    points = seen[:, :2] / seen[:, 2:]
    left, top = np.floor(points.min(axis=0) + 1e-6).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0) - 1e-6).astype(int).tolist()
    return Box(left, top, right - left, bottom - top)


def _clipped(box: Box, image: Image) -> Box:
    """The part of ``box`` that is in the picture; width or height 0 or less if none is."""
    left, top = max(box.x, 0), max(box.y, 0)
    return Box(left, top, min(box.right, image.shape[1]) - left, min(box.bottom, image.shape[0]) - top)
