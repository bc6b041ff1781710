"""Scores -> probabilities, and the best way to explain a row of ink as digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT


def probabilities(scores: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Calibrated softmax (Guo et al. 2017, section 4.2): (N, C) logits -> (N, C) float32, each row sums to 1."""
    scaled = scores / np.float32(temperature)
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    return scaled / scaled.sum(axis=1, keepdims=True)


class Opinion(NamedTuple):
    """What a model says of one region.

    probabilities: (C,) of the ten digits and the reject class. is_digit: whether one of the digits is likelier than the
    reject class. value: the likeliest digit. confidence: its probability. surprise: nats, of the likeliest class.
    """

    probabilities: NDArray[np.float32]
    is_digit: bool
    value: int
    confidence: float
    surprise: float

    @property
    def cost(self) -> float:
        """Nats that a digit's ink costs which is read as what is likeliest."""
        return self.surprise if self.is_digit else self.surprise + REJECT_COST


def opinions(chances: NDArray[np.float32]) -> list[Opinion]:
    """Probabilities (N, C) as N opinions; each is looked at many times."""
    values = chances[:, :REJECT].argmax(axis=1)
    confidences = chances[np.arange(len(chances)), values]
    none = chances[:, REJECT]
    surprise = -np.log(np.maximum(np.maximum(confidences, none), 1e-6))
    columns = (confidences >= none, values, confidences, surprise)
    return list(map(Opinion, chances, *(column.tolist() for column in columns)))


@dataclass(frozen=True, slots=True)
class Span:
    """One way to read the pieces ``first`` … ``last`` - 1 of a row: as one digit, or as ink that is not one.

    opinion: of the pieces taken together. cut: whether it starts where a component was cut.
    """

    first: int
    last: int
    opinion: Opinion
    cut: bool = False

    @property
    def is_digit(self) -> bool:
        """Whether one of the digits is likelier than the reject class."""
        return self.opinion.is_digit

    @property
    def value(self) -> int:
        """The likeliest digit."""
        return self.opinion.value

    @property
    def confidence(self) -> float:
        """Probability of the likeliest digit."""
        return self.opinion.confidence


REJECT_COST = 1.5
"""Nats that ink which is no digit costs beside its own chance: in a row of digits, ink usually is one."""

CUT_COST = 2.0
"""Nats that a cut through a component costs: most components are one digit."""


def best_path(pieces: int, spans: list[Span], weights: Sequence[float] | NDArray[np.floating]) -> list[Span]:
    """The chain of spans from piece 0 to the last that explains a row best.

    Over-segmentation with a classifier as the judge (LeCun et al. 1998, section V): each span costs the negative log
    likelihood of what it is read as, times the ink it explains, so that many small guesses do not beat one sure digit.
    spans: must contain a chain over all pieces. weights: ink of each piece, a typical digit's being 1.
    Raises ValueError if no chain reaches the end.
    """
    cost = [0.0] + [math.inf] * pieces
    best: list[Span | None] = [None] * (pieces + 1)
    total = [0.0, *accumulate(weights)]
    for span in sorted(spans, key=lambda s: s.last):
        ink = total[span.last] - total[span.first]
        here = cost[span.first] + span.opinion.cost * ink + CUT_COST * span.cut
        if here < cost[span.last]:
            cost[span.last], best[span.last] = here, span
    path: list[Span] = []
    end = pieces
    while end > 0:
        span = best[end]
        if span is None:
            raise ValueError("the spans do not reach from the first piece to the last")
        path.append(span)
        end = span.first
    return path[::-1]
