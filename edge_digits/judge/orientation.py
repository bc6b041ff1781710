"""Which way up a page lies: the judge looks at some of its ink turned by quarters; the tree and the views stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Judged
from edge_digits.judge.classes import NONE
from edge_digits.judge.inputs import judge_input, second_views
from edge_digits.runtime import Model
from edge_digits.runtime.probabilities import probabilities

MOST = 24
"""Hypotheses that are looked at."""

_MOST_WORTH = 8.0
"""Nats beyond which one hypothesis counts for no more."""


def worth_by_turn(judged: Judged, asked: NDArray[np.intp], second: Model) -> NDArray[np.float64]:
    """Nats (4,) that the hypotheses ``asked``, rows of ``judged``, are worth as digits together, if the picture is
    turned by 0 … 3 quarters counter-clockwise."""
    index = judged.asked[asked]
    views = second_views(judged.found, judged.pyramid, index, judged.strength[asked])
    pixels = judge_input(judged.ink[asked], views)
    ways = [judged.chances[asked]]
    ways += [_chances(np.rot90(pixels, turns, (2, 3)), second) for turns in (1, 2, 3)]
    return np.array([_worth(chances) for chances in ways])


def _chances(pixels: NDArray[np.uint8], second: Model) -> NDArray[np.float32]:
    return probabilities(second.scores(pixels), second.spec.temperature)


def _worth(chances: NDArray[np.float32]) -> float:
    digit = np.log(np.maximum(chances[:, :REJECT].max(axis=1), 1e-6))
    none = np.log(np.maximum(chances[:, NONE], 1e-6))
    return float(np.clip(digit - none, 0.0, _MOST_WORTH).sum())
