"""Cuts of wide nodes: pieces between thin columns, whatever they hold."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.proposals.cuts import wide_nodes
from edge_digits.proposals.hypotheses import Hypotheses, find_nodes, with_pieces
from edge_digits.types import Image


def _blocks(count: int) -> Image:
    """Contrast with ``count`` blocks 16 wide and 30 high, joined by bridges 6 wide and 3 high."""
    contrast = np.zeros((60, 40 + 22 * count), np.uint8)
    contrast[28:31, 20 : 20 + 22 * count - 6] = 200
    for k in range(count):
        contrast[15:45, 20 + 22 * k : 36 + 22 * k] = 200
    return contrast


def _cut(count: int) -> Hypotheses:
    nodes = find_nodes(_blocks(count))
    return with_pieces(nodes, wide_nodes(nodes.tree))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_every_block_of_a_chain_is_a_piece(count: int) -> None:
    found = _cut(count)
    pieces = np.flatnonzero(found.host >= 0)
    for k in range(count):
        left = np.abs(found.x[pieces] - (20 + 22 * k))
        right = np.abs(found.x[pieces] + found.width[pieces] - (36 + 22 * k))
        assert ((left <= 6) & (right <= 6)).any()


def test_pieces_of_one_host_form_chains_from_its_left_to_its_right() -> None:
    found = _cut(3)
    pieces = np.flatnonzero(found.host >= 0)
    assert found.first[pieces].min() == 0
    assert (found.last[pieces] > found.first[pieces]).all()
    assert found.last[pieces].max() == found.cuts[pieces[0]] - 1


def test_a_piece_holds_its_hosts_ink_between_its_cuts_alone() -> None:
    contrast = _blocks(3)
    # The second block begins further down, the third ends further up.
    contrast[:22, 42:58] = 0
    contrast[38:, 64:80] = 0
    nodes = find_nodes(contrast)
    found = with_pieces(nodes, wide_nodes(nodes.tree))
    pieces = np.flatnonzero(found.host >= 0)
    for i in pieces.tolist():
        mask = found.mask(i, 0, 0, found.contrast.shape[1], found.contrast.shape[0])
        columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
        assert columns[0] == found.x[i] >= found.left[i]
        assert columns[-1] == found.x[i] + found.width[i] - 1 < found.right[i]
        assert (rows[0], rows[-1] - rows[0] + 1) == (found.y[i], found.height[i])
        assert mask.sum() == found.area[i]
    assert len(set(found.y[pieces].tolist())) > 1
    assert len(set((found.y + found.height)[pieces].tolist())) > 1


def test_what_is_narrow_is_not_cut() -> None:
    contrast = np.zeros((80, 80), np.uint8)
    contrast[20:60, 30:50] = 200
    assert not len(wide_nodes(find_nodes(contrast).tree))
