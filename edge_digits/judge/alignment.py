"""Which pieces of a hypothesis are the digits that a line reader reads in it: the best path through the cuts.

An oversegmentation's pieces are the arcs of a graph, and what is read says what they must be, one after another
(constrained Viterbi alignment; LeCun et al. 1998, section VI).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def align(
    left: NDArray[np.integer], right: NDArray[np.integer], log_chances: NDArray[np.floating]
) -> NDArray[np.intp] | None:
    """The pieces that are the digits read, (D,) indices from left to right; None where no path has as many.

    left, right: (N,) columns between which each of a hypothesis's pieces is cut. log_chances: (N, D), of each piece
    being each of the digits. The pieces of a path begin where the one before them ends, and are the whole hypothesis.
    """
    cuts = np.unique(np.concatenate([left, right]))
    start, end = np.searchsorted(cuts, left), np.searchsorted(cuts, right)
    count = log_chances.shape[1]
    best = np.full(len(cuts), -np.inf)
    best[:1] = 0.0
    arcs = np.zeros((count, len(cuts)), np.intp)
    for digit in range(count):
        total = best[start] + log_chances[:, digit]
        order = np.argsort(total, kind="stable")
        best = np.full(len(cuts), -np.inf)
        # The last of what is assigned to a place stays there: the likeliest.
        best[end[order]], arcs[digit, end[order]] = total[order], order
    if not len(cuts) or not np.isfinite(best[-1]):
        return None
    path, place = [], len(cuts) - 1
    for digit in reversed(range(count)):
        path.append(arcs[digit, place])
        place = start[path[-1]]
    return np.array(path[::-1], np.intp)


def likeliest(left: NDArray[np.integer], right: NDArray[np.integer], log_chances: NDArray[np.floating]) -> float:
    """The log-chance of the likeliest path of any number of pieces; -inf where there is none. log_chances: (N,), of
    each piece."""
    best = {int(left.min()): 0.0} if len(left) else {}
    for index in np.argsort(right, kind="stable").tolist():
        total = best.get(int(left[index]), -np.inf) + float(log_chances[index])
        best[int(right[index])] = max(best.get(int(right[index]), -np.inf), total)
    return best.get(int(right.max()), -np.inf) if len(right) else -np.inf
