"""A line model's scores -> the digits of a line, each with its place and confidence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import BLANK, REJECT


@dataclass(frozen=True)
class Symbol:
    """One digit of a line, or ink that is none.

    value: 0..9, or ``charset.REJECT``. confidence: calibrated probability, 0..1. position: of its middle, in columns of
    the strip.
    """

    value: int
    confidence: float
    position: float

    @property
    def is_digit(self) -> bool:
        """Whether it is one of the digits."""
        return self.value != REJECT


def greedy(chances: NDArray[np.float32], columns_per_step: float) -> list[Symbol]:
    """Best-path decoding (Graves et al. 2006, section 3.2): the likeliest class of each step, repeats made one, blanks
    left out.

    chances: (T, classes), each row summing to 1. columns_per_step: how many of the strip's columns a step stands for.
    A symbol is as sure as the surest of its steps: the others lie on its way from blank and to blank.
    """
    best = chances.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    symbols = []
    for first, after in pairwise([*starts.tolist(), len(best)]):
        value = int(best[first])
        if value == BLANK:
            continue
        run_chances = chances[first:after, value]
        middle = float((run_chances * np.arange(first, after)).sum() / run_chances.sum()) + 0.5
        symbols.append(Symbol(value, float(run_chances.max()), middle * columns_per_step))
    return symbols
