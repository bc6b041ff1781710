"""How sure a number is that several frames agree on.

Each frame says with its own calibrated probability p that it read the line rightly: evidence of log(p / (1 - p))
nats for its text. If the frames' mistakes were independent, the evidence would add up. They are not: all frames show
the same strokes, on the same paper, to the same model, and differ in noise and a few pixels of movement. n observations
of which any two have the correlation r are worth n / (1 + (n - 1) r) independent ones (the design effect of cluster
sampling; Kish 1965, section 8.2), so

    log odds of the settled text = bias + n_eff × mean evidence,   n_eff = n / (1 + (n - 1) × CORRELATION)

where a frame that read another text, or none, counts against. With two numbers this is Platt's scaling (1999) of the
mean evidence. ``python -m device.calibrate`` fits both on the demo camera and says how well they fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

CORRELATION = 1.0
"""Of two frames' evidence, fitted; 1 would be: more frames say nothing new."""

BIAS = 0.0
"""Log odds, fitted."""

CERTAIN = 0.999
"""No single frame is believed more than this, nor less than its complement."""


class Vote(NamedTuple):
    """agreeing: probabilities, 0..1, of the frames that read a text. others: of those that read something else.
    blanks: how many read nothing."""

    agreeing: Sequence[float]
    others: Sequence[float]
    blanks: int


def mean_evidence(agreeing: Sequence[float], others: Sequence[float], blanks: int) -> float:
    """Mean evidence of the frames for a text, in nats.

    agreeing: probabilities, 0..1, of the frames that read it (at least one). others: of those that read something
    else. blanks: how many read nothing; each is worth as little as a frame that is not sure at all.
    """
    total = sum(map(_log_odds, agreeing)) - sum(max(_log_odds(p), 0.0) for p in others)
    return total / (len(agreeing) + len(others) + blanks)


def settled_confidence(agreeing: Sequence[float], others: Sequence[float], blanks: int) -> float:
    """Probability, 0..1, that what the ``agreeing`` frames read is right; arguments as in ``mean_evidence``."""
    count = len(agreeing) + len(others) + blanks
    effective = count / (1.0 + (count - 1) * CORRELATION)
    return 1.0 / (1.0 + math.exp(-(BIAS + effective * mean_evidence(agreeing, others, blanks))))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1.0 - CERTAIN), CERTAIN)
    return math.log(bounded / (1.0 - bounded))
