"""A picture read so that people can follow: the ink map, each input as the model saw it, and what it said of it."""

from __future__ import annotations

import base64
import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS
from edge_digits.reader import DigitReader
from edge_digits.report import page_row
from edge_digits.types import Box, Image, Page

MOST_INPUTS = 80
"""Inputs that are shown of one picture."""

WIDEST_INK = 1000
"""Pixels; a larger ink map is made smaller."""


class Trace:
    """What the model was asked while one picture was read."""

    def __init__(self) -> None:
        self.ink: Image | None = None
        self.seen: dict[tuple[int, int, int, int], tuple[NDArray[np.uint8], NDArray[np.float32]]] = {}

    def observe(self, ink: Image, boxes: list[Box], pixels: NDArray[np.uint8], chances: NDArray[np.float32]) -> None:
        """An ``edge_digits.reader.Observer``."""
        self.ink = ink
        for box, crop, chance in zip(boxes, pixels, chances, strict=True):
            self.seen[box.x, box.y, box.width, box.height] = crop, chance


def read_traced(reader: DigitReader, grey: Image, name: str, detail: bool) -> dict[str, Any]:
    """Read (H, W) uint8. name: stands as the source. Returns the row of ``edge_digits.report``, and with ``detail``
    also ``ink`` and ``inputs``, pictures being data URLs of PNG files."""
    trace = Trace()
    reader.observer = trace.observe if detail else None
    began = time.perf_counter()
    try:
        page = reader.read(grey)
    finally:
        reader.observer = None
    row = page_row(name, grey.shape[1], grey.shape[0], page, time.perf_counter() - began)
    if detail:
        row["ink"] = None if trace.ink is None else data_url(_no_wider(255 - trace.ink))
        row["inputs"] = _inputs(trace, page, grey)
    return row


def data_url(picture: NDArray[np.uint8]) -> str:
    """(H, W) uint8 as the URL of a PNG."""
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()


def _inputs(trace: Trace, page: Page, grey: Image) -> list[dict[str, Any]]:
    """One entry for each digit and each rejected piece of ink that the model was asked about, in reading order.

    A network that reads lines sees none of a digit's box: then whatever it saw stands there instead.
    """
    factor = 1.0 if trace.ink is None else grey.shape[1] / trace.ink.shape[1]
    by_box = {Box(*key).scaled(factor) if factor != 1.0 else Box(*key): seen for key, seen in trace.seen.items()}
    wanted: list[tuple[Box, str | None]] = [(digit.box, None) for line in page.lines for digit in line.digits]
    wanted += [(item.box, item.reason) for item in page.rejected]
    if not any(box in by_box for box, _ in wanted):
        wanted = [(box, None) for box in by_box]
    return [
        {
            "box": box.as_list(),
            "reason": reason,
            "pixels": data_url(by_box[box][0]),
            "probabilities": _by_class(by_box[box][1]),
        }
        for box, reason in wanted
        if box in by_box
    ][:MOST_INPUTS]


def _by_class(chances: NDArray[np.float32]) -> dict[str, float]:
    """Probabilities by digit, and of ``reject``; empty for the output of a network that reads lines."""
    if chances.ndim != 1:
        return {}
    return {name: round(float(chance), 4) for name, chance in zip([*DIGITS, "reject"], chances, strict=False)}


def _no_wider(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if picture.shape[1] <= WIDEST_INK:
        return picture
    scale = WIDEST_INK / picture.shape[1]
    smaller = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # pyright: ignore
    return np.asarray(smaller, np.uint8)
