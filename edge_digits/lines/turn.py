"""A page that was read turned by quarters, back in the picture as it lay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edge_digits.page import Page, with_boxes
from edge_digits.types import Box


def turned_back(page: Page, turns: int, size: tuple[int, int]) -> Page:
    """``page``, read in a picture of ``size`` (H, W) that had been turned by ``turns`` quarters counter-clockwise, in
    the picture before that. Its turn says how the writing lay."""
    if not turns:
        return page
    height, width = size
    back: dict[int, Callable[[Box], Box]] = {
        1: lambda b: Box(height - b.bottom, b.x, b.height, b.width),
        2: lambda b: Box(width - b.right, height - b.bottom, b.width, b.height),
        3: lambda b: Box(b.y, width - b.right, b.height, b.width),
    }
    turn = (page.turn + 90.0 * turns + 180.0) % 360.0 - 180.0
    return replace(with_boxes(page, back[turns]), turn=turn)
