"""What the wrapper around a TFLite interpreter costs beside the bare ``invoke``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from device.benchmark.timing import in_turns
from edge_digits.runtime.load import load_model
from edge_digits.runtime.tflite import interpreter_module
from edge_digits.system.native_stderr import native_stderr

BATCHES = (1, 10)
"""Digits of one call."""


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
        alone, with_wrapper = in_turns(_repeated(bare.invoke, batch), lambda p=pixels: wrapped.scores(p), seconds)
        found[str(batch)] = with_wrapper / alone
    return found


def _repeated(call: Callable[[], object], count: int) -> Callable[[], object]:
    if count == 1:
        return call

    def calls() -> None:
        for _ in range(count):
            call()

    return calls
