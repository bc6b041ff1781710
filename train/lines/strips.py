"""Lines as model input with what stands in them, and those that are ink already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge_digits.model_input import normalize
from edge_digits.synthesis import pen as pens
from edge_digits.types import Image
from train.lines import glyphs
from train.lines.glyphs import LineGlyphs
from train.lines.labelled_lines import MOST_DIGITS, STRIP_WIDTHS

Strip = tuple[Image, list[int]]
"""A line as model input (32, width) uint8, and what stands in it."""


def plain(lines: Sequence[LineGlyphs], random: np.random.Generator) -> list[Strip]:
    """Lines that are ink already, as a scan of them would be; those too long for a strip are missing."""
    drawn = []
    for line in lines:
        height = random.uniform(22, 40)
        drawn.append((line.draw(height, pens.random_pen(random, height), random), line.labels))
    strips = []
    for index, (coverage, labels) in enumerate(drawn):
        disturbed = glyphs.disturbed(coverage, drawn[index - 1][0], random)
        strips.append((normalize.line(disturbed)[0], labels))
    return fitting(strips)


def fitting(strips: Sequence[Strip]) -> list[Strip]:
    """Those that the widest strip has room for."""
    return [(s, labels) for s, labels in strips if s.shape[1] <= STRIP_WIDTHS[-1] and len(labels) <= MOST_DIGITS]
