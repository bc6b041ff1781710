"""One window of timed calls, and what is kept of it: quantiles and the distribution, the slowest call included."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

BIN = 1.02
"""Each bin of a distribution begins at this many times the one before."""

TURN = 20
"""Calls until the other one of two has its turn."""

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
