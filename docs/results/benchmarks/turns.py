"""Two calls in turns: what the wrapper around a TFLite interpreter costs beside the bare ``invoke``, and a line of ten
digits read at once beside digit by digit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from device.benchmark.samples import Recorder
from edge_digits.lines.line_reader import LineReader
from edge_digits.model_input import normalize
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.tflite import interpreter_module
from edge_digits.system.native_stderr import native_stderr
from edge_digits.types import Image

TURN = 20
"""Calls until the other one of two has its turn."""
BATCHES = (1, 10)
"""Digits of one call, with the wrapper and without."""
TEN = 10
MOST = 20
"""Lines that take turns."""
GAP = 5
"""Columns between two digits, which are 20 pixels high: they stand apart, so that both can read them."""


def in_turns(first: Callable[[], object], second: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Median seconds of a call of each of the two, which take turns for ``seconds``."""
    clock = time.perf_counter
    took: tuple[list[float], list[float]] = ([], [])
    end = clock() + seconds
    turn = 0
    while clock() < end or turn < 4:
        call, times = (first, second)[turn % 2], took[turn % 2]
        for number in range(TURN + 2):
            began = clock()
            call()
            # The first calls of a turn still find the other's data in the cache.
            if number >= 2:
                times.append(clock() - began)
        turn += 1
    return float(np.median(took[0])), float(np.median(took[1]))


def wrapper_ratios(model: str, runtime: str, samples: Sequence[NDArray[np.uint8]], seconds: float) -> dict[str, float]:
    """Median time of the wrapper's ``scores`` over that of as many bare ``invoke`` calls, by digits of one call.

    Both take turns for ``seconds`` each number of digits; the bare interpreter's input was written before.
    """
    wrapped = load_model(model, 1, runtime)
    with native_stderr():
        bare = interpreter_module(runtime).Interpreter(model_path=model, num_threads=1)
        bare.allocate_tensors()
    source = bare.get_input_details()[0]
    pixels = samples[0].reshape(source["shape"])
    bare.set_tensor(source["index"], pixels / np.float32(255) if source["dtype"] == np.float32 else pixels)
    ratios = {}
    for batch in BATCHES:
        pixels = np.concatenate([samples[i % len(samples)] for i in range(batch)])
        alone, with_wrapper = in_turns(_repeated(bare.invoke, batch), lambda p=pixels: wrapped.scores(p), seconds)
        ratios[str(batch)] = with_wrapper / alone
    return ratios


def _repeated(call: Callable[[], object], count: int) -> Callable[[], object]:
    if count == 1:
        return call

    def calls() -> None:
        for _ in range(count):
            call()

    return calls


def lines_of_ten(images: NDArray[np.uint8]) -> list[tuple[Image, NDArray[np.uint8]]]:
    """Single digits (N, 28, 28), ten by ten: as a line's strip (32, W), and as the ten inputs (10, 28, 28) of a network
    that reads digits."""
    lines = []
    for start in range(0, min(len(images) // TEN, MOST) * TEN, TEN):
        some = images[start : start + TEN]
        parts = [np.pad(_columns(image), ((0, 0), (0, GAP))) for image in some]
        strip, _ = normalize.line(np.concatenate(parts, axis=1))
        lines.append((strip, np.stack([normalize.digit(image) for image in some])))
    return lines


def _columns(image: Image) -> Image:
    """The columns with ink."""
    left, _, width, _ = cv2.boundingRect(image)
    return image[:, left : left + width]


def times_of_ten(digits: Model, lines: LineReader, images: Path, seconds: float) -> dict[str, float]:
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
