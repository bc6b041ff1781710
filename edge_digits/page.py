"""What was read in one picture: its lines, and what was rejected; as plain values, or drawn into the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.io.draw import enlarged, overlay
from edge_digits.io.image import as_grey
from edge_digits.types import Box, Line, Rejected

SIDEWAYS = 45.0
"""Degrees by which a page is turned from which on that is said."""


@dataclass(frozen=True, slots=True)
class Page:
    """All that was read in one picture, lines in reading order. turn: degrees by which the writing falls to the right,
    -180 to 180; beyond 45 the picture lay on its side or upside down."""

    lines: tuple[Line, ...]
    rejected: tuple[Rejected, ...]
    turn: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The page as plain values, as ``edge-digits read --format json`` has it: ``lines`` and ``rejected``, boxes
        [x, y, width, height]; ``turn``, whole degrees, where the picture lay on its side or upside down."""
        lines = [
            {
                "text": line.text,
                "confidence": round(line.confidence, 4),
                "box": line.box.as_list(),
                "digits": [
                    {"value": digit.value, "confidence": round(digit.confidence, 4), "box": digit.box.as_list()}
                    for digit in line.digits
                ],
            }
            for line in self.lines
        ]
        rejected = [{"box": item.box.as_list(), "reason": item.reason} for item in self.rejected]
        turn = {"turn": round(self.turn)} if abs(self.turn) > SIDEWAYS else {}
        return {"lines": lines, "rejected": rejected, **turn}

    def draw(self, picture: str | PathLike[str] | NDArray[Any] | Any) -> NDArray[np.uint8]:
        """The picture that was read with the reading drawn into it, (H, W, 3) BGR uint8; see ``overlay``.

        picture: as ``DigitReader.read`` takes it. One of fewer than 640 pixels is made larger, for legible text would
        hide what stands in it. Raises ImageError.
        """
        is_colour = isinstance(picture, np.ndarray) and picture.ndim == 3 and picture.shape[2] == 3
        image = np.asarray(picture, np.uint8) if is_colour else as_grey(picture)
        larger, factor = enlarged(image)
        page = self if factor == 1 else scaled_page(self, factor)
        return overlay(larger, page.lines, page.rejected)


def scaled_page(page: Page, factor: float) -> Page:
    """The same page in a picture that is ``factor`` times as large."""
    return with_boxes(page, lambda box: box.scaled(factor))


def cut_page(page: Page, part: Box) -> Page:
    """The same page in ``part`` of the picture."""
    return with_boxes(page, lambda box: box.within(part))


def with_boxes(page: Page, changed: Callable[[Box], Box]) -> Page:
    """The same page with every box changed."""
    lines = tuple(
        replace(
            line,
            box=changed(line.box),
            digits=tuple(replace(digit, box=changed(digit.box)) for digit in line.digits),
        )
        for line in page.lines
    )
    rejected = tuple(replace(one, box=changed(one.box)) for one in page.rejected)
    return replace(page, lines=lines, rejected=rejected)
