"""A row as a sequence of pieces, and the runs of pieces that could be one digit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from edge_digits.normalize import PARAMETERS
from edge_digits.segment.components import Components, component_mask
from edge_digits.segment.cuts import cut_columns
from edge_digits.segment.rows import Row
from edge_digits.segment.strokes import weighted
from edge_digits.types import Box, Image, as_image, union

WIDEST_DIGIT = 1.35
"""A digit is at most so many row heights wide."""

MOST_JOINED = 3
"""A digit is torn into at most so many components."""

STRAIGHT = 0.15
"""Thickest straight stroke, as a share of its length."""


@dataclass(frozen=True)
class Piece:
    """An atom of a row: a component, or the part of one between two cuts.

    pixels: the ink in its box that is its own, (height, width) uint8, 0 where it is paper or another's. ink: their sum,
    255 counting as 1. component: by index.
    """

    box: Box
    pixels: Image
    ink: float
    component: int


@dataclass(frozen=True)
class Run:
    """Pieces ``first`` … ``last`` - 1 taken together as one region."""

    first: int
    last: int
    box: Box


def row_pieces(row: Row, components: Components, ink: Image) -> list[Piece]:
    """The row's components from left to right, whole. ink: (H, W) uint8."""
    c, members = components, row.members
    # The pixel around a component holds its anti-aliased edge.
    left, top = np.maximum(c.x[members] - 1, 0), np.maximum(c.y[members] - 1, 0)
    width = np.minimum(c.x[members] + c.width[members] + 1, ink.shape[1]) - left
    height = np.minimum(c.y[members] + c.height[members] + 1, ink.shape[0]) - top
    pieces = []
    for member, *place in np.stack([members, left, top, width, height], axis=1).tolist():
        box = Box(*place)
        pieces.append(_piece(box, box.cut(ink) * component_mask(components, member, box), member))
    return pieces


def in_parts(piece: Piece, row_height: float) -> list[Piece]:
    """The piece cut where that severs little ink, left to right; itself if there is no such place."""
    columns = cut_columns(piece.pixels, row_height)
    if not columns:
        return [piece]
    box = piece.box
    return [
        _piece(Box(box.x + left, box.y, right - left, box.height), piece.pixels[:, left:right], piece.component)
        for left, right in zip([0, *columns], [*columns, box.width], strict=True)
    ]


def parts_at(piece: Piece, start: int, stop: int) -> list[Piece]:
    """What of the piece stands in the page's columns ``start`` … ``stop`` - 1, cut to its ink: one part or none."""
    left, right = max(start - piece.box.x, 0), min(stop - piece.box.x, piece.box.width)
    if left >= right:
        return []
    if (left, right) == (0, piece.box.width):
        return [piece]
    pixels = piece.pixels[:, left:right]
    x, y, width, height = cv2.boundingRect((pixels >= PARAMETERS.edge).view(np.uint8))
    if not width:
        return []
    box = Box(piece.box.x + left + x, piece.box.y + y, width, height)
    return [_piece(box, pixels[y : y + height, x : x + width], piece.component)]


def _piece(box: Box, pixels: Image, component: int) -> Piece:
    return Piece(box, pixels, cv2.sumElems(pixels)[0] / 255.0, component)


def components_of(pieces: list[Piece]) -> tuple[tuple[int, ...], Box]:
    """Of which components the pieces are, by index, the one of the piece with the most ink first; and the box of the
    pieces of that one."""
    if len(pieces) == 1:
        return (pieces[0].component,), pieces[0].box
    strongest_first = sorted(pieces, key=lambda piece: -piece.ink)
    own = tuple(dict.fromkeys(piece.component for piece in strongest_first))
    return own, union([piece.box for piece in pieces if piece.component == own[0]])


def mean_contrast(pieces: list[Piece], contrast: Image) -> float:
    """Mean of ``contrast`` (H, W) uint8 over the pieces' ink, 0..255; strong ink counts more."""
    total = sum(weighted(piece.pixels, piece.box.cut(contrast)) for piece in pieces)
    return total / 255.0 / max(sum(piece.ink for piece in pieces), 1e-9)


def lean(pieces: list[Piece]) -> float:
    """Degrees, -90..90, by which the pieces lean to the right together if they are one straight stroke; 0 if not.

    A stroke's direction and thickness are those of the ellipse with its second moments (Teague 1980).
    """
    box = union([piece.box for piece in pieces])
    moments = cv2.moments(run_pixels(pieces, Run(0, len(pieces), box)))
    across, down, both = moments["mu20"], moments["mu02"], moments["mu11"]
    spread = math.hypot(across - down, 2.0 * both)
    if across + down - spread > STRAIGHT**2 * (across + down + spread):
        return 0.0
    return -0.5 * math.degrees(math.atan2(2.0 * both, down - across))


def possible_runs(pieces: list[Piece], row_height: float) -> list[Run]:
    """All runs of pieces that could be one digit: single pieces, parts of one component, near components together,
    also with those that are sure digits alone: a 2 whose foot is torn off is a sure 7, the halves of a 9 a 0 and a 1.

    A part of a component that was cut is joined with nothing but its other parts: what holds several digits does not
    lack a piece of one of them.
    """
    runs: list[Run] = []
    cut = {a.component for a, b in pairwise(pieces) if a.component == b.component}
    for first, piece in enumerate(pieces):
        left, top, right, bottom = piece.box.x, piece.box.y, piece.box.right, piece.box.bottom
        runs.append(Run(first, first + 1, piece.box))
        for last in range(first + 1, len(pieces)):
            component, box = pieces[last].component, pieces[last].box
            gap = box.x - right
            if gap > 0.25 * row_height and component != piece.component:
                break
            left, right = min(left, box.x), max(right, box.right)
            top, bottom = min(top, box.y), max(bottom, box.bottom)
            if component != piece.component and (
                piece.component in cut
                or component in cut
                or last - first >= MOST_JOINED
                or right - left > WIDEST_DIGIT * max(row_height, bottom - top)
            ):
                break
            runs.append(Run(first, last + 1, Box(left, top, right - left, bottom - top)))
    return runs


def run_pixels(pieces: list[Piece], run: Run) -> Image:
    """The ink of the run's own pieces in its box, (height, width) uint8."""
    if run.last == run.first + 1:
        return pieces[run.first].pixels
    pixels = np.zeros((run.box.height, run.box.width), np.uint8)
    for piece in pieces[run.first : run.last]:
        top, left = piece.box.y - run.box.y, piece.box.x - run.box.x
        own = pixels[top : top + piece.box.height, left : left + piece.box.width]
        cv2.max(own, piece.pixels, dst=own)
    return as_image(pixels)
