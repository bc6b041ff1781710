"""Whether the number in a region may be cut off by the region's edge: a part of a number looks like a shorter one."""

from __future__ import annotations

import statistics

from edge_digits.page import Page
from edge_digits.types import Box, Image, Line

STROKE = 0.12
"""A stroke's width, as a share of the height of the digits."""

LEAST_HEIGHT, MOST_HEIGHT = 0.5, 1.5
"""Of ink that could be a digit, as a share of the height of the digits: grid lines and borders are longer, specks are
shorter."""

REASON = "stands at the region's edge, and whether the scene has moved cannot be told: it may be cut off"


def may_be_cut(page: Page, part: Image) -> bool:
    """Whether a digit, or ink beside the digits that could be one, reaches to an edge of ``part``, (H, W), or to within
    a stroke's width of it. page: what was read in the part, its boxes in pixels of it."""
    return any(_reaches_edge(line, page, part) for line in page.lines)


def _reaches_edge(line: Line, page: Page, part: Image) -> bool:
    if not line.digits:
        return False
    height = statistics.median(digit.box.height for digit in line.digits)
    beside = [item.box for item in page.rejected if _could_be_digit(item.box, line.box, height)]
    return any(_is_at_edge(box, STROKE * height, part) for box in [*(digit.box for digit in line.digits), *beside])


def _could_be_digit(box: Box, row: Box, height: float) -> bool:
    is_level = row.y < box.y + box.height / 2 < row.bottom
    return is_level and LEAST_HEIGHT * height <= box.height <= MOST_HEIGHT * height


def _is_at_edge(box: Box, margin: float, part: Image) -> bool:
    height, width = part.shape
    return box.x < margin or box.y < margin or box.right > width - margin or box.bottom > height - margin
