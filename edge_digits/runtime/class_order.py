"""Models whose classes stand in another order than ``edge_digits.charset`` says: their scores, put in that one."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import BLANK, DIGITS, REJECT
from edge_digits.runtime.model import FileModel
from edge_digits.runtime.spec import ModelSpec


def are_digits(charset: str) -> bool:
    """Whether a model of this charset can be read with: digits in any order, each at most once."""
    return 0 < len(charset) == len(set(charset)) and set(charset) <= set(DIGITS)


def in_order(spec: ModelSpec) -> bool:
    """Whether the classes stand as ``edge_digits.charset`` says."""
    return spec.charset == DIGITS and spec.reject >= spec.blank


class ReorderedModel:
    """``model`` with its classes in order. What it does not know, a digit or the reject class, is never likely."""

    def __init__(self, model: FileModel) -> None:
        """The charset of the model's spec must pass ``are_digits``."""
        spec = model.spec
        self._model = model
        self.spec: ModelSpec = dataclasses.replace(spec, charset=DIGITS, reject=spec.reject or spec.blank)
        self._places = [DIGITS.index(digit) for digit in spec.charset] + [REJECT] * spec.reject + [BLANK] * spec.blank

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model.scores``."""
        scores = self._model.scores(pixels)
        ordered = np.full((*scores.shape[:-1], self.spec.classes), -np.inf, np.float32)
        ordered[..., self._places] = scores
        return ordered

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.FileModel.features``: they are no classes, so they have no order."""
        return self._model.features(pixels)
