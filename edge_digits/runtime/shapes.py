"""What goes into a model and comes out of it, by its spec."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.runtime.spec import ModelSpec

STEP = 4
"""Columns of a strip that one time step stands for."""

FEATURES = "features"
"""Name of the second output that some files have: the input of their last fully connected layer."""


def output_shape(spec: ModelSpec, width: int) -> tuple[int, ...]:
    """The scores of one input that is ``width`` columns wide: (classes,), or (steps, classes) of a line model."""
    return (spec.steps or width // STEP, spec.classes) if spec.reads_lines else (spec.classes,)


def channels_first(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, channels, height, width) of pixels as ``scores`` takes them: ONNX's and torch's layout."""
    return pixels[:, None] if pixels.ndim == 3 else pixels


def channels_last(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, height, width, channels): TensorFlow's."""
    return pixels[..., None] if pixels.ndim == 3 else np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))


def no_features(path: Path) -> ModelError:
    """What to raise where a file is asked for features that it does not give."""
    return ModelError(f"{path}: has no output '{FEATURES}': convert its network again (python -m convert cnn or judge)")


def check_pixels(pixels: NDArray[np.uint8], spec: ModelSpec, narrower: bool = False) -> None:
    """Raises ModelError if ``pixels`` are not what a model of ``spec`` takes. narrower: whether strips may be."""
    shape = spec.pixels_shape
    if pixels.shape[1:] == shape:
        return
    narrower = narrower and spec.reads_lines and not spec.steps
    if narrower and pixels.ndim == 3 and pixels.shape[1] == shape[0]:
        width = pixels.shape[2]
        if 0 < width < shape[1] and width % STEP == 0:
            return
    wanted = f"(N, {', '.join(map(str, shape))})" + (f", or narrower by a multiple of {STEP}" if narrower else "")
    raise ModelError(f"{spec.name} ({spec.format}) takes pixels {wanted}, not {pixels.shape}")
