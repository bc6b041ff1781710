"""Whole pages of made-up handwriting with their truth.

A ``Sheet`` is what lies on the desk; ``photograph_sheet`` takes a picture of it, as often as wanted, each
time with its own light, noise and place, and maps the truth along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis import paper, pen, strokes
from edge_digits.synthesis.camera import Shot, photograph, random_shot, random_view
from edge_digits.synthesis.light import lit, random_light
from edge_digits.types import Box, Digit, Image, Line, union

KINDS = (*paper.KINDS, "cells")
"""What a sheet can be: paper's kinds, and a form with a cell for each digit."""
_USUAL = ("plain", "plain", "plain", "ruled", "ruled", "squared", "cells", "board")
_MOST_ITEMS = 110
_OTHER = "?"


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
) -> Sheet:
    """Write a sheet, one hand and one pen.

    texts: rows from top to bottom, of digits, spaces and ``?`` for something that is no digit (None: random
    rows). digit_height: in pixels, made smaller where rows would not fit (None: random, 12..200). kind: one
    of KINDS (None: random). others: whether random rows hold things that are not digits, and words stand
    between them.
    """
    kind = kind or _USUAL[int(rng.integers(len(_USUAL)))]
    size = digit_height or float(np.exp(rng.uniform(np.log(12), np.log(max(13.0, min(200.0, 0.3 * height))))))
    size = min(size, 0.55 * height)
    if texts is not None and texts:
        longest = max(len(text) for text in texts)
        size = min(size, 0.9 * width / (1.25 * longest + 1), height / (1.7 * len(texts) + 0.6))
    pitch = float(rng.uniform(1.5, 2.4)) * size
    if texts is not None and texts:
        pitch = min(pitch, (height - 0.6 * size) / len(texts))
        top = float(rng.uniform(0.3, 0.6)) * size
    else:
        top = float(rng.uniform(0.4, 0.8)) * size + 0.15 * height * float(rng.random()) ** 2
    spacing = pitch if kind == "ruled" else float(rng.uniform(0.4, 1.1)) * size
    blank = paper.random_paper(
        rng,
        height,
        width,
        "plain" if kind == "cells" else kind,
        max(spacing, 6.0),
        top + float(rng.uniform(0.9, 1.25)) * size,
    )
    tool = pen.random_pen(rng, size, "chalk" if kind == "board" else None)
    rows = list(texts) if texts is not None else _random_rows(rng, width, height, size, pitch, top, others)
    margin = float(rng.uniform(0.4, 0.8)) * size
    if texts is None:
        margin += 0.15 * width * float(rng.random()) ** 2
    frame = int(rng.uniform(0.25, 0.75) * int(blank[0, 0])) if kind == "cells" else None
    writer = _Writer(rng, blank, strokes.random_hand(rng), tool, size, margin, frame)
    lines = []
    for number, text in enumerate(rows):
        line = writer.row(text, top + number * pitch)
        if line is not None:
            lines.append(line)
    if kind != "board" and rng.random() < 0.25:
        paper.add_desk(rng, blank, inset=0.25 * size / max(width, height))
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
) -> SyntheticPage:
    """Write a sheet and photograph it once, with random light, camera and hold; arguments as
    ``make_sheet``."""
    sheet = make_sheet(rng, width, height, texts=texts, digit_height=digit_height, kind=kind, others=others)
    light = random_light(rng, height, width)
    view = random_view(rng, height, width, tilt=0.02, turn=1.5, zoom=0.02) if rng.random() < 0.7 else None
    return photograph_sheet(rng, sheet, light=light, view=view)


def bitmap_ink(rng: np.random.Generator, bitmap: Image, height: float) -> Image:
    """Enlarge a small picture of a digit (MNIST 28×28, USPS or Semeion 16×16) to a pen's smooth, crisp edge.

    bitmap: (h, w) uint8, 0 paper … 255 ink. height: of the digit (not of the bitmap's empty border) in
    pixels. Returns uint8 ink, cut to the digit with a margin of a pixel or two.
    """
    left, top, columns, rows = cv2.boundingRect((bitmap >= 48).view(np.uint8))
    if columns == 0:
        return np.zeros((max(1, round(height)),) * 2, np.uint8)
    padded = cv2.copyMakeBorder(bitmap[top : top + rows, left : left + columns], 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    scale = height / rows
    if scale <= 1.0:
        return cast(Image, cv2.resize(padded, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    # Blurring by half a source pixel takes the staircase off; the level at which it is cut sets the width.
    soft = cv2.GaussianBlur(padded, (0, 0), 0.6)
    large = cv2.resize(soft, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    level = float(rng.uniform(80, 140))
    steep = max(128.0 / level, 0.45 * scale)  # bare paper stays bare
    return np.clip((large - level) * steep + 127.0, 0, 255).astype(np.uint8)


def place_bitmap(
    rng: np.random.Generator, sheet: Image, bitmap: Image, x: int, y: int, height: float, tool: pen.Pen
) -> Box:
    """Write a digit's bitmap on paper, in place, with a pen's ink and grain.

    sheet: (H, W) uint8 reflectance. bitmap: see ``bitmap_ink``. x, y: of the digit's left top corner. height:
    of the digit in pixels. Returns the digit's box.
    """
    ink = bitmap_ink(rng, bitmap, height)
    if tool.grain:
        ink = pen.roughen(rng, ink, tool.grain, tool.width)
    inner = _ink_box(ink)
    paper.lay_ink(sheet, ink, x - inner.x, y - inner.y, tool.reflectance, tool.kind == "chalk")
    return Box(x, y, inner.width, inner.height)


@dataclass(frozen=True, eq=False)
class _Writer:
    """Who writes on which paper with which pen. size: height of the digits in pixels. margin: left of the
    rows, pixels. frame: grey of the cells around the digits (None: no cells)."""

    rng: np.random.Generator
    sheet: Image
    hand: strokes.Hand
    tool: pen.Pen
    size: float
    margin: float
    frame: int | None

    def row(self, text: str, top: float) -> Line | None:
        """Write a row whose digits begin at pixel row ``top``; None where no digit is in it."""
        rng, size = self.rng, self.size
        digit_gap = float(rng.uniform(0.15, 0.45)) * size
        word_gap = max(float(rng.uniform(1.2, 2.2)) * size, 3.5 * digit_gap)
        room = self.sheet.shape[1] - 1.2 * size
        x = self.margin + abs(float(rng.normal(0, 0.15))) * size
        slope = 0.0 if self.frame is not None else float(rng.normal(0, 0.006))
        boxes: list[Box] = []
        digits: list[Digit] = []
        written = ""
        cell = float(np.clip(rng.normal(1.35, 0.1), 1.15, 1.7)) * size
        for character in text:
            if x > room:
                break
            if character == " ":
                x += word_gap - digit_gap
                written += " " if written else ""
                continue
            item = self._strokes(character)
            width = float(strokes.extent(item)[1][0]) * size
            height = top + slope * x + float(rng.normal(0, 0.035)) * size
            scale = 1.0 + 0.05 * float(np.clip(rng.normal(), -2, 2))
            if self.frame is not None:
                self._cell(x, top - 0.2 * size, cell)
                box = self._write(item, x + max(0.0, (cell - width) / 2), height, scale)
                x += cell
            else:
                box = self._write(item, x, height, scale)
                # A 1 gets a little more air than its width would give it, as most hands do.
                step = max(width * scale, 0.25 * size) + digit_gap + float(rng.normal(0, 0.05)) * size
                x += max(step, width * scale + 0.05 * size)
            boxes.append(box)
            if character != _OTHER:
                digits.append(Digit(int(character), 1.0, box))
            written += character
        if not digits:
            return None
        return Line(written.rstrip(), 1.0, union(boxes), tuple(digits))

    def _strokes(self, character: str) -> strokes.Strokes:
        if character != _OTHER:
            return strokes.digit_strokes(self.rng, int(character), self.hand)
        while True:  # what fits into a row; most do
            item = strokes.other_strokes(self.rng, self.hand)
            low, high = strokes.extent(item)
            if high[0] <= 1.1 and low[1] > -0.2 and high[1] < 1.3:
                return item

    def _write(self, item: strokes.Strokes, x: float, y: float, scale: float) -> Box:
        drawing = pen.draw(self.rng, item, self.size * scale, self.tool)
        left, top = round(x) - drawing.origin_x, round(y) - drawing.origin_y
        paper.lay_ink(self.sheet, drawing.ink, left, top, self.tool.reflectance, self.tool.kind == "chalk")
        inner = _ink_box(drawing.ink)
        return _clipped(Box(left + inner.x, top + inner.y, inner.width, inner.height), self.sheet)

    def _cell(self, x: float, y: float, side: float) -> None:
        """A form's cell; neighbours share a border."""
        corners = [(round(v * 16), round(w * 16)) for v, w in ((x, y), (x + side, y + 1.4 * self.size))]
        cv2.rectangle(self.sheet, corners[0], corners[1], (self.frame or 0,), 1 + int(self.size > 60), cv2.LINE_AA, 4)


def _random_rows(
    rng: np.random.Generator, width: int, height: int, size: float, pitch: float, top: float, others: bool
) -> list[str]:
    """Texts that fit: groups of digits, now and then a sign between them, an empty row, or a row without
    digits."""
    count = max(1, int((height - top - 1.2 * size) // pitch) + 1)
    wide = max(1, int((width - size) / (0.95 * size)))
    rows: list[str] = []
    budget = _MOST_ITEMS
    for _ in range(count):
        kind = rng.random()
        if kind < 0.08 or budget <= 0:
            rows.append("")
            continue
        if others and kind < 0.16:
            row = _OTHER * int(rng.integers(1, 9))
        else:
            row = _random_row(rng, min(wide, budget), others)
        rows.append(row[:wide])
        budget -= len(row)
    return rows


def _random_row(rng: np.random.Generator, most: int, others: bool) -> str:
    groups = []
    left = max(1, int(rng.integers(1, most + 1)))
    while left > 0:
        length = min(left, int(rng.integers(1, 9)))
        digits = "".join(map(str, rng.integers(0, 10, length).tolist()))
        if others and rng.random() < 0.15 and length > 1:
            at = int(rng.integers(1, length))
            digits = digits[:at] + _OTHER + digits[at + 1 :]
        groups.append(digits)
        left -= length + 2
    return " ".join(groups)


def _ink_box(ink: Image) -> Box:
    """Where a drawing's ink is at least a quarter of its strongest."""
    return Box(*cv2.boundingRect((ink >= max(8, int(ink.max()) // 4)).view(np.uint8)))


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
