"""A row as a sequence of pieces, and the runs of pieces that could be one digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.segment.components import Components, component_mask
from edge_digits.segment.cuts import cut_columns
from edge_digits.segment.rows import Row
from edge_digits.types import Box, Image, union

WIDEST_DIGIT = 1.35
"""A digit is at most so many row heights wide."""

MOST_JOINED = 3
"""A digit is torn into at most so many components."""


@dataclass(frozen=True)
class Piece:
    """An atom of a row: a component, or the part of one between two cuts.

    mask: (height, width) bool within box. ink: sum over the mask, 255 counting as 1. contrast: sum over the mask of
    contrast times ink, so that ``contrast / ink`` is the mean contrast of its strokes, 0..255.
    """

    box: Box
    mask: NDArray[np.bool_]
    ink: float
    contrast: float
    component: int


@dataclass(frozen=True)
class Run:
    """Pieces ``first`` … ``last`` - 1 taken together as one region."""

    first: int
    last: int
    box: Box
    mask: NDArray[np.bool_]


def row_pieces(
    row: Row, components: Components, ink: Image, contrast: Image, cut: frozenset[int] = frozenset()
) -> list[Piece]:
    """The row's components from left to right; those in ``cut`` come in parts.

    cut: components (by index) that are to be cut where a cut severs little ink.
    """
    pieces: list[Piece] = []
    for member in row.members:
        box = _with_edge(components.box(member), ink)
        mask = component_mask(components, int(member), box)
        own = box.cut(ink)
        columns = cut_columns(own, mask, row.height) if int(member) in cut else []
        for left, right in zip([0, *columns], [*columns, box.width], strict=True):
            part = Box(box.x + left, box.y, right - left, box.height)
            part_mask = mask[:, left:right]
            weight = own[:, left:right][part_mask].astype(np.float32) / 255.0
            strength = float((weight * part.cut(contrast)[part_mask]).sum())
            pieces.append(Piece(part, part_mask, float(weight.sum()), strength, int(member)))
    return pieces


def _with_edge(box: Box, ink: Image) -> Box:
    """The box and the pixel around it that holds the anti-aliased edge, inside the picture."""
    left, top = max(box.x - 1, 0), max(box.y - 1, 0)
    return Box(left, top, min(box.right + 1, ink.shape[1]) - left, min(box.bottom + 1, ink.shape[0]) - top)


def possible_runs(pieces: list[Piece], row_height: float) -> list[Run]:
    """All runs of pieces that could be one digit: single pieces, parts of one component, near components together."""
    runs: list[Run] = []
    for first in range(len(pieces)):
        joined = {pieces[first].component}
        for last in range(first + 1, len(pieces) + 1):
            run = pieces[first:last]
            joined.add(run[-1].component)
            whole = len(joined) == 1
            box = union([piece.box for piece in run])
            if last > first + 1:
                gap = run[-1].box.x - max(piece.box.right for piece in run[:-1])
                if not whole and gap > 0.25 * row_height:
                    break
                if len(joined) > MOST_JOINED or (not whole and box.width > WIDEST_DIGIT * max(row_height, box.height)):
                    break
            runs.append(_run(pieces, first, last, box))
    return runs


def _run(pieces: list[Piece], first: int, last: int, box: Box) -> Run:
    mask = np.zeros((box.height, box.width), np.bool_)
    for piece in pieces[first:last]:
        top, left = piece.box.y - box.y, piece.box.x - box.x
        mask[top : top + piece.box.height, left : left + piece.box.width] |= piece.mask
    return Run(first, last, box, mask)
