"""What a model file is judged on: pixels as it takes them, with their truth; digits or whole lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.crops import Crops
from train.lines import Lines

Judges = Crops | Lines
"""Digits judge a CNN, lines a CRNN."""


@dataclass(frozen=True)
class Inputs:
    """pixels: (N, height, width) uint8. truth: (N,) class indices of digits; of lines (N, MOST_DIGITS) labels, see
    ``train.lines.Lines``. name: of the set."""

    name: str
    pixels: NDArray[np.uint8]
    truth: NDArray[Any]

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def are_lines(self) -> bool:
        """Whether whole lines are to be read."""
        return self.truth.ndim == 2

    def spread(self, count: int) -> NDArray[np.uint8]:
        """Pixels of ``count`` inputs (of fewer, all) from all over the set, whose parts differ."""
        return self.pixels[np.linspace(0, len(self) - 1, min(count, len(self))).astype(int)]


def inputs(judges: Judges, shape: tuple[int, int]) -> Inputs:
    """``judges`` for a file that takes pixels of ``shape`` (height, width): all digits, or the lines that fit, filled
    up with paper on the right."""
    if isinstance(judges, Crops):
        return Inputs(judges.name, judges.images, judges.labels)
    fitting = np.flatnonzero(judges.widths <= shape[1])
    return Inputs(judges.name, judges.padded(fitting, shape[1]), judges.labels[fitting])
