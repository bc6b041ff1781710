"""Which hypotheses stand: the best cut of each map's tree, and of what overlaps between maps the worthier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge.cascade import Judged
from edge_digits.selection.candidates import Candidates
from edge_digits.selection.overlaps import without_overlaps
from edge_digits.selection.tree_cut import best_cut


def choose(candidates: Candidates, judged: Sequence[Judged], worth: NDArray[np.floating]) -> NDArray[np.intp]:
    """Indices of the candidates that stand. worth: (N,) natural log-odds of each being a digit."""
    standing: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
    for number, of_map in enumerate(judged):
        in_map = np.flatnonzero(candidates.map == number)
        of_all = np.full(len(of_map.hypotheses), -np.inf)
        of_all[candidates.place[in_map]] = worth[in_map]
        index = np.full(len(of_map.hypotheses), -1, np.intp)
        index[candidates.place[in_map]] = in_map
        standing.append(index[np.array(best_cut(of_map.hypotheses, of_all), np.intp)])
    return without_overlaps(candidates.boxes, worth, np.concatenate(standing))
