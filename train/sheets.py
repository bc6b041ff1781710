"""Sheets of digits, photographed, and the crops that the device would take from them.

A training digit takes the device's road: it is drawn or pasted onto paper, photographed (``train.augment``), and comes
back through ``edge_digits.ink`` and ``edge_digits.normalize``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits import ink, normalize
from edge_digits.synthesis.pen import Pen
from edge_digits.types import Image
from train import augment
from train.glyphs import Glyph

SHORTEST, TALLEST = 12.0, 200.0
"""Height of the digits on a sheet in pixels, log-uniform between the two."""
_LARGEST_SHEET = 1_300_000
_MOST_ON_A_SHEET = 100
_CELL = 1.5
"""Side of a digit's cell, as a multiple of the sheet's digit height."""
_LEAST_FOUND = 0.5
"""A crop of which the ink map holds less than this share is no example of anything."""


@dataclass(frozen=True)
class Cell:
    """One glyph's place on a sheet: its crop's rows and columns, and where its ink is, (h, w) uint8 coverage."""

    rows: slice
    columns: slice
    coverage: Image


def plan(random: np.random.Generator) -> tuple[float, int]:
    """Height of the digits of one sheet in pixels, and how many stand on it."""
    height = float(np.exp(random.uniform(np.log(SHORTEST), np.log(TALLEST))))
    return height, int(np.clip(_LARGEST_SHEET / (_CELL * height) ** 2, 9, _MOST_ON_A_SHEET))


def lay_out(
    glyphs: Sequence[Glyph], height: float, pen: Pen, random: np.random.Generator
) -> tuple[Image, list[Cell]]:
    """Draw ``glyphs`` into a square grid. Returns the sheet's coverage (H, W) uint8, 0 paper … 255 ink, and the cells."""
    side = round(_CELL * height) + 6
    columns = int(np.ceil(len(glyphs) ** 0.5))
    rows = -(-len(glyphs) // columns)
    margin = side // 2
    sheet = np.zeros((rows * side + 2 * margin, columns * side + 2 * margin), np.uint8)
    cells = []
    for index, glyph in enumerate(glyphs):
        top, left = margin + index // columns * side, margin + index % columns * side
        own = glyph.draw(height * random.uniform(0.8, 1.15), pen, random)
        most = side - 4
        if max(own.shape) > most:
            factor = most / max(own.shape)
            own = cv2.resize(own, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        h, w = own.shape
        y, x = top + random.integers(2, side - h - 1), left + random.integers(2, side - w - 1)
        sheet[y : y + h, x : x + w] = np.maximum(sheet[y : y + h, x : x + w], own)
        rows_, columns_ = slice(top, top + side), slice(left, left + side)
        cells.append(Cell(rows_, columns_, sheet[rows_, columns_]))
    return sheet, cells


def crops(sheet_ink: Image, cells: Sequence[Cell]) -> Iterator[Image | None]:
    """What a good segmentation would hand to the network for each cell: (28, 28) uint8, None where the ink is lost."""
    for cell in cells:
        own = sheet_ink[cell.rows, cell.columns]
        mask = region(own, cell.coverage)
        yield None if mask is None else normalize.digit(own, mask)


def region(own: Image, coverage: Image) -> NDArray[np.bool_] | None:
    """The pixels of a cell's ink (h, w) that belong to its glyph: whole components that touch the glyph, near it.

    None if less than half of the glyph is in the ink.
    """
    glyph = (coverage >= 96).view(np.uint8)
    if not glyph.any():
        glyph = (coverage >= 32).view(np.uint8)
    count, labels = cv2.connectedComponents((own >= normalize.PARAMETERS.edge).view(np.uint8), connectivity=8)
    touching = np.bincount(labels[glyph > 0], minlength=count)
    touching[0] = 0
    if touching.sum() < _LEAST_FOUND * max(1, int(glyph.sum())):
        return None
    reach = 2 + round(0.04 * max(own.shape))
    near = cv2.dilate(glyph, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    return (touching > 0)[labels] & near


def photographed(
    glyphs: Sequence[Glyph], height: float, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Crops of one sheet of ``glyphs`` that are about ``height`` pixels high, with one pen, paper, light and camera.

    Returns images (N, 28, 28) uint8 and labels (N,) uint8; N is less than the glyphs where the ink map lost some.
    """
    pen = augment.random_pen(height, random)
    coverage, cells = lay_out(glyphs, height, pen, random)
    grey = augment.photograph(coverage, pen, height, random)
    images, labels = [], []
    for glyph, image in zip(glyphs, crops(ink.ink_map(grey), cells), strict=True):
        if image is not None:
            images.append(image)
            labels.append(glyph.label)
    size = normalize.PARAMETERS.size
    return np.array(images, np.uint8).reshape(-1, size, size), np.array(labels, np.uint8)
