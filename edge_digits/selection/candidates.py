"""All judged hypotheses of a picture in one table, and what the classifiers say of those that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Judged
from edge_digits.runtime.model import Model
from edge_digits.runtime.probabilities import probabilities

_LEAST = 1e-4


@dataclass(frozen=True)
class Candidates:
    """N judged hypotheses of a picture, of all its maps.

    boxes: (N, 4) float32, left, top, right, bottom, in pixels of the picture. chances: (N, CLASSES) float32, the
    judge's. digits: (N, 10) float32, chances of each digit if it is one; of those that stand the geometric mean of
    the judge's and the CNN's. log_odds: (N,) float32, natural, of being the likeliest digit. strength: (N,) float32,
    contrast 0..255. is_piece: (N,) bool. transcribed: (N, 3) float32, see ``Judged``. ink: (N, 28, 28) uint8, each
    one's own. map, place: (N,) the contrast map and the hypothesis in it. size: (height, width), pixels.
    """

    boxes: NDArray[np.float32]
    chances: NDArray[np.float32]
    digits: NDArray[np.float32]
    log_odds: NDArray[np.float32]
    strength: NDArray[np.float32]
    is_piece: NDArray[np.bool_]
    transcribed: NDArray[np.float32]
    ink: NDArray[np.uint8]
    map: NDArray[np.intp]
    place: NDArray[np.intp]
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.boxes)


def gather(judged: Sequence[Judged], scales: Sequence[float], size: tuple[int, int]) -> Candidates:
    """The table of the maps ``judged``, whose pixels are ``scales`` for one of the picture's. size: of the picture."""
    parts = [_of_map(number, of_map, scale) for number, (of_map, scale) in enumerate(zip(judged, scales, strict=True))]
    return Candidates(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, size=size)


def ask_which(candidates: Candidates, index: NDArray[np.intp], classifier: Model) -> Candidates:
    """The table with what ``classifier`` says of which digit the candidates ``index`` are taken in."""
    if not len(index):
        return candidates
    theirs = probabilities(classifier.scores(candidates.ink[index]), classifier.spec.temperature)
    digits = candidates.digits.copy()
    digits[index] = in_agreement(candidates.digits[index], theirs)
    return replace(candidates, digits=digits)


def if_digits(chances: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Of the judge's chances (N, CLASSES): of being a digit, (N,), and of each digit if it is one, (N, 10)."""
    is_digit = chances[:, :REJECT].sum(axis=1)
    digits = np.maximum(chances[:, :REJECT] / np.maximum(is_digit, 1e-9)[:, None], _LEAST)
    return is_digit, digits / digits.sum(axis=1, keepdims=True)


def in_agreement(digits: NDArray[np.floating], theirs: NDArray[np.floating]) -> NDArray[np.floating]:
    """Chances (N, 10) of each digit by the judge, ``digits``, and the CNN, (N, 11): their geometric mean."""
    theirs = theirs[:, :REJECT] / np.maximum(theirs[:, :REJECT].sum(axis=1, keepdims=True), 1e-9)
    both = np.sqrt(digits * np.maximum(theirs, _LEAST))
    return both / both.sum(axis=1, keepdims=True)


def _of_map(number: int, judged: Judged, scale: float) -> dict[str, NDArray[Any]]:
    """The columns of one map."""
    hypotheses, asked = judged.hypotheses, judged.asked
    is_digit, digits = if_digits(judged.chances)
    best = np.clip(digits.max(axis=1) * is_digit, 1e-6, 1 - 1e-6)
    sides = (hypotheses.x, hypotheses.y, hypotheses.x + hypotheses.width, hypotheses.y + hypotheses.height)
    return {
        "boxes": (np.stack(sides, axis=1)[asked] / scale).astype(np.float32),
        "chances": judged.chances,
        "digits": digits.astype(np.float32),
        "log_odds": (np.log(best) - np.log(np.clip(1 - is_digit, 1e-6, 1))).astype(np.float32),
        "strength": judged.strength,
        "is_piece": hypotheses.host[asked] >= 0,
        "transcribed": judged.transcribed,
        "ink": judged.ink,
        "map": np.full(len(asked), number),
        "place": asked,
    }
