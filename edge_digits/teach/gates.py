"""Whether what was learned may be taken: it must win on labels held out, and lose nothing of everybody else's."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge_classes import NONE
from edge_digits.runtime.last_layer import LastLayer
from edge_digits.teach.examples import Examples, Layers, Logits, answers, errors, logits_of
from edge_digits.teach.fit import FitSettings, fit_last_layer
from edge_digits.teach.replay import Replay

FOLDS = 5
"""Parts of the labels, each held out once (cross-validation; Stone 1974)."""

LEAST_LABELS = 5
"""From as many on can some be held out."""

MOST_LOST = 0.001
"""Share of the replay set's held-out part that may be lost."""

_SCALES = tuple(float(v) for v in np.geomspace(0.5, 2.0, 25))


@dataclass(frozen=True)
class Verdict:
    """labels: how many were learned; wrong_before, wrong_after: of them, as it ships and each fold by what the others
    taught. others: digits of everybody else; others_before, others_after: of them read wrongly. signs: what is none of
    everybody else; signs_before, signs_after: of it read as digits."""

    labels: int
    wrong_before: int
    wrong_after: int
    others: int
    others_before: int
    others_after: int
    signs: int
    signs_before: int
    signs_after: int

    @property
    def wins(self) -> bool:
        """Whether fewer of the labels held out are read wrongly."""
        return self.wrong_after < self.wrong_before

    @property
    def keeps(self) -> bool:
        """Whether everybody else's digits and signs are read as well as before."""
        risen = self.others_after + self.signs_after - self.others_before - self.signs_before
        return risen <= MOST_LOST * (self.others + self.signs)


def fitted(replay: Replay, labels: Examples, settings: FitSettings) -> Layers:
    """Both last layers, fitted to ``labels`` beside the replay set's learned part."""
    shipped = replay.shipped
    # The CNN is asked about digits alone.
    digits = labels.take(labels.labels != NONE)
    judge = fit_last_layer(shipped.judge, labels.judge, labels.labels, replay.learned.judge, settings)
    cnn = shipped.cnn
    if len(digits):
        cnn = fit_last_layer(cnn, digits.cnn, digits.labels, replay.learned.cnn, settings)
    return replace(shipped, judge=judge, cnn=cnn)


def held_out_logits(replay: Replay, labels: Examples, settings: FitSettings) -> Logits:
    """What is said of each label by layers that were fitted to the other folds."""
    fold = folds(labels.labels)
    parts = [logits_of(fitted(replay, labels.take(fold != n), settings), labels.take(fold == n)) for n in range(FOLDS)]
    order = np.argsort(np.concatenate([np.flatnonzero(fold == n) for n in range(FOLDS)]))
    return Logits(*(np.concatenate([getattr(part, name) for part in parts])[order] for name in ("judge", "cnn")))


def folds(labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """(N,) the fold of each label: those of one class in turn, so that each fold has some of it."""
    order = np.argsort(labels, kind="stable")
    fold = np.zeros(len(labels), np.intp)
    fold[order] = np.arange(len(labels)) % FOLDS
    return fold


def verdict(replay: Replay, labels: Examples, layers: Layers, held_out: Logits) -> Verdict:
    """What the gates say of ``layers``. held_out: what is said of each label by layers that had not seen it."""
    is_sign = replay.held_out.labels == NONE
    others, signs = replay.held_out.take(~is_sign), replay.held_out.take(is_sign)
    before, after = ([_errors(one, some) for some in (others, signs)] for one in (replay.shipped, layers))
    wrong = _errors(replay.shipped, labels), errors(held_out, labels.labels)
    return Verdict(len(labels), *wrong, len(others), before[0], after[0], len(signs), before[1], after[1])


def _errors(layers: Layers, examples: Examples) -> int:
    return errors(logits_of(layers, examples), examples.labels)


def calibrated(replay: Replay, labels: Examples, layers: Layers, held_out: Logits) -> tuple[Layers, Logits]:
    """``layers`` and what is said of labels held out, with logits scaled so that they are as sure as the shipped ones
    were, on these labels and on the replay set's held-out part alike (temperature scaling; Guo et al. 2017)."""
    shipped, others = replay.shipped, replay.held_out
    before = _best_scale((logits_of(shipped, labels), labels.labels), (logits_of(shipped, others), others.labels))
    after = _best_scale((held_out, labels.labels), (logits_of(layers, others), others.labels))
    factor = np.float32(after / before)
    judge, cnn = (LastLayer(layer.weights * factor, layer.bias * factor) for layer in (layers.judge, layers.cnn))
    return replace(layers, judge=judge, cnn=cnn), held_out.scaled(float(factor))


def _best_scale(*parts: tuple[Logits, NDArray[np.integer]]) -> float:
    """The factor on logits with the least negative log-likelihood, on the average of ``parts``."""

    def loss(factor: float) -> float:
        chances = (answers(logits.scaled(factor), labels)[1] for logits, labels in parts)
        return sum(float(-np.log(np.maximum(chance, 1e-6)).mean()) for chance in chances)

    return min(_SCALES, key=loss)
