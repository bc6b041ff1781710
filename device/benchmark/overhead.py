"""What the wrapper around a TFLite interpreter costs beside the bare ``invoke``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from edge_digits.quiet import native_stderr
from edge_digits.runtime import load_model
from edge_digits.runtime.tflite import interpreter_module

BATCHES = (1, 10)
"""Digits of one call."""

TURN = 20
"""Calls until the other one has its turn."""


def ratios(model: str, runtime: str, samples: Sequence[NDArray[np.uint8]], seconds: float) -> dict[str, float]:
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
    found = {}
    for batch in BATCHES:
        pixels = np.concatenate([samples[i % len(samples)] for i in range(batch)])
        found[str(batch)] = _ratio(_repeated(bare.invoke, batch), lambda p=pixels: wrapped.scores(p), seconds)
    return found


def _repeated(call: Callable[[], object], count: int) -> Callable[[], object]:
    if count == 1:
        return call

    def calls() -> None:
        for _ in range(count):
            call()

    return calls


def _ratio(bare: Callable[[], object], wrapped: Callable[[], object], seconds: float) -> float:
    clock = time.perf_counter
    took: tuple[list[float], list[float]] = ([], [])
    end = clock() + seconds
    turn = 0
    while clock() < end or turn < 4:
        call, times = (bare, wrapped)[turn % 2], took[turn % 2]
        for number in range(TURN + 2):
            began = clock()
            call()
            # The first calls of a turn still find the other's data in the cache.
            if number >= 2:
                times.append(clock() - began)
        turn += 1
    return float(np.median(took[1]) / np.median(took[0]))
