"""Sheets of written lines, photographed, and the strips that the device would take from them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from edge_digits import ink, normalize
from edge_digits.segment.clean import writing
from edge_digits.segment.components import region_mask
from edge_digits.synthesis import pen as pens
from edge_digits.types import Box, Image, union
from train import augment, line_glyphs, sheets
from train.line_glyphs import LineGlyphs
from train.lines import MOST_DIGITS, STRIP_WIDTHS

SHORTEST, TALLEST = 14.0, 110.0
"""Height of the digits on a sheet in pixels, log-uniform between the two."""
_LARGEST_SHEET = 1_300_000
_MOST_ON_A_SHEET = 24
_LINE_HEIGHT, _LINE_WIDTH = 1.7, 9.0
"""Of a line's cell, in digit heights; a longer line is written smaller."""

Strip = tuple[Image, list[int]]
"""A line as model input (32, width) uint8, and what stands in it."""


def plain(lines: Sequence[LineGlyphs], random: np.random.Generator) -> list[Strip]:
    """Lines that are ink already, as a scan of them would be; those too long for a strip are missing."""
    drawn = []
    for line in lines:
        height = random.uniform(22, 40)
        drawn.append((line.plain(height, pens.random_pen(random, height), random), line.labels))
    strips = []
    for index, (coverage, labels) in enumerate(drawn):
        disturbed = line_glyphs.disturbed(coverage, drawn[index - 1][0], random)
        strips.append((normalize.line(disturbed)[0], labels))
    return fitting(strips)


def plan(random: np.random.Generator) -> tuple[float, int]:
    """Height of the digits of one sheet in pixels, and how many lines stand on it."""
    height = float(np.exp(random.uniform(np.log(SHORTEST), np.log(TALLEST))))
    return height, int(np.clip(_LARGEST_SHEET / (_LINE_HEIGHT * _LINE_WIDTH * height**2), 2, _MOST_ON_A_SHEET))


def photographed(lines: Sequence[LineGlyphs], height: float, random: np.random.Generator) -> list[Strip]:
    """The strips of one photographed sheet of ``lines``, written with one pen. Lines that the ink map lost or that are
    too long for a strip are missing."""
    pen = augment.random_pen(height, random)
    high, wide = round(_LINE_HEIGHT * height) + 6, round(_LINE_WIDTH * height) + 6
    margin = high // 2
    sheet = np.zeros((len(lines) * high + 2 * margin, wide + 2 * margin), np.uint8)
    cells = []
    for index, line in enumerate(lines):
        box = Box(margin, margin + index * high, wide, high)
        own = _shrunk(line.draw(height * random.uniform(0.8, 1.15), pen, random), high - 4, wide - 4)
        y, x = random.integers(2, high - own.shape[0] - 1), random.integers(2, wide - own.shape[1] - 1)
        coverage = box.cut(sheet)
        coverage[y : y + own.shape[0], x : x + own.shape[1]] = own
        cells.append(sheets.Cell(box, coverage, 0))
    found, components = writing(ink.page_ink(augment.photograph(sheet, pen, height, random)))
    index_of = sheets.component_indices(components)
    strips: list[Strip] = []
    for cell, line in zip(cells, lines, strict=True):
        members = sheets.members_of(cell, components, index_of)
        if members and sheets.is_fair(cell, members, components):
            box = union([components.box(i) for i in members])
            strip, _ = normalize.line(box.cut(found), region_mask(components, members, box))
            strips.append((strip, line.labels))
    return fitting(strips)


def fitting(strips: Sequence[Strip]) -> list[Strip]:
    """Those that the widest strip has room for."""
    return [(s, labels) for s, labels in strips if s.shape[1] <= STRIP_WIDTHS[-1] and len(labels) <= MOST_DIGITS]


def _shrunk(own: Image, height: int, width: int) -> Image:
    """``own`` made smaller if it is higher or wider than that."""
    factor = min(height / own.shape[0], width / own.shape[1])
    if factor >= 1:
        return own
    size = (max(1, int(own.shape[1] * factor)), max(1, int(own.shape[0] * factor)))
    return np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_AREA), np.uint8)
