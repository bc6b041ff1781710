"""How sure a share of right answers is, and whether two systems differ on the same pictures."""

from __future__ import annotations

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
