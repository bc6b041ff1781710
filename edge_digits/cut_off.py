"""Numbers that the picture's edge cuts off: 12 of 1234 looks right, so what is left at the edge shows beside them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from edge_digits.plausibility import Candidate
from edge_digits.segment.components import Components
from edge_digits.segment.strokes import contrast_under, own_ink, thickness
from edge_digits.types import Box, Image, union

_HEIGHT = (0.4, 1.5)
"""Height of what is left of a digit, one piece or several, in heights of the digit beside it."""
_TALLEST = 0.25
"""Least height of the tallest piece, same unit: rests of printed lines are flat."""
_ASIDE = 0.35
"""How far its middle is above or below that digit's, same unit; its pieces stand no further above or below."""
_OVERLAP, _GAP = 0.3, 0.8
"""How far it reaches over that digit at most, and how far from it at most it stands, same unit."""
_NARROWEST = 1.0
"""Its width, in thicknesses of the row's strokes; the rim of a photograph is narrower."""
_THICKNESS = (0.5, 1.8)
"""Of its strokes, as a share of the row's; a hand, a shadow or the desk beside a sheet is thicker."""
_FAINTEST = 0.6
"""Its contrast, as a share of the row's."""


def cut_off(
    rows: Mapping[int, Sequence[Candidate]], at_edge: Sequence[int], components: Components, ink: Image, contrast: Image
) -> dict[int, list[int]]:
    """For each row that begins or ends at the picture's edge the components there that it goes on with.

    rows: of each row the candidates that are read as digits, left to right, at least one. at_edge: components that
    reach the picture's edge. ink, contrast: (H, W) uint8 of the page.
    """
    found: dict[int, list[int]] = {}
    for row, digits in rows.items():
        bodies = [digit.body or digit.box for digit in digits]
        last = max(bodies, key=lambda body: body.right)
        for beside, is_before in ((bodies[0], True), (last, False)):
            near = [index for index in at_edge if _is_beside(components.box(index), beside, is_before)]
            if near and _is_digit_high([components.box(index) for index in near], beside):
                pen = statistics.median([thickness(components, digit.components[0]) for digit in digits])
                least = _FAINTEST * statistics.median([digit.contrast for digit in digits])
                own = [
                    index
                    for index in near
                    if _is_of_the_pen(index, pen, components)
                    and contrast_under(own_ink(components, index, ink), components.box(index).cut(contrast)) >= least
                ]
                pieces = [components.box(index) for index in own]
                if own and union(pieces).width >= _NARROWEST * pen and _is_digit_high(pieces, beside):
                    found.setdefault(row, []).extend(own)
    return found


def _is_beside(box: Box, digit: Box, is_before: bool) -> bool:
    """Whether a box stands before or behind ``digit``, at its level, as what is left of a neighbour does."""
    gap = digit.x - box.right if is_before else box.x - digit.right
    above, below = digit.y - box.y, box.bottom - digit.bottom
    return -_OVERLAP * digit.height <= gap <= _GAP * digit.height and max(above, below) <= _ASIDE * digit.height


def _is_digit_high(pieces: list[Box], digit: Box) -> bool:
    """Whether pieces make up what may be left of a digit as high as ``digit``, beside it."""
    box, tallest = union(pieces), max(piece.height for piece in pieces)
    aside = abs(box.y + box.height / 2 - digit.y - digit.height / 2)
    return (
        _HEIGHT[0] * digit.height <= box.height <= _HEIGHT[1] * digit.height
        and tallest >= _TALLEST * digit.height
        and aside <= _ASIDE * digit.height
    )


def _is_of_the_pen(index: int, pen: float, components: Components) -> bool:
    """Whether a component's strokes are as thick as the ``pen``, pixels."""
    return _THICKNESS[0] <= thickness(components, index) / pen <= _THICKNESS[1]
