"""Differences with their uncertainty: windows and items are what is drawn again, never single calls.

Calls within a window are not independent of each other: they share the process, its memory and the moment. So a window
counts as one observation (Kalibera and Jones 2013), and the bootstrap draws windows (Efron and Tibshirani 1993).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 4000
LEVEL = 0.95
MOST_SPREAD = 4.0
"""How many times an interval's lower end its upper one is, at most, where something is said by it."""

TOO_LITTLE = "too little was measured to tell"

SMALLEST = 0.02
"""The smallest effect of interest, as a share: a smaller difference in time decides nothing here."""


@dataclass(frozen=True)
class Interval:
    """An estimate and its confidence interval."""

    estimate: float
    low: float
    high: float

    @property
    def tells_nothing(self) -> bool:
        """Whether it is a ratio's, and as good as any would lie in it: too little was measured."""
        return self.low <= 1 <= self.high and self.high > MOST_SPREAD * self.low


def ratio(first: ArrayLike, second: ArrayLike, level: float = LEVEL, seed: int = 0) -> Interval:
    """How many times ``second`` is ``first``: windows (N,) and (M,) of separate runs, at least two each, all above 0.

    The ratio of geometric means. The bootstrap draws windows; its standard error is widened for few of them
    (Hesterberg 2015, section 4.4) and multiplied with Student's t by Welch and Satterthwaite, since the percentiles of
    five windows would promise too much.
    """
    a, b = np.log(np.asarray(first, np.float64)), np.log(np.asarray(second, np.float64))
    rng = np.random.default_rng(seed)
    spread_a, spread_b = _variance_of_mean(a, rng), _variance_of_mean(b, rng)
    return _interval(float(b.mean() - a.mean()), (spread_a, spread_b), (len(a) - 1, len(b) - 1), level)


def paired_ratio(first: ArrayLike, second: ArrayLike, level: float = LEVEL, seed: int = 0) -> Interval:
    """As ``ratio``, of windows that belong together: the same rounds of one run, both (N,), N at least 2."""
    difference = np.log(np.asarray(second, np.float64)) - np.log(np.asarray(first, np.float64))
    spread = _variance_of_mean(difference, np.random.default_rng(seed))
    return _interval(float(difference.mean()), (spread,), (len(difference) - 1,), level)


def _variance_of_mean(values: NDArray[np.float64], rng: np.random.Generator) -> float:
    drawn = rng.choice(values, (RESAMPLES, len(values)))
    return float(drawn.mean(axis=1).var()) * len(values) / (len(values) - 1)


def _interval(middle: float, spreads: tuple[float, ...], freedoms: tuple[int, ...], level: float) -> Interval:
    total = sum(spreads)
    if total == 0.0:
        return Interval(math.exp(middle), math.exp(middle), math.exp(middle))
    freedom = total**2 / sum(s**2 / f for s, f in zip(spreads, freedoms, strict=True))
    reach = student_quantile(0.5 + level / 2, freedom) * math.sqrt(total)
    return Interval(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach))


def in_short(interval: Interval) -> str:
    """A ratio for a table's cell: "1.05 (1.01 to 1.09)"."""
    reach = TOO_LITTLE if interval.tells_nothing else _reach(interval.low, interval.high)
    return f"{interval.estimate:.3g} ({reach})"


def times(interval: Interval, more: str, less: str) -> str:
    """ "1.9 times slower (1.8 to 2.0)", or with ``less`` the other way round. more: what a ratio above 1 is called."""
    if interval.estimate >= 1:
        return f"{interval.estimate:.3g} times {more} ({_reach(interval.low, interval.high)})"
    return f"{1 / interval.estimate:.3g} times {less} ({_reach(1 / interval.high, 1 / interval.low)})"


def _reach(low: float, high: float) -> str:
    return f"at least {low:.3g}" if high > MOST_SPREAD * low else f"{low:.3g} to {high:.3g}"


def student_quantile(probability: float, freedom: float) -> float:
    """Quantile of Student's t, by bisection of its distribution function. probability: 0.5 < p < 1."""
    low, high = 0.0, 1.0
    while _student_tail(high, freedom) > 1 - probability:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_tail(middle, freedom) > 1 - probability else (low, middle)
    return high


def _student_tail(t: float, freedom: float) -> float:
    """P(T > t), t > 0: half the regularized incomplete beta function, whose integral is smooth in the angle."""
    # With x = sqrt(freedom) * tan(angle) the density becomes cos(angle) ** (freedom - 1).
    nodes, weights = _NODES
    start = math.atan(t / math.sqrt(freedom))
    half = (math.pi / 2 - start) / 2
    angles = start + half * (nodes + 1)
    integral = half * float(weights @ np.cos(angles) ** (freedom - 1))
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return scale * integral


_NODES = np.polynomial.legendre.leggauss(200)


def macro_difference(
    first: Sequence[int], second: Sequence[int], written: Sequence[int], sources: Sequence[str], level: float = LEVEL
) -> Interval:
    """Difference of two macro character error rates, second less first, on the same pictures: a bootstrap over pictures
    within each source. first, second: errors of each picture (N,), at most ``written``, its digits."""
    a, b, digits = (np.asarray(v, np.float64) for v in (first, second, written))
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(np.asarray(sources) == source) for source in sorted(set(sources))]
    groups = [group for group in groups if digits[group].sum()]
    drawn = np.zeros(RESAMPLES)
    estimate = 0.0
    for group in groups:
        estimate += float((b[group] - a[group]).sum() / digits[group].sum()) / len(groups)
        picks = group[rng.integers(0, len(group), (RESAMPLES, len(group)))]
        drawn += (b - a)[picks].sum(axis=1) / np.maximum(digits[picks].sum(axis=1), 1) / len(groups)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(estimate, low, high)
