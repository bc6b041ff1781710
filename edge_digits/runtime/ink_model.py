"""A model of any input size and colour, fed with the ink that a reader has: 28×28 digits, strips 32 pixels high."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge_digits.model_input.normalize import PARAMETERS
from edge_digits.runtime.model import FileModel
from edge_digits.runtime.preprocessing import ink_size, of_ink
from edge_digits.runtime.shapes import check_pixels
from edge_digits.runtime.spec import ModelSpec


class InkModel:
    """``model`` as one that takes ink. Its spec has the ink's size and one channel."""

    def __init__(self, model: FileModel) -> None:
        """model: with a preprocessing in its spec."""
        self._model, self._given = model, model.spec
        size = ink_size(model.spec.input_shape, model.spec.reads_lines, PARAMETERS.size)
        self.spec: ModelSpec = replace(model.spec, input_shape=size, channels=1)

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model.scores``."""
        return self._model.scores(self._pixels(pixels))

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.FileModel.features``."""
        return self._model.features(self._pixels(pixels))

    def _pixels(self, ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
        check_pixels(ink, self.spec)
        return of_ink(ink, self._given.input_shape, self._given.channels)


def for_ink(model: FileModel) -> FileModel:
    """``model`` as a reader asks it: as it is, if it was made for this project's ink."""
    return InkModel(model) if model.spec.preprocessing else model
