"""A network's last layer, and a model whose last layer is replaced: by that of one writer's hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.runtime.matrix_product import product
from edge_digits.runtime.model import FileModel


@dataclass(frozen=True)
class LastLayer:
    """weights: (F, classes), bias: (classes,) float32; scores are ``features @ weights + bias``."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (N, classes) float32 of features (N, F)."""
        return np.asarray(product(features, self.weights) + self.bias, np.float32)


class TaughtModel:
    """A model whose last layer can be replaced at any time, from one call to the next: see ``layer``."""

    def __init__(self, model: FileModel) -> None:
        self.model, self.spec = model, model.spec
        self.layer: LastLayer | None = None
        """What is computed in the place of the file's last layer; None is the file's."""

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model.scores``."""
        if self.layer is None:
            return self.model.scores(pixels)
        return self.layer(self.model.features(pixels))

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.FileModel.features``."""
        return self.model.features(pixels)
