"""A network that is ready to run: uint8 pixels in, float32 scores out."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge_digits.runtime.spec import ModelSpec


class Model(Protocol):
    """A network that is ready to run."""

    spec: ModelSpec

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """pixels: (N, height, width) uint8, 0..255, as ``model_input.normalize`` makes them, as large as the spec's
        ``input_shape``; strips for an ONNX file may be narrower, by a multiple of ``shapes.STEP`` columns. Of the
        judge's networks (N, channels, height, width), as ``edge_digits.model_input.views`` makes them.

        Returns (N, classes) float32 logits, classes as ``edge_digits.charset`` orders them; of a model that reads lines
        (N, steps, classes), step t standing for the columns from ``t * shapes.STEP``. Raises ModelError for pixels of
        another size.
        """
        ...


class FileModel(Model, Protocol):
    """One that was read from a file, which may give the input of its last layer, too."""

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """pixels: as ``scores`` takes them.

        Returns (N, features) float32, the input of the last fully connected layer: times its weights, plus its biases,
        it is the scores, in int8 up to their rounding. Raises ModelError if the file has no output ``FEATURES``
        (``shapes``), or for pixels of another size.
        """
        ...
