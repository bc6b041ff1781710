"""Best cut of the component tree by dynamic programming: of nested hypotheses, those that are worth most together.

From the leaves up, a node stands, or what is best below it does, or the best way to cut it into pieces, by Viterbi over
its cuts (Neumann & Matas 2012 choose extremal regions along branches; LeCun et al. 1998, section V, between cuts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.hypotheses import Hypotheses


@dataclass(frozen=True)
class CutSettings:
    """piece_cost: nats that each piece costs, for most components are one digit."""

    piece_cost: float = 0.3


SETTINGS = CutSettings()


def best_cut(hypotheses: Hypotheses, worth: NDArray[np.floating]) -> list[int]:
    """Indices of the hypotheses that stand. worth: (N,), log-odds of each being a digit, -inf where it was not asked;
    what is not above 0 never stands."""
    best: dict[int, float] = {}
    pick: dict[int, list[int]] = {}
    pieces: dict[int, list[int]] = {}
    for index in np.flatnonzero((hypotheses.host >= 0) & np.isfinite(worth)).tolist():
        pieces.setdefault(int(hypotheses.host[index]), []).append(index)
    below: dict[int, list[int]] = {}
    asked = np.zeros(len(hypotheses), np.bool_)
    asked[np.flatnonzero((hypotheses.host < 0) & (worth > 0))] = True
    asked[list(pieces)] = True
    nodes = np.flatnonzero(asked)
    roots: list[int] = []
    parent = hypotheses.parent
    for index in nodes.tolist():
        above = int(parent[index])
        while above >= 0 and not asked[above]:
            above = int(parent[above])
        (below.setdefault(above, []) if above >= 0 else roots).append(index)
    for index in nodes[::-1].tolist():
        children = below.get(index, [])
        value, chosen = sum(best[c] for c in children), [i for c in children for i in pick[c]]
        if index in pieces:
            cut_value, cut = _best_pieces(hypotheses, worth, pieces[index])
            if cut_value > value:
                value, chosen = cut_value, cut
        if worth[index] > 0 and worth[index] >= value:
            value, chosen = float(worth[index]), [index]
        best[index], pick[index] = value, chosen
    return [i for root in roots for i in pick[root]]


def _best_pieces(hypotheses: Hypotheses, worth: NDArray[np.floating], pieces: list[int]) -> tuple[float, list[int]]:
    """Worth of the best pieces of one node, and which they are; ink between them may be left out."""
    cuts = int(hypotheses.cuts[pieces[0]])
    value = [0.0] * cuts
    came: list[int | None] = [None] * cuts
    ending: dict[int, list[int]] = {}
    for piece in pieces:
        ending.setdefault(int(hypotheses.last[piece]), []).append(piece)
    for cut in range(1, cuts):
        value[cut] = value[cut - 1]
        for piece in ending.get(cut, []):
            here = value[int(hypotheses.first[piece])] + float(worth[piece]) - SETTINGS.piece_cost
            if here > value[cut]:
                value[cut], came[cut] = here, piece
    chosen: list[int] = []
    cut = cuts - 1
    while cut > 0:
        piece = came[cut]
        if piece is None:
            cut -= 1
        else:
            chosen.append(piece)
            cut = int(hypotheses.first[piece])
    return value[-1], chosen
