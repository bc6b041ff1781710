"""Which way up a page lies: the judge looks at some of its ink turned by quarters; the tree and the views stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Judged
from edge_digits.judge_classes import NONE
from edge_digits.model_input.views import judge_input, second_views
from edge_digits.runtime.model import Model
from edge_digits.runtime.probabilities import probabilities

MOST = 24
"""Hypotheses that are looked at."""

_MOST_WORTH = 8.0
"""Nats beyond which one hypothesis counts for no more."""


_AT_ONCE = 6
"""Hypotheses that are looked at before it is asked whether the others can still change anything."""


def worth_by_turn(judged: Judged, asked: NDArray[np.intp], second: Model) -> NDArray[np.float64]:
    """Nats (4,) that the hypotheses ``asked``, rows of ``judged``, are worth as digits together, if the picture is
    turned by 0 … 3 quarters counter-clockwise. Turns that cannot be worth as much as none are not looked at to the
    end."""
    worth = np.array([_worth(judged.chances[asked]), 0.0, 0.0, 0.0])
    for start in range(0, len(asked), _AT_ONCE):
        if worth[1:].max() + _MOST_WORTH * (len(asked) - start) < worth[0]:
            break
        part = asked[start : start + _AT_ONCE]
        index = judged.asked[part]
        views = second_views(judged.hypotheses, judged.pyramid, index, judged.strength[part])
        pixels = judge_input(judged.ink[part], views)
        turned = np.concatenate([np.rot90(pixels, turns, (2, 3)) for turns in (1, 2, 3)])
        chances = probabilities(second.scores(turned), second.spec.temperature)
        worth[1:] += [_worth(of_turn) for of_turn in np.split(chances, 3)]
    return worth


def _worth(chances: NDArray[np.float32]) -> float:
    digit = np.log(np.maximum(chances[:, :REJECT].max(axis=1), 1e-6))
    none = np.log(np.maximum(chances[:, NONE], 1e-6))
    return float(np.clip(digit - none, 0.0, _MOST_WORTH).sum())
