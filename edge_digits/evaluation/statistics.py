"""How sure a share of right answers is, and whether two systems differ on the same pictures."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

import numpy as np
from numpy.typing import ArrayLike

Z = 1.959964
"""Standard deviations of a 95 % interval."""


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, 0..1, by its score test (Wilson 1927). count: at least 1."""
    share, part = right / count, Z**2 / count
    middle = (share + part / 2) / (1 + part)
    half = Z * sqrt(share * (1 - share) / count + part / (4 * count)) / (1 + part)
    # Rounding may put an end that is the share itself beside it.
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def mcnemar(first: ArrayLike, second: ArrayLike) -> tuple[int, int, float]:
    """Pictures that only the first of two systems reads rightly, those that only the second does, and the chance of a
    difference as large if they were equally good: the exact two-sided test (McNemar 1947). first, second: (N,) bool."""
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    only_first, only_second = int((a & ~b).sum()), int((b & ~a).sum())
    n, few = only_first + only_second, min(only_first, only_second)
    tail = sum(comb(n, k) for k in range(few + 1)) / 2**n
    return only_first, only_second, min(1.0, 2 * tail)


def paired_loss(before: ArrayLike, after: ArrayLike) -> tuple[float, float]:
    """By how much less often ``after`` is right than ``before`` on the same items, as a share, and half the width of
    its 95 % interval, from the items on which one is right and the other wrong (McNemar 1947). before, after: (N,)
    bool, N at least 1."""
    a, b = np.asarray(before, bool), np.asarray(after, bool)
    lost, won, n = int((a & ~b).sum()), int((b & ~a).sum()), a.size
    return (lost - won) / n, Z * sqrt(max(lost + won - (lost - won) ** 2 / n, 0.0)) / n


@dataclass(frozen=True)
class Difference:
    """By how much one share is above another, and its 95 % interval, all -1..1."""

    value: float
    low: float
    high: float


def paired_difference(first: ArrayLike, second: ArrayLike) -> Difference:
    """By how much the share of right answers of ``second`` is above that of ``first``, both to the same questions, by
    its score test (Tango 1998): of use with few differing answers, too, and with none. first, second: (N,) bool, N at
    least 1. It leaves out 0 where McNemar's test, as a normal approximation, finds a difference at 5 %."""
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    lost, won, count = int((a & ~b).sum()), int((b & ~a).sum()), len(a)
    return Difference((won - lost) / count, -_most_gained(lost, won, count), _most_gained(won, lost, count))


def _most_gained(won: int, lost: int, count: int) -> float:
    """The largest difference that the score test does not refuse, by bisection."""
    low, high = (won - lost) / count, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if _is_refused(middle, won, lost, count) else (middle, high)
    return low


def _is_refused(difference: float, won: int, lost: int, count: int) -> bool:
    """Whether ``difference``, above what was seen, is more than ``Z`` standard deviations away from it."""
    # The likeliest share of lost answers, given that difference: the root of a quadratic equation.
    b = (2 * count - won + lost) * difference - won - lost
    c = -lost * difference * (1 - difference)
    share_lost = (sqrt(max(b * b - 8 * count * c, 0.0)) - b) / (4 * count)
    variance = count * (2 * share_lost + difference * (1 - difference))
    return count * difference - (won - lost) > Z * sqrt(max(variance, 0.0))
