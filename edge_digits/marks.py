"""Small marks of the pen between a row's digits: decimal points and commas, colons, times dots, minus signs.

No classifier sees them: scaled to a digit's size, a point is a blot. But 12.5 without its point is another number.
What tells a mark from dirt is the pen: a mark is as dark as the digits, as thick as their strokes, and stands apart
from them where marks are written. What is fainter, thinner or smaller is a speck; what lies above, below or close to a
digit is a piece of it that came off.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge_digits.ink import PageInk
from edge_digits.plausibility import Candidate
from edge_digits.segment.components import Components
from edge_digits.segment.strokes import contrast_under, own_ink, thickness
from edge_digits.types import Box, Image

_LEAST_INK, _FAINTEST = 0.33, 0.55
"""Ink of a mark in squares of the pen's thickness (a round dot has 0.8, and blur takes half), and its contrast as a
share of the digits' (a dot is all edge, so blur takes more of it than of a stroke)."""
_MUCH_INK, _DARK = 0.55, 0.8
"""The same for a mark that is no speck wherever it stands."""
_THINNEST = 0.55
"""Shorter side of a mark in thicknesses of the pen; what is left of a printed line is thinner."""
_DOT = (0.45, 0.45)
"""Most width and height of a point or comma, in heights of a digit."""
_DASH = (0.18, 0.8)
"""Least and most width of a minus sign, in heights of a digit."""
_FLAT = 1.6
"""Least width of a minus sign, in heights of its own."""

_LOW, _MIDDLE, _UPPER = (0.68, 1.35), (0.3, 0.75), (0.08, 0.55)
"""Where the middle of a point or comma stands, of a minus sign, and of a colon's upper point, on the way from the
digits' top, 0, to their bottom, 1."""
_TIMES = (0.35, 0.75)
"""The same for a single point in the middle; higher up there are blots and apostrophes."""
_COLON_LEAN, _COLON = 0.2, (0.2, 0.8)
"""How far a colon's points are from upright, and one below the other, in heights of a digit."""
_NEAR, _FAR, _DASH_FAR = 0.6, 1.1, 1.2
"""Most gap in heights of a digit between a point and the digit next to it, between it and the digit on its other side,
and on either side of a minus sign. In a wider gap a mark belongs to no number."""
_BEFORE = (0.06, 0.4)
"""Gap between the point of .5 and its digit, same unit; on this side flourishes begin."""

_MOST_OVERLAP = 0.12
"""How far a mark may reach over or under a digit, in heights of a digit; pieces that came off reach further."""
_CLOSE = 0.03
"""Least gap, same unit, beside the digit that a speck was read as a piece of."""
_TORN = 0.6
"""The same where the digit is none, or another, without it, in thicknesses of the pen: a stroke is torn by less."""
_LINE_BETWEEN, _BESIDE_LINE = 0.13, 0.08
"""The same where a printed line was taken out, in heights of a digit: for what may be the end of a stroke that was cut
off with the line, and for what stands beside the digit."""
_ON_LINE_INK, _ON_LINE_FLAT = 0.5, 1.4
"""Least ink of a point where a printed line was, and most width in heights of its own: rests of lines are flat."""
_ALONG_LINE = 0.25
"""Share of a minus sign where printed lines were; with more it is a rest of one."""
_REMOVED = 40
"""Ink (0..255) that was taken out with a frame or a line of a table; what is left beside it is a rest of it."""
_STRAYS, _AROUND = 2, 1.0
"""For each mark so many specks like it may stand around the digits where no marks are written; more are dirt. And how
far above and below a row they are looked for, in heights of a digit."""


@dataclass(frozen=True)
class _Pen:
    """What a row was written with. height: of a digit, pixels. thickness: of its strokes, pixels. contrast: 0..255."""

    height: float
    thickness: float
    contrast: float


@dataclass(frozen=True)
class _Speck:
    """A small component. ink: in squares of the pen's thickness. contrast: as a share of the digits'. on_line: whether
    a printed line ran through or along it. owner: the digit that it was read as a piece of. The others say where it
    stands, see _LOW, and the gaps to the digits on its left and right, in heights of a digit."""

    index: int
    box: Box
    ink: float
    contrast: float
    on_line: bool
    owner: Candidate | None
    level: float
    left: float | None
    right: float | None

    @property
    def gaps(self) -> list[float]:
        return [gap for gap in (self.left, self.right) if gap is not None]


def find_marks(
    rows: Sequence[Sequence[Candidate]], others: set[int], components: Components, ink: Image, found: PageInk
) -> list[list[int]]:
    """For each row the components that are marks among its digits.

    rows: of each row the candidates that are read as digits, at least one. others: components that are read as
    something else. ink: (H, W) uint8 of the page without its printed lines. found: the page with them.
    """
    marks: list[list[int]] = []
    alike: set[int] = set()
    for row in rows:
        pen, specks = _specks(row, others, components, ink, found)
        marks.append([speck.index for speck in specks if _is_mark(speck, specks, pen)])
        alike.update(speck.index for speck in specks if speck.owner is None)
    written = {index for own in marks for index in own}
    return marks if len(alike - written) <= _STRAYS * len(written) else [[] for _ in rows]


def _specks(
    row: Sequence[Candidate], others: set[int], c: Components, ink: Image, found: PageInk
) -> tuple[_Pen, list[_Speck]]:
    """The pen of a row, and the small components beside its digits that may be of this pen."""
    height = statistics.median([digit.box.height for digit in row])
    contrast = statistics.median([digit.contrast for digit in row])
    bodies = [digit.body or digit.box for digit in row]
    left, top = min(b.x for b in bodies) - height, min(b.y for b in bodies) - _AROUND * height
    right, bottom = max(b.right for b in bodies) + height, max(b.bottom for b in bodies) + _AROUND * height
    small = (c.width <= _DASH[1] * height) & (c.height <= _DOT[1] * height)
    inside = (c.x >= left) & (c.x + c.width <= right) & (c.y >= top) & (c.y + c.height <= bottom)
    main = {digit.components[0] for digit in row}
    possible = [int(index) for index in np.flatnonzero(small & inside) if index not in others and index not in main]
    if not possible:
        return _Pen(height, 1.0, contrast), []
    pen = _Pen(height, statistics.median([thickness(c, index) for index in main]), contrast)
    owners = {index: digit for digit in row for index in digit.components[1:]}
    specks = [_speck(index, owners.get(index), bodies, pen, c, ink, found) for index in possible]
    return pen, [speck for speck in specks if speck is not None]


def _speck(
    index: int, owner: Candidate | None, bodies: list[Box], pen: _Pen, c: Components, ink: Image, found: PageInk
) -> _Speck | None:
    """A small component; None if it is fainter, thinner or smaller than the pen's, or a rest of a printed line."""
    box = c.box(index)
    if min(box.width, box.height) < _THINNEST * pen.thickness:
        return None
    own = own_ink(c, index, ink)
    contrast = contrast_under(own, box.cut(found.contrast)) / pen.contrast
    strength = cv2.sumElems(own)[0] / 255.0 / pen.thickness**2
    around = Box(box.x - 2, box.y - 2, box.width + 4, box.height + 4)
    removed = int(cv2.subtract(around.cut(found.ink), around.cut(ink)).max())
    if strength < _LEAST_INK or contrast < _FAINTEST or removed >= _REMOVED:
        return None
    on_line = found.ruling is not None and bool(around.cut(found.ruling).any())
    if found.ruling is not None and on_line:
        along = float(np.mean(box.cut(found.ruling) > 0)) > _ALONG_LINE
        flat = box.width > _ON_LINE_FLAT * box.height
        if along if _is_dash(box, pen) else flat or strength < _ON_LINE_INK:
            return None
    middle = box.x + box.width / 2
    before = [body for body in bodies if body.x + body.width / 2 <= middle]
    after = [body for body in bodies if body.x + body.width / 2 > middle]
    near = [max(before, key=lambda body: body.right)] if before else []
    near += [min(after, key=lambda body: body.x)] if after else []
    top, bottom = statistics.mean([body.y for body in near]), statistics.mean([body.bottom for body in near])
    level = (box.y + box.height / 2 - top) / max(bottom - top, 1.0)
    left = (box.x - near[0].right) / pen.height if before else None
    right = (near[-1].x - box.right) / pen.height if after else None
    return _Speck(index, box, strength, contrast, on_line, owner, level, left, right)


def _is_mark(speck: _Speck, specks: list[_Speck], pen: _Pen) -> bool:
    """Whether a speck stands where a mark is written. specks: all of the row."""
    if min(speck.gaps) < _least_gap(speck, pen):
        return False
    if _is_dash(speck.box, pen) and _within(speck.level, _MIDDLE):
        return max(speck.gaps) <= _DASH_FAR
    if not _is_dot(speck.box, pen):
        return False
    is_low = _within(speck.level, _LOW)
    if speck.right is None or speck.left is None:
        return is_low and speck.left is None and _within(min(speck.gaps), _BEFORE)
    if min(speck.gaps) > _NEAR or max(speck.gaps) > _FAR:
        return False
    if is_low or _within(speck.level, _TIMES):
        return True
    return _within(speck.level, _UPPER) and any(_are_colon(speck.box, other.box, pen) for other in specks)


def _least_gap(speck: _Speck, pen: _Pen) -> float:
    """Least gap in heights of a digit between a speck that is a mark and the digits beside it."""
    if speck.owner is None:
        return -_MOST_OVERLAP
    is_low, is_dash = speck.level >= _LOW[0], _is_dash(speck.box, pen)
    if speck.on_line and not is_dash:
        body = speck.owner.body or speck.owner.box
        shared = min(speck.box.bottom, body.bottom) - max(speck.box.y, body.y)
        return _BESIDE_LINE if is_low and shared >= 0.5 * speck.box.height else _LINE_BETWEEN
    if not speck.owner.alone and not is_low:
        return _TORN * pen.thickness / pen.height
    is_sure = speck.owner.alone and speck.ink >= _MUCH_INK and speck.contrast >= _DARK
    return -_MOST_OVERLAP if is_dash or is_sure else _CLOSE


def _is_dot(box: Box, pen: _Pen) -> bool:
    return box.width <= _DOT[0] * pen.height and box.height <= _DOT[1] * pen.height


def _is_dash(box: Box, pen: _Pen) -> bool:
    return box.width >= max(_DASH[0] * pen.height, _FLAT * box.height)


def _are_colon(upper: Box, lower: Box, pen: _Pen) -> bool:
    """Whether two specks are points, one above the other."""
    aside = abs(upper.x + upper.width / 2 - lower.x - lower.width / 2) / pen.height
    return _is_dot(lower, pen) and aside <= _COLON_LEAN and _within((lower.y - upper.y) / pen.height, _COLON)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
