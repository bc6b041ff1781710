"""The cut of the tree: of nested hypotheses, those that are worth most together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.hypotheses import Hypotheses, find_nodes, with_pieces
from edge_digits.selection.tree_cut import SETTINGS, best_cut


def _page() -> Hypotheses:
    """Two bars that a faint bridge joins: node 0 is both, 1 and 2 each; then the pieces of 0."""
    contrast = np.zeros((80, 100), np.uint8)
    contrast[20:60, 20:28] = contrast[20:60, 50:58] = 200
    contrast[38:42, 28:50] = 30
    nodes = find_nodes(contrast)
    assert nodes.parent.tolist() == [-1, 0, 0]
    return with_pieces(nodes, np.array([0]))


def _worth(found: Hypotheses, **of: float) -> NDArray[np.float64]:
    worth = np.full(len(found), -np.inf)
    for name, value in of.items():
        worth[int(name[1:])] = value
    return worth


def test_the_children_stand_where_they_are_worth_more_than_their_parent() -> None:
    found = _page()
    assert sorted(best_cut(found, _worth(found, n0=3.0, n1=2.0, n2=2.0))) == [1, 2]


def test_the_parent_stands_where_it_is_worth_more() -> None:
    found = _page()
    assert best_cut(found, _worth(found, n0=5.0, n1=2.0, n2=2.0)) == [0]


def test_what_is_likelier_none_never_stands() -> None:
    found = _page()
    assert best_cut(found, _worth(found, n0=-1.0, n1=-2.0, n2=-0.1)) == []


def test_a_node_that_was_not_asked_hands_its_children_on() -> None:
    found = _page()
    assert sorted(best_cut(found, _worth(found, n1=2.0, n2=1.0))) == [1, 2]


def test_pieces_stand_where_they_are_worth_more_than_what_they_cost() -> None:
    found = _page()
    pieces = np.flatnonzero(found.host >= 0)
    first = pieces[found.first[pieces] == 0]
    left = int(first[np.argmin(found.width[first])])
    right = int(pieces[(found.first[pieces] == found.last[left]) & (found.last[pieces] == found.cuts[left] - 1)][0])
    worth = _worth(found, n0=3.0)
    worth[[left, right]] = 4.0
    assert sorted(best_cut(found, worth)) == sorted([left, right])
    worth[[left, right]] = 1.4 + SETTINGS.piece_cost
    assert best_cut(found, worth) == [0]
