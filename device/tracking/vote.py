"""How sure a number is that several frames agree on.

Each frame says with its own calibrated probability p that it read the line rightly: evidence of log(p / (1 - p))
nats for its text. If the frames' mistakes were independent, the evidence of n frames would add up to n times its mean.
They are not: all frames show the same strokes, on the same paper, to the same model, and differ in noise and a few
pixels of movement. n observations of which any two have the correlation r are worth n / (1 + (n - 1) r) independent
ones, 1 / r however many there are (the design effect of cluster sampling; Kish 1965, section 8.2). So

    log odds of the settled text = BIAS + EFFECTIVE_FRAMES × mean evidence

where a frame that read another text, or none, counts against. This is Platt's scaling (1999) of the mean evidence.
``python -m device.calibrate`` fits both numbers on the demo camera, for texts without "?". Fewer than one
effective frame says that the frames' own probabilities, which know the digits and not what was left out, are too sure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

EFFECTIVE_FRAMES = 1.0
"""How many independent frames a settled vote is worth. On 300 pages the fit (0.95, bias 0.6) is little better on those
that it has not seen (log loss 0.069) than one frame (0.076); both beat independent frames (0.142). Without the bias a
vote is rather too unsure than too sure, as numbers that change need it."""

BIAS = 0.0
"""Log odds."""

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
    evidence = mean_evidence(agreeing, others, blanks)
    return 1.0 / (1.0 + math.exp(-(BIAS + EFFECTIVE_FRAMES * evidence)))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1.0 - CERTAIN), CERTAIN)
    return math.log(bounded / (1.0 - bounded))
