"""What goes into a model and comes out of it, by its spec."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.model_spec import ModelSpec

STEP = 4
"""Columns of a strip that one time step stands for."""


def output_shape(spec: ModelSpec, width: int) -> tuple[int, ...]:
    """The scores of one input that is ``width`` columns wide: (classes,), or (steps, classes) of a line model."""
    return (width // STEP, spec.classes) if spec.reads_lines else (spec.classes,)


def check_pixels(pixels: NDArray[np.uint8], spec: ModelSpec, narrower: bool = False) -> None:
    """Raises ModelError if ``pixels`` are not what a model of ``spec`` takes. narrower: whether strips may be."""
    height, width = spec.input_shape
    narrower = narrower and spec.reads_lines
    if pixels.ndim == 3 and pixels.shape[1] == height:
        found = pixels.shape[2]
        if found == width or (narrower and 0 < found < width and found % STEP == 0):
            return
    wanted = f"(N, {height}, {width})" + (f", or narrower by a multiple of {STEP}" if narrower else "")
    raise ModelError(f"{spec.name} ({spec.format}) takes pixels {wanted}, not {pixels.shape}")
