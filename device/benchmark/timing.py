"""One window of timed calls, and what is kept of it: quantiles and the distribution, the slowest call included; and
whole pictures, each timed once."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Picture = TypeVar("Picture")

BIN = 1.02
"""Each bin of a distribution begins at this many times the one before."""

REFERENCE_EVERY = 0.02
"""Seconds between two measurements of the machine's own speed."""


def summary(seconds: ArrayLike) -> dict[str, Any]:
    """count, mean, p50, p95, p99 and max of durations (N,) in seconds (N at least 1), and their distribution:
    ``histogram[str(k)]`` of them lie around ``BIN ** k`` seconds. Nothing is clipped."""
    values = np.asarray(seconds, np.float64)
    p50, p95, p99 = np.quantile(values, (0.5, 0.95, 0.99)).tolist()
    bins, counts = np.unique(np.round(np.log(np.maximum(values, 1e-9)) / math.log(BIN)).astype(int), return_counts=True)
    histogram = {str(k): n for k, n in zip(bins.tolist(), counts.tolist(), strict=True)}
    return {
        "count": values.size,
        "mean": float(values.mean()),
        "p50": p50,
        "p95": p95,
        "p99": p99,
        "max": float(values.max()),
        "histogram": histogram,
    }


def reference() -> float:
    """Seconds for a fixed piece of arithmetic: how fast the machine itself is at this moment, whatever is measured."""
    began = time.perf_counter()
    sum(range(5000))
    return time.perf_counter() - began


def shuffled(samples: Sequence[NDArray[Any]], seed: int) -> Iterator[NDArray[Any]]:
    """``samples`` without end, in a random order."""
    order = random.Random(seed).sample(range(len(samples)), len(samples))
    while True:
        for index in order:
            yield samples[index]


def window(
    call: Callable[[Any], object], inputs: Iterator[Any], seconds: float, warm_up: float
) -> tuple[list[float], list[float]]:
    """Call with one input after another for ``seconds``, after ``warm_up`` seconds that are not counted; at least three
    times. Returns the seconds of each call, and those of the references in between."""
    clock = time.perf_counter
    end = clock() + warm_up
    while clock() < end:
        call(next(inputs))
    took: list[float] = []
    references: list[float] = []
    now = clock()
    end = now + seconds
    while now < end or len(took) < 3:
        references.append(reference())
        pause = clock() + REFERENCE_EVERY
        while True:
            picture = next(inputs)
            began = clock()
            call(picture)
            now = clock()
            took.append(now - began)
            if now > pause:
                break
    return took, references


def read_pictures(
    read: Callable[[Picture], list[str]], load: Callable[[str], Picture], files: Sequence[str], seed: int
) -> dict[str, Any]:
    """Read every file once, in a random order, after one that warms up.

    read: the text of each line of a picture; what is no digit in it does not count. load: its time is not counted.
    Returns ``lines``: digits of each line for each file, and ``seconds`` for each file.
    """
    lines: dict[int, list[str]] = {}
    seconds: dict[int, float] = {}
    order = random.Random(seed).sample(range(len(files)), len(files))
    read(load(files[order[-1]]))
    for index in order:
        picture = load(files[index])
        began = time.perf_counter()
        texts = read(picture)
        seconds[index] = time.perf_counter() - began
        lines[index] = ["".join(filter(_is_digit, text)) for text in texts]
    everyone = range(len(files))
    return {"lines": [lines[i] for i in everyone], "seconds": [seconds[i] for i in everyone]}


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"
