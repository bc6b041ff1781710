"""How well digits are read: shares of right answers, string errors, and whether confidence can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def accuracy(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Share of right answers, 0..1. truth, predicted: (N,) class indices; N = 0 gives NaN.

    Raises ValueError if the lengths differ.
    """
    a, b = np.asarray(truth), np.asarray(predicted)
    if a.shape != b.shape:
        raise ValueError(f"truth {a.shape} and predictions {b.shape} differ in shape")
    return float((a == b).mean()) if a.size else float("nan")


def confusion_matrix(truth: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """(classes, classes) int64: how often class [row] was read as class [column].

    Raises ValueError if the lengths differ or an index is not in 0..classes-1.
    """
    a, b = np.asarray(truth, np.int64), np.asarray(predicted, np.int64)
    if a.shape != b.shape:
        raise ValueError(f"truth {a.shape} and predictions {b.shape} differ in shape")
    if a.size and not (min(a.min(), b.min()) >= 0 and max(a.max(), b.max()) < classes):
        raise ValueError(f"a class index is outside 0..{classes - 1}")
    return np.bincount(a * classes + b, minlength=classes * classes).reshape(classes, classes)


def precision(confusion: NDArray[np.int64]) -> Floats:
    """Per class (C,): of what was read as it, the share that is; 0 where nothing was read as it."""
    return np.diag(confusion) / np.maximum(confusion.sum(axis=0), 1)


def recall(confusion: NDArray[np.int64]) -> Floats:
    """Per class (C,): of what is it, the share that was read as it; 0 where nothing is."""
    return np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1)


def f1(confusion: NDArray[np.int64]) -> Floats:
    """Per class (C,): harmonic mean of precision and recall; 0 where both are."""
    return 2 * np.diag(confusion) / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1)


def edit_distance(written: Sequence[object], read: Sequence[object]) -> int:
    """Fewest insertions, deletions and substitutions from one to the other (Levenshtein 1966)."""
    row = list(range(len(read) + 1))
    for i, a in enumerate(written, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(read, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def expected_calibration_error(confidence: ArrayLike, right: ArrayLike, bins: int = 15) -> float:
    """Mean gap between confidence and share of right answers over bins of equal width (Guo et al. 2017, section 2).

    confidence: (N,) in 0..1. right: (N,) bool. N = 0 gives NaN.
    """
    c, r = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if not c.size:
        return float("nan")
    # Bins are open to the left, as in the paper: 1.0 belongs to the last.
    place = np.clip(np.ceil(c * bins).astype(np.int64) - 1, 0, bins - 1)
    gaps = np.bincount(place, c, bins) - np.bincount(place, r, bins)
    return float(np.abs(gaps).sum() / c.size)


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """What is wrong among the surest answers (El-Yaniv and Wiener 2010).

    confidence, right: (N,). Returns coverage, risk and threshold, (K,) each, coverage rising: accepting every answer
    with a confidence of at least threshold[k] accepts the share coverage[k] of them, of which risk[k] are wrong.
    Equal confidences are accepted together.
    """
    c, r = np.asarray(confidence, np.float64), np.asarray(right, bool)
    order = np.argsort(-c, kind="stable")
    c, wrong = c[order], np.cumsum(~r[order])
    last = np.flatnonzero(np.append(c[1:] != c[:-1], True)) if c.size else np.empty(0, np.int64)
    count = last + 1.0
    return count / max(c.size, 1), wrong[last] / count, c[last]


def threshold_for_error(confidence: ArrayLike, right: ArrayLike, most: float) -> float:
    """The lowest confidence threshold behind which at most the share ``most`` of the accepted answers is wrong.

    Returns infinity if no threshold reaches that.
    """
    _, risk, threshold = risk_coverage(confidence, right)
    good = np.flatnonzero(risk <= most)
    return float(threshold[good[-1]]) if good.size else float("inf")
