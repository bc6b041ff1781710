"""Ink map -> ink without rules and boxes, and its components: what every region is cut from, reading or training."""

from __future__ import annotations

import numpy as np

from edge_digits.segment.boxes import boxes_around_others
from edge_digits.segment.components import Components, find_components
from edge_digits.segment.rows import typical_height
from edge_digits.segment.rules import may_have_rules, without_rules
from edge_digits.segment.torn import with_torn_joined
from edge_digits.types import Image

SHORTEST_RULES = (1 / 3, 1 / 12)
"""Least length of a line as a share of the picture. Lines through the page go first: only without them the digits'
height shows, and beside it what else is a line."""


def writing(ink: Image) -> tuple[Image, Components]:
    """``ink`` (H, W) uint8 without ruled lines, tables and boxes, and the components that are left; what a
    dry pen tore apart is one component again."""
    ink, components = _without_boxes(ink, find_components(ink))
    for shortest in SHORTEST_RULES:
        height = typical_height(components)
        if may_have_rules(components, height):
            cleaned = without_rules(ink, height, shortest)
            if cleaned is not ink:
                ink, components = _without_boxes(cleaned, find_components(cleaned))
    return ink, with_torn_joined(components, typical_height(components))


def _without_boxes(ink: Image, components: Components) -> tuple[Image, Components]:
    box = boxes_around_others(components)
    if not box.any():
        return ink, components
    keep = np.ones(int(components.labels.max()) + 1, np.bool_)
    keep[components.label[box]] = False
    return np.where(keep[components.labels], ink, np.uint8(0)), components.only(~box)
