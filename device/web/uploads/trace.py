"""A picture read so that people can follow: its contrast, each input as the model saw it, and what it said of it."""

from __future__ import annotations

import base64
import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS, REJECT
from edge_digits.lines.build_page import box_of
from edge_digits.lines.ctc import Symbol
from edge_digits.page import Page
from edge_digits.reader import DigitReader, in_picture
from edge_digits.report import page_row
from edge_digits.trace import Seen
from edge_digits.types import Box, Image, Rejected, as_image

MOST_INPUTS = 80
"""Inputs, and as many strips, that are shown of one picture."""

WIDEST_INK = 1000
"""Pixels; a larger picture of contrast is made smaller."""


def read_traced(reader: DigitReader, grey: Image, name: str, detail: bool) -> dict[str, Any]:
    """Read (H, W) uint8. name: stands as the source. Returns the row of ``edge_digits.report``, and with ``detail``
    also ``ink``, ``inputs`` and ``strips``, pictures being data URLs of PNG files."""
    seen: list[Seen] = []
    began = time.perf_counter()
    page = reader.read(grey, seen.append if detail else None)
    row = page_row(name, grey.shape[1], grey.shape[0], page, time.perf_counter() - began)
    for look in seen:
        row["ink"] = data_url(_no_wider(as_image(255 - look.contrast)))
        row["inputs"] = _inputs(look, page)
        row["strips"] = [_strip(*strip) for strip in look.strips[:MOST_INPUTS]]
    return row


def data_url(picture: NDArray[np.uint8]) -> str:
    """(H, W) uint8 as the URL of a PNG."""
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()


def _inputs(seen: Seen, page: Page) -> list[dict[str, Any]]:
    """One entry for each digit and each rejected piece of ink that the judge was asked about, in reading order."""
    candidates = seen.candidates
    is_digit = candidates.chances[:, :REJECT].sum(axis=1)
    boxes = Page((), tuple(Rejected(box_of(sides), "") for sides in candidates.boxes))
    read = (seen.grey.shape[0], seen.grey.shape[1])
    places = [one.box for one in in_picture(boxes, seen.size, read, seen.scale, seen.turns).rejected]
    # Several cuts of the same ink can have one box; the one that stands is shown.
    index_of = {box: index for index, box in enumerate(places)} | {places[i]: i for i in seen.chosen.tolist()}
    wanted: list[tuple[Box, str | None]] = [(digit.box, None) for line in page.lines for digit in line.digits]
    wanted += [(one.box, one.reason) for one in page.rejected]
    shown = [(box, reason, index_of[box]) for box, reason in wanted if box in index_of]
    return [
        {
            "box": box.as_list(),
            "reason": reason,
            "pixels": data_url(candidates.ink[index]),
            "probabilities": _by_class(candidates.digits[index] * is_digit[index], 1.0 - is_digit[index]),
        }
        for box, reason, index in shown[:MOST_INPUTS]
    ]


def _by_class(digits: NDArray[np.floating], none: float) -> dict[str, float]:
    """Probabilities by digit, and of ``reject``."""
    return {name: round(float(chance), 4) for name, chance in zip([*DIGITS, "reject"], [*digits, none], strict=True)}


def _strip(strip: Image, symbols: tuple[Symbol, ...]) -> dict[str, Any]:
    """What a model for lines was given, and what it read from left to right; ``?`` is what is no digit."""
    return {
        "pixels": data_url(strip),
        "symbols": [
            {
                "text": "?" if symbol.value == REJECT else DIGITS[symbol.value],
                "confidence": round(min(1.0, float(symbol.confidence)), 4),
            }
            for symbol in symbols
        ],
    }


def _no_wider(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if picture.shape[1] <= WIDEST_INK:
        return picture
    size = (WIDEST_INK, max(1, round(picture.shape[0] * WIDEST_INK / picture.shape[1])))
    return as_image(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
