"""Ink map -> ink without rules and boxes, and its components: what every region is cut from, reading or training."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.ink import PageInk
from edge_digits.segment.components import Components, find_components, mean_of
from edge_digits.segment.frames import without_frames
from edge_digits.segment.rows import touches_edge, typical_height
from edge_digits.segment.rules import may_have_rules, without_rules
from edge_digits.segment.sides import sides_between_lines
from edge_digits.segment.torn import with_torn_joined
from edge_digits.types import Image, as_image

SHORTEST_RULES = (1 / 3, 1 / 12)
"""Least length of a line as a share of the picture. Lines through the page go first: only without them the digits'
height shows, and beside it what else is a line."""

_ON_EDGES, _SLENDER = 0.35, 0.35
"""Of a sliver of shadow: least share that lies on edges of the light, and its greatest breadth as one of its length."""


def writing(page: PageInk) -> tuple[Image, Components]:
    """A page's ink (H, W) uint8 without ruled lines, tables and boxes, and the components that are left; what a
    dry pen tore apart is one component again."""
    written, components = page.ink, find_components(page.ink)
    if page.edges is not None:
        written, components = _without(written, components, _slivers(components, page.edges))
    ink, frames = without_frames(written, page.ruling, components), None
    if ink is not written:
        components, frames = find_components(ink), as_image(cv2.subtract(written, ink))
    taken_out = np.zeros_like(ink) if page.ruling is None else page.ruling
    if page.ruling is not None:
        ink, components = _without(ink, components, sides_between_lines(components, page, taken_out, frames))
    height = typical_height(components)
    # Of ruled paper the long lines are gone.
    for shortest in SHORTEST_RULES if page.ruling is None else SHORTEST_RULES[1:]:
        ways = may_have_rules(components, height)
        if any(ways):
            cleaned = without_rules(ink, height, shortest, ways)
            if cleaned is not ink:
                taken_out = as_image(cv2.max(taken_out, cv2.subtract(ink, cleaned)))
                ink, components = cleaned, find_components(cleaned)
                ink, components = _without(ink, components, sides_between_lines(components, page, taken_out, frames))
                height = typical_height(components)
    joined = with_torn_joined(components, height)
    # The side of a box may be torn, too: only as a whole it reaches from line to line.
    if frames is None and not taken_out.any():
        return ink, joined
    return _without(ink, joined, sides_between_lines(joined, page, taken_out, frames))


def _slivers(components: Components, edges: Image) -> NDArray[np.bool_]:
    """(N,) bool: long thin components along ``edges`` (H, W) of the light, which are left of shadows."""
    found = (mean_of(components, edges) > 255 * _ON_EDGES) & ~touches_edge(components)
    for index in np.flatnonzero(found).tolist():
        # The axes of the ellipse that has these moments.
        moments = cv2.moments(components.own(index).view(np.uint8), binaryImage=True)
        both = moments["mu20"] + moments["mu02"]
        apart = math.hypot(moments["mu20"] - moments["mu02"], 2 * moments["mu11"])
        found[index] = both - apart <= _SLENDER**2 * (both + apart)
    return found


def _without(ink: Image, components: Components, gone: NDArray[np.bool_]) -> tuple[Image, Components]:
    """The ink and the components without those that are ``gone`` (N,) bool."""
    if not gone.any():
        return ink, components
    ink = ink.copy()
    for index in np.flatnonzero(gone).tolist():
        components.box(index).cut(ink)[components.own(index)] = 0
    return ink, components.only(~gone)
