"""The judge's two stages: a small network leaves few hypotheses to a larger one (a cascade; Viola & Jones 2001)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge_classes import CLASSES, SEVERAL
from edge_digits.model_input.context import Pyramid, pyramid
from edge_digits.model_input.ink import normalized_ink
from edge_digits.model_input.views import first_views, judge_input, second_views
from edge_digits.proposals.cuts import wide_nodes
from edge_digits.proposals.hypotheses import Hypotheses, with_pieces
from edge_digits.runtime.model import Model
from edge_digits.runtime.probabilities import probabilities


@dataclass(frozen=True)
class CascadeSettings:
    """least_first: chance of being anything, by the first stage, from which the second looks at a node. least_several:
    chance of being several digits from which a wide node is cut."""

    least_first: float = 0.3
    least_several: float = 0.1


SETTINGS = CascadeSettings()


@dataclass(frozen=True)
class Transcription:
    """What a line reader makes of a hypothesis that may be several digits. cuts: columns of the map between what it
    reads there. confidences: chance of each; none where it is one digit, or some of it is none."""

    cuts: list[int]
    confidences: list[float]


Transcribe = Callable[[Hypotheses, int, float], Transcription]
"""Takes hypotheses, the index of one that may be several digits, and its contrast."""


@dataclass(frozen=True)
class Judged:
    """What the judge says. hypotheses: with the pieces of wide nodes. pyramid: of their contrast. asked:
    (A,) indices of those that the second stage has seen, ascending. chances: (A, CLASSES) float32, calibrated. ink:
    (A, 28, 28) uint8, each one's own ink as the CNN sees it. strength: (A,) float32, contrast 0..255. transcribed:
    (A, 3) float32, of a piece that a line reader reads as one of its host's digits: the chance of it, the product of
    all digits' chances, and the judge's chance of the host being several; the first is -1 of another piece of such a
    host; else zeros."""

    hypotheses: Hypotheses
    pyramid: Pyramid
    asked: NDArray[np.intp]
    chances: NDArray[np.float32]
    ink: NDArray[np.uint8]
    strength: NDArray[np.float32]
    transcribed: NDArray[np.float32]


def judge(
    nodes: Hypotheses,
    first: Model,
    second: Model,
    transcribe: Transcribe | None = None,
    index: NDArray[np.intp] | None = None,
) -> Judged:
    """Ask the judge about ``nodes``, and about the pieces of those that may be several digits, cut where the ink is
    thin and where ``transcribe`` parts its digits. index: the nodes that are asked about; None are all."""
    of = pyramid(nodes.contrast)
    index = np.arange(len(nodes)) if index is None else index
    strength = np.zeros(len(nodes), np.float32)
    views, strength[index] = first_views(nodes, of, index)
    anything = probabilities(first.scores(views), first.spec.temperature)[:, 1]
    asked = index[anything > SETTINGS.least_first]
    chances, ink = _second(nodes, of, asked, strength[asked], second)
    several = np.zeros(len(nodes), np.float32)
    several[asked] = chances[:, SEVERAL]
    wide = wide_nodes(nodes.tree)
    hosts = wide[several[wide] > SETTINGS.least_several]
    transcriptions: dict[int, Transcription] = {}
    if transcribe is not None:
        transcriptions = {host: transcribe(nodes, host, float(strength[host])) for host in hosts.tolist()}
    hypotheses = with_pieces(nodes, hosts, {host: transcription.cuts for host, transcription in transcriptions.items()})
    pieces = np.arange(len(nodes), len(hypotheses))
    of_host = strength[hypotheses.host[pieces]]
    piece_chances, piece_ink = _second(hypotheses, of, pieces, of_host, second)
    return Judged(
        hypotheses,
        of,
        np.concatenate([asked, pieces]),
        np.concatenate([chances, piece_chances]),
        np.concatenate([ink, piece_ink]),
        np.concatenate([strength[asked], of_host]),
        np.concatenate(
            [np.zeros((len(asked), 3), np.float32), _transcribed(hypotheses, pieces, transcriptions, several)]
        ),
    )


def _transcribed(
    hypotheses: Hypotheses,
    pieces: NDArray[np.intp],
    transcriptions: Mapping[int, Transcription],
    several: NDArray[np.float32],
) -> NDArray[np.float32]:
    """``Judged.transcribed`` of ``pieces``. several: (N,) chance of each node being several digits."""
    out = np.zeros((len(pieces), 3), np.float32)
    if not transcriptions:
        return out
    digits: dict[tuple[int, int, int], tuple[float, float, float]] = {}
    for host, transcription in transcriptions.items():
        left, together = int(hypotheses.x[host]), math.prod(transcription.confidences)
        bounds = pairwise([left, *transcription.cuts, left + int(hypotheses.width[host])])
        for (start, end), chance in zip(bounds, transcription.confidences, strict=False):
            digits[host, start, end] = (chance, together, float(several[host]))
    columns = (hypotheses.host[pieces], hypotheses.left[pieces], hypotheses.right[pieces])
    for row, key in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        out[row] = digits.get(key, (-1.0, 0.0, 0.0))
    return out


def _second(
    hypotheses: Hypotheses, of: Pyramid, index: NDArray[np.intp], strength: NDArray[np.float32], second: Model
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Chances (N, CLASSES) of the hypotheses ``index``, and their ink (N, 28, 28)."""
    if not len(index):
        return np.zeros((0, CLASSES), np.float32), np.zeros((0, 28, 28), np.uint8)
    ink = normalized_ink(hypotheses, of, index, strength)
    views = judge_input(ink, second_views(hypotheses, of, index, strength))
    return probabilities(second.scores(views), second.spec.temperature), ink
