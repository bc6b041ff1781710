"""The judge's two stages: a small network leaves few hypotheses to a larger one (a cascade; Viola & Jones 2001)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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

ProposeCuts = Callable[[Hypotheses, int, float], list[int]]
"""Takes hypotheses, the index of one that may be several digits, and its contrast; gives columns of the map where it
may be cut."""


@dataclass(frozen=True)
class Judged:
    """What the judge says. hypotheses: with the pieces of wide nodes. pyramid: of their contrast. asked:
    (A,) indices of those that the second stage has seen, ascending. chances: (A, CLASSES) float32, calibrated. ink:
    (A, 28, 28) uint8, each one's own ink as the CNN sees it. strength: (A,) float32, contrast 0..255."""

    hypotheses: Hypotheses
    pyramid: Pyramid
    asked: NDArray[np.intp]
    chances: NDArray[np.float32]
    ink: NDArray[np.uint8]
    strength: NDArray[np.float32]


def judge(
    nodes: Hypotheses,
    first: Model,
    second: Model,
    propose_cuts: ProposeCuts | None = None,
    index: NDArray[np.intp] | None = None,
) -> Judged:
    """Ask the judge about ``nodes``, and about the pieces of those that may be several digits, cut where the ink is
    thin and where ``propose_cuts`` says. index: the nodes that are asked about; None are all."""
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
    proposed = {}
    if propose_cuts is not None:
        proposed = {host: propose_cuts(nodes, host, float(strength[host])) for host in hosts.tolist()}
    hypotheses = with_pieces(nodes, hosts, proposed)
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
    )


def _second(
    hypotheses: Hypotheses, of: Pyramid, index: NDArray[np.intp], strength: NDArray[np.float32], second: Model
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Chances (N, CLASSES) of the hypotheses ``index``, and their ink (N, 28, 28)."""
    if not len(index):
        return np.zeros((0, CLASSES), np.float32), np.zeros((0, 28, 28), np.uint8)
    ink = normalized_ink(hypotheses, of, index, strength)
    views = judge_input(ink, second_views(hypotheses, of, index, strength))
    return probabilities(second.scores(views), second.spec.temperature), ink
