"""Sheets of digits, photographed, and the crops that the device would take from them.

A training digit takes the device's road: it is drawn or pasted onto paper, photographed (``train.augment``), and comes
back through ``edge_digits.ink``, the components and rules of ``edge_digits.segment``, and ``edge_digits.normalize``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits import ink, normalize
from edge_digits.charset import REJECT
from edge_digits.segment.clean import writing
from edge_digits.segment.components import Components, region_mask
from edge_digits.synthesis.pen import Pen
from edge_digits.types import Box, Image, union
from train import augment
from train.glyphs import Glyph

SHORTEST, TALLEST = 12.0, 200.0
"""Height of the digits on a sheet in pixels, log-uniform between the two."""
_LARGEST_SHEET = 1_300_000
_MOST_ON_A_SHEET = 100
_CELL = 1.5
"""Side of a digit's cell, as a multiple of the sheet's digit height."""
_LEAST_FOUND, _LEAST_FOUND_REJECT = 0.7, 0.85
"""A crop that holds less than this share of its glyph may show something else: a 7 without its bar, or a T."""
_MOST_FOREIGN = 0.35
"""Nor is one of which more than this share is something else: a rule, a neighbour."""
_MOST_LEFTOVERS = 30

Crop = tuple[Image, int]
"""Model input (28, 28) uint8 and its class."""


@dataclass(frozen=True)
class Cell:
    """One glyph's place on a sheet, and where its ink is: coverage (h, w) uint8."""

    box: Box
    coverage: Image
    label: int


def plan(random: np.random.Generator) -> tuple[float, int]:
    """Height of the digits of one sheet in pixels, and how many stand on it."""
    height = float(np.exp(random.uniform(np.log(SHORTEST), np.log(TALLEST))))
    return height, int(np.clip(_LARGEST_SHEET / (_CELL * height) ** 2, 9, _MOST_ON_A_SHEET))


def lay_out(glyphs: Sequence[Glyph], height: float, pen: Pen, random: np.random.Generator) -> tuple[Image, list[Cell]]:
    """Draw ``glyphs`` into a square grid. Returns the sheet's coverage (H, W) uint8, 0 paper … 255 ink, and cells."""
    side = round(_CELL * height) + 6
    columns = int(np.ceil(len(glyphs) ** 0.5))
    rows = -(-len(glyphs) // columns)
    margin = side // 2
    sheet = np.zeros((rows * side + 2 * margin, columns * side + 2 * margin), np.uint8)
    cells = []
    for index, glyph in enumerate(glyphs):
        box = Box(margin + index % columns * side, margin + index // columns * side, side, side)
        own = glyph.draw(height * random.uniform(0.8, 1.15), pen, random)
        most = side - 4
        if max(own.shape) > most:
            factor = most / max(own.shape)
            size = (max(1, round(own.shape[1] * factor)), max(1, round(own.shape[0] * factor)))
            own = cv2.resize(own, size, interpolation=cv2.INTER_AREA)
        h, w = own.shape
        y, x = random.integers(2, side - h - 1), random.integers(2, side - w - 1)
        coverage = box.cut(sheet)
        coverage[y : y + h, x : x + w] = own
        cells.append(Cell(box, coverage, glyph.label))
    return sheet, cells


def photographed(glyphs: Sequence[Glyph], height: float, random: np.random.Generator) -> list[Crop]:
    """Crops of one sheet of ``glyphs`` that are about ``height`` pixels high, with one pen, paper, light and camera.

    Glyphs that the ink map lost are missing; ink that is nobody's (specks, rests of rules) is added as no digit.
    """
    pen = augment.random_pen(height, random)
    coverage, cells = lay_out(glyphs, height, pen, random)
    return crops(augment.photograph(coverage, pen, height, random), cells, 0.3 * height)


def blank(height: float, random: np.random.Generator) -> list[Crop]:
    """What the device takes for ink on a sheet, a desk or a cloth without writing, with lines and frames: no digits."""
    return crops(augment.photograph_blank(height, random), [], max(8.0, 0.3 * height))


def crops(grey: Image, cells: Sequence[Cell], least: float) -> list[Crop]:
    """The device's crops of a photograph: each cell's, and of the components in no cell's glyph those whose longer
    side is at least ``least`` pixels."""
    found, components = writing(ink.page_ink(grey))
    index_of = component_indices(components)
    claimed = np.zeros(len(components), np.bool_)
    out: list[Crop] = []
    for cell in cells:
        members = members_of(cell, components, index_of)
        claimed[members] = True
        if members and is_fair(cell, members, components):
            out.append((_crop(members, components, found), cell.label))
    # Upright ones could be a 1, and what could be one must not be called none.
    flat = components.height < 1.5 * components.width
    large = np.maximum(components.width, components.height) >= least
    left_over = np.flatnonzero(~claimed & flat & large)[:_MOST_LEFTOVERS]
    return out + [(_crop([int(i)], components, found), REJECT) for i in left_over]


def component_indices(components: Components) -> NDArray[np.intp]:
    """Which component each label of the picture is, -1 for none."""
    index_of = np.full(int(components.labels.max()) + 1, -1)
    index_of[components.label] = np.arange(len(components))
    return index_of


def members_of(cell: Cell, components: Components, index_of: NDArray[np.intp]) -> list[int]:
    """The components that hold ink of the cell's glyph."""
    window = cell.box.cut(components.labels)  # pyright: ignore[reportArgumentType]
    touching = index_of[np.unique(window[_glyph(cell)])]
    return [int(i) for i in touching if i >= 0]


def _glyph(cell: Cell) -> NDArray[np.bool_]:
    """Where the glyph has ink, (h, w); thin strokes of small digits have none that is strong."""
    strong = cell.coverage >= 96
    return strong if strong.any() else cell.coverage >= 32


def is_fair(cell: Cell, members: list[int], components: Components) -> bool:
    """Whether the components are the glyph: most of it, and little else."""
    window = cell.box.cut(components.labels)  # pyright: ignore[reportArgumentType]
    own = np.isin(window, components.label[members])
    glyph = _glyph(cell)
    reach = 2 + round(0.03 * cell.box.height)
    near = cv2.dilate(glyph.view(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).view(np.bool_)
    area = int(components.area[members].sum())
    least = _LEAST_FOUND_REJECT if cell.label == REJECT else _LEAST_FOUND
    return bool((own & glyph).sum() >= least * glyph.sum() and (own & near).sum() >= (1 - _MOST_FOREIGN) * area)


def _crop(members: list[int], components: Components, found: Image) -> Image:
    """The components as model input, with the pixel around them that holds the anti-aliased edge."""
    inner = union([components.box(i) for i in members])
    left, top = max(inner.x - 1, 0), max(inner.y - 1, 0)
    box = Box(left, top, min(inner.right + 1, found.shape[1]) - left, min(inner.bottom + 1, found.shape[0]) - top)
    return normalize.digit(box.cut(found), region_mask(components, members, box))
