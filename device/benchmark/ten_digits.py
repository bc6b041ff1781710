"""A line of ten digits, read at once and digit by digit: what a network that reads lines costs beside one that reads
digits."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from device.benchmark.samples import Recorder
from device.benchmark.timing import in_turns
from edge_digits.lines.line_reader import LineReader
from edge_digits.model_input import normalize
from edge_digits.runtime.model import Model
from edge_digits.types import Image

TEN = 10
MOST = 20
"""Lines that take turns."""
GAP = 5
"""Columns between two digits, which are 20 pixels high: they stand apart, so that both can read them."""


def lines_of_ten(images: NDArray[np.uint8]) -> list[tuple[Image, NDArray[np.uint8]]]:
    """Single digits (N, 28, 28), ten by ten: as a line's strip (32, W), and as the ten inputs (10, 28, 28) of a network
    that reads digits."""
    found = []
    for start in range(0, min(len(images) // TEN, MOST) * TEN, TEN):
        some = images[start : start + TEN]
        parts = [np.pad(_columns(image), ((0, 0), (0, GAP))) for image in some]
        strip, _ = normalize.line(np.concatenate(parts, axis=1))
        found.append((strip, np.stack([normalize.digit(image) for image in some])))
    return found


def _columns(image: Image) -> Image:
    """The columns with ink."""
    left, _, width, _ = cv2.boundingRect(image)
    return image[:, left : left + width]


def times(digits: Model, lines: LineReader, images: Path, seconds: float) -> dict[str, float]:
    """Median seconds of what the networks alone take, in turns: ``line`` of the strips that the reader asks ``lines``
    for one line, ``digits`` of ten digits in one call. ``strips``: how many the lines take on average.

    images: a file with ``images`` (N, 28, 28), at least ten.
    """
    with np.load(images) as held:
        made = lines_of_ten(held["images"])
    recorders = [Recorder(model) for model in lines.models]
    asked: list[list[tuple[Model, NDArray[np.uint8]]]] = []
    for strip, _ in made:
        LineReader(recorders).read_strip(strip)
        asked.append([(recorder.model, pixels) for recorder in recorders for pixels in recorder.given])
        for recorder in recorders:
            recorder.given.clear()
    next_line, next_digits = cycle(asked), cycle([pixels for _, pixels in made])

    def read_line() -> None:
        for model, pixels in next(next_line):
            model.scores(pixels)

    line, one_by_one = in_turns(read_line, lambda: digits.scores(next(next_digits)), seconds)
    return {"line": line, "digits": one_by_one, "strips": float(np.mean([len(some) for some in asked]))}
