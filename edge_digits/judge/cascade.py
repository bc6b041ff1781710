"""The judge's two stages: a small network leaves few hypotheses to a larger one (a cascade; Viola & Jones 2001)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.alignment import align, likeliest
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

_LEAST_FIT = 1e-4
"""The judge's chances are cut off there where pieces are fitted to digits: one that it does not know spoils no path."""


@dataclass(frozen=True)
class Transcription:
    """What a line reader makes of a hypothesis that may be several digits. cuts: columns of the map between what it
    reads there. digits: 0..9, from left to right, and confidences: chance of each; none where it is one digit, or some
    of it is none."""

    cuts: list[int]
    digits: list[int]
    confidences: list[float]


Transcribe = Callable[[Hypotheses, int, float], Transcription]
"""Takes hypotheses, the index of one that may be several digits, and its contrast."""


TRANSCRIBED = np.dtype([("chance", "f4"), ("all", "f4"), ("several", "f4"), ("fit", "f4"), ("digit", "i1")])
"""What a line reader says of a piece, where it is the one that fits one of the digits best that are read in its host.
chance: of that digit; all: of all of them, the product. several: the judge's chance of the host being several digits;
fit: its log-chance of all such pieces being what is read, above that of the likeliest digits of any number, at most 0.
digit: 0..9. Of another piece of a host that is read, or of one whose reading is likelier wrong than right, chance is -1; all else is
zero."""


@dataclass(frozen=True)
class Judged:
    """What the judge says. hypotheses: with the pieces of wide nodes. pyramid: of their contrast. asked:
    (A,) indices of those that the second stage has seen, ascending. chances: (A, CLASSES) float32, calibrated. ink:
    (A, 28, 28) uint8, each one's own ink as the CNN sees it. strength: (A,) float32, contrast 0..255. transcribed:
    (A,) TRANSCRIBED, what a line reader says of pieces."""

    hypotheses: Hypotheses
    pyramid: Pyramid
    asked: NDArray[np.intp]
    chances: NDArray[np.float32]
    ink: NDArray[np.uint8]
    strength: NDArray[np.float32]
    transcribed: NDArray[np.void]


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
    heard = _transcribed(hypotheses, pieces, piece_chances, transcriptions, several)
    return Judged(
        hypotheses,
        of,
        np.concatenate([asked, pieces]),
        np.concatenate([chances, piece_chances]),
        np.concatenate([ink, piece_ink]),
        np.concatenate([strength[asked], of_host]),
        np.concatenate([np.zeros(len(asked), TRANSCRIBED), heard]),
    )


def _transcribed(
    hypotheses: Hypotheses,
    pieces: NDArray[np.intp],
    chances: NDArray[np.float32],
    transcriptions: Mapping[int, Transcription],
    several: NDArray[np.float32],
) -> NDArray[np.void]:
    """``Judged.transcribed`` of ``pieces``. chances: (P, CLASSES), theirs. several: (N,) chance of each node being
    several digits."""
    out = np.zeros(len(pieces), TRANSCRIBED)
    hosts, left, right = (column[pieces] for column in (hypotheses.host, hypotheses.left, hypotheses.right))
    for host, transcription in transcriptions.items():
        mine = np.flatnonzero(hosts == host)
        out["chance"][mine] = -1.0
        together = math.prod(transcription.confidences)
        # A reading that is likelier wrong than right tells no more than that the host is read otherwise.
        if not transcription.digits or together <= 0.5:
            continue
        digits = np.log(np.maximum(chances[mine, :REJECT], _LEAST_FIT))
        fitting = digits[:, transcription.digits]
        path = align(left[mine], right[mine], fitting)
        if path is None:
            continue
        read = mine[path]
        out["chance"][read], out["digit"][read] = transcription.confidences, transcription.digits
        out["all"][read], out["several"][read] = together, several[host]
        total = float(fitting[path, np.arange(len(path))].sum())
        out["fit"][read] = total - likeliest(left[mine], right[mine], digits.max(axis=1))
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
