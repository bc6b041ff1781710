"""A picture read so that people can follow: the ink map, each input as the model saw it, and what it said of it."""

from __future__ import annotations

import base64
import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS, REJECT
from edge_digits.ctc import Symbol
from edge_digits.ink import page_ink
from edge_digits.reader import DigitReader
from edge_digits.reading_size import at_reading_size
from edge_digits.report import page_row
from edge_digits.segment.clean import writing
from edge_digits.types import Box, Image, Page, as_image

MOST_INPUTS = 80
"""Inputs, and as many strips, that are shown of one picture."""

WIDEST_INK = 1000
"""Pixels; a larger ink map is made smaller."""


class Trace:
    """What the models were asked while one picture was read, boxes in pixels of ``ink``."""

    def __init__(self) -> None:
        self.ink: Image | None = None
        self.seen: dict[Box, tuple[NDArray[np.uint8], NDArray[np.float32]]] = {}
        self.strips: list[tuple[Image, list[Symbol]]] = []

    def observe(self, ink: Image, boxes: list[Box], pixels: NDArray[np.uint8], chances: NDArray[np.float32]) -> None:
        """An ``edge_digits.reader.Observer``."""
        self.ink = ink
        self.seen.update(zip(boxes, zip(pixels, chances, strict=True), strict=True))

    def observe_line(self, strip: Image, symbols: list[Symbol]) -> None:
        """The same for ``edge_digits.line_reader.LineReader``."""
        self.strips.append((strip, symbols))


def read_traced(reader: DigitReader, grey: Image, name: str, detail: bool) -> dict[str, Any]:
    """Read (H, W) uint8. name: stands as the source. Returns the row of ``edge_digits.report``, and with ``detail``
    also ``ink``, ``inputs`` and ``strips``, pictures being data URLs of PNG files."""
    trace = Trace()
    _watch(reader, trace if detail else None)
    began = time.perf_counter()
    try:
        page = reader.read(grey)
    finally:
        _watch(reader, None)
    row = page_row(name, grey.shape[1], grey.shape[0], page, time.perf_counter() - began)
    if detail:
        ink = _ink(grey) if trace.ink is None else trace.ink
        row["ink"] = data_url(_no_wider(255 - ink))
        row["inputs"] = _inputs(trace, page, reader.scale, Box(0, 0, grey.shape[1], grey.shape[0]))
        row["strips"] = [_strip(*strip) for strip in trace.strips[:MOST_INPUTS]]
    return row


def data_url(picture: NDArray[np.uint8]) -> str:
    """(H, W) uint8 as the URL of a PNG."""
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()


def _watch(reader: DigitReader, trace: Trace | None) -> None:
    reader.observer = None if trace is None else trace.observe
    if reader.lines is not None:
        reader.lines.observer = None if trace is None else trace.observe_line


def _ink(grey: Image) -> Image:
    """The ink map of a picture in which no digit's model was asked."""
    return writing(page_ink(at_reading_size(grey)[0]))[0]


def _inputs(trace: Trace, page: Page, scale: float, whole: Box) -> list[dict[str, Any]]:
    """One entry for each digit and each rejected piece of ink that a model for digits was asked about, in reading
    order. scale: how much larger the ink map is than the picture, of which ``whole`` is the box."""
    seen = {box if scale == 1.0 else box.scaled(1.0 / scale).within(whole): asked for box, asked in trace.seen.items()}
    wanted: list[tuple[Box, str | None]] = [(digit.box, None) for line in page.lines for digit in line.digits]
    wanted += [(item.box, item.reason) for item in page.rejected]
    return [
        {
            "box": box.as_list(),
            "reason": reason,
            "pixels": data_url(seen[box][0]),
            "probabilities": _by_class(seen[box][1]),
        }
        for box, reason in wanted
        if box in seen
    ][:MOST_INPUTS]


def _by_class(chances: NDArray[np.float32]) -> dict[str, float]:
    """Probabilities by digit, and of ``reject``."""
    return {name: round(float(chance), 4) for name, chance in zip([*DIGITS, "reject"], chances, strict=False)}


def _strip(strip: Image, symbols: list[Symbol]) -> dict[str, Any]:
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
