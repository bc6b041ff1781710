"""How far the figures of photographs can be trusted: their sources are drawn again (Efron and Tibshirani 1993).

Pictures of one source share a hand, a pen and a camera, so a source counts as one observation and is drawn whole. The
measures themselves are those of ``edge_digits.evaluation.ground_truth``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge_digits.evaluation import ground_truth, metrics
from edge_digits.evaluation.ground_truth import LabelledPicture, Measures

RESAMPLES, LEVEL, SEED = 4000, 0.95, 0
SUREST = 0.9
"""Share of the answers, the surest first, whose errors are counted."""
FEWEST = 5
"""Sources of which something can be said about others; fewer have no interval."""

Pairs = Sequence[tuple[LabelledPicture, Sequence[str]]]
"""Pictures, each with the digits of every line that was read in it."""


@dataclass(frozen=True)
class Interval:
    """A figure and the ends of its interval: NaN where there are too few sources for one."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """The measures of some pictures, and the intervals of their rates, 0..1."""

    measures: Measures
    macro_cer: Interval
    cer: Interval
    line_exact: Interval


def figures(read: Pairs) -> Figures:
    """The figures of pictures with digits."""
    measures, counts = ground_truth.measures(read), _counts(read)
    weights = drawn(len(counts))
    errors, digits, exact, lines = (weights @ column for column in counts.T)
    rates = weights @ _rates(counts) / max(len(counts), 1)
    return Figures(
        measures,
        interval(measures.macro_cer, rates, len(counts)),
        interval(measures.cer, _share(errors, digits), len(counts)),
        interval(measures.line_exact, _share(exact, lines), len(counts)),
    )


def without_interval(result: Figures) -> Figures:
    """The same where the sources stand for no others."""
    rates = (Interval(rate.value, nan, nan) for rate in (result.macro_cer, result.cer, result.line_exact))
    return Figures(result.measures, *rates)


def macro_difference(first: Pairs, second: Pairs) -> Interval:
    """By how much the macro CER of ``second`` is above that of ``first``, both of the same pictures: the same sources
    are drawn for both. Raises ValueError if the pictures differ."""
    if [picture for picture, _ in first] != [picture for picture, _ in second]:
        raise ValueError("the pictures differ")
    differences = _rates(_counts(second)) - _rates(_counts(first))
    count = len(differences)
    value = float(differences.mean()) if count else nan
    return interval(value, drawn(count) @ differences / max(count, 1), count)


def kept_error(confidence: ArrayLike, right: ArrayLike) -> float:
    """Share of wrong ones among the surest 90 %, or a few more where confidences are equal. NaN without answers."""
    coverage, risk, _ = metrics.risk_coverage(confidence, right)
    return float(risk[min(int(np.searchsorted(coverage, SUREST - 1e-9)), len(risk) - 1)]) if len(risk) else np.nan


def surest(confidence: NDArray[np.float64], right: NDArray[np.bool_], source: Sequence[str]) -> Interval:
    """The same with its interval. confidence, right, source: of each answer, (N,)."""
    names, of = np.unique(np.array(source, object).astype(str), return_inverse=True)
    order = np.argsort(-confidence, kind="stable")
    of, wrong = of[order], ~right[order]
    last = np.flatnonzero(np.append(np.diff(confidence[order]) != 0, True)) if len(order) else order
    rates = np.full(RESAMPLES, np.nan)
    for index, weights in enumerate(drawn(len(names))):
        if len(order):
            kept, bad = np.cumsum(weights[of])[last], np.cumsum(weights[of] * wrong)[last]
            end = int(np.searchsorted(kept, SUREST * kept[-1] - 1e-9))
            rates[index] = bad[end] / kept[end]
    return interval(kept_error(confidence, right), rates, len(names))


def drawn(count: int) -> NDArray[np.float64]:
    """(RESAMPLES, count): how often each of ``count`` sources is drawn; the same each time."""
    if not count:
        return np.zeros((RESAMPLES, 0))
    rng = np.random.default_rng(SEED)
    return rng.multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(np.float64)


def interval(value: float, resampled: NDArray[np.float64], sources: int) -> Interval:
    """``value`` with the percentiles of what was drawn again, (RESAMPLES,); draws with nothing in them are NaN."""
    usable = resampled[~np.isnan(resampled)]
    if sources < FEWEST or not len(usable):
        return Interval(value, nan, nan)
    low, high = np.quantile(usable, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Interval(value, low, high)


def sources(read: Pairs) -> list[str]:
    """The sources of some pictures, in the order in which they are drawn."""
    return sorted({picture.source for picture, _ in read})


def _counts(read: Pairs) -> NDArray[np.float64]:
    """(sources, 4): errors, at most as many as digits for each picture; digits; lines read exactly; lines."""
    place = {source: index for index, source in enumerate(sources(read))}
    counts = np.zeros((len(place), 4))
    for picture, texts in read:
        lines = len(picture.lines) if picture.match == "lines" else 0
        wrong = min(picture.errors(texts), picture.written)
        counts[place[picture.source]] += (wrong, picture.written, picture.exact_lines(texts), lines)
    return counts


def _rates(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(sources,): each one's own CER."""
    return _share(counts[:, 0], counts[:, 1])


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
