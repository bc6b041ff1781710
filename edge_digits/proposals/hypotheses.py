"""Hypotheses of a picture: nodes of its component trees and pieces of wide nodes, as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.component_tree import LEAST_HEIGHT, Column, Tree, component_tree
from edge_digits.proposals.cuts import cut_wide_nodes
from edge_digits.types import Image


@dataclass(frozen=True)
class Hypotheses:
    """N boxes of ink that could be a digit, in one map of contrast; parents before children, pieces behind the nodes.

    contrast: (H, W) uint8. tree: the component tree of it. x, y, width, height, area: (N,) int32, pixels. level: of the
    node that the ink belongs to. parent: index of the nearest ancestor, -1 at a root and for pieces. host:
    for a piece the node that it is cut from, else -1. left, right: columns between which a piece is cut. first, last,
    cuts: numbers of a piece's two cuts, and how many its host has.
    """

    contrast: Image
    tree: Tree
    x: Column
    y: Column
    width: Column
    height: Column
    area: Column
    level: Column
    parent: Column
    host: Column
    left: Column
    right: Column
    first: Column
    last: Column
    cuts: Column

    def __len__(self) -> int:
        return len(self.x)

    @property
    def node(self) -> Column:
        """(N,) int32: the node that each one's ink belongs to, itself or its host."""
        return np.where(self.host < 0, np.arange(len(self), dtype=np.int32), self.host)

    def mask(self, index: int, x: int, y: int, width: int, height: int) -> NDArray[np.bool_]:
        """Which pixels of a window inside the picture are the hypothesis's own: (height, width) bool."""
        host = int(self.host[index])
        mask = self.tree.mask(index if host < 0 else host, x, y, width, height)
        if host >= 0:
            mask[:, : max(0, self.left[index] - x)] = False
            mask[:, max(0, self.right[index] - x) :] = False
        return mask


def find_nodes(contrast: Image, least_height: int = LEAST_HEIGHT) -> Hypotheses:
    """The nodes of the component tree of ``contrast`` (H, W) uint8, the share of the paper's light that is missing,
    255 = all. least_height: of a node, pixels."""
    tree = component_tree(contrast, least_height)
    n = tree.nodes
    none, zero = np.full(len(n), -1, np.int32), np.zeros(len(n), np.int32)
    columns = (n.x, n.y, n.width, n.height, n.area, n.level, n.parent)
    return Hypotheses(contrast, tree, *columns, none, n.x, n.x + n.width, zero, zero, zero)


def with_pieces(
    hypotheses: Hypotheses, hosts: NDArray[np.integer], proposed: Mapping[int, Sequence[int]] | None = None
) -> Hypotheses:
    """The same with the pieces of the nodes ``hosts`` behind the nodes. proposed: by host, columns where it may be cut
    beside those where its ink is thin."""
    pieces = cut_wide_nodes(hypotheses.tree, hosts, proposed or {})
    host = pieces.host
    more = {
        **{f.name: getattr(pieces, f.name) for f in fields(pieces)},
        "level": hypotheses.level[host],
        "parent": np.full(len(pieces), -1, np.int32),
    }
    columns = (f.name for f in fields(Hypotheses) if f.name not in ("contrast", "tree"))
    return Hypotheses(
        hypotheses.contrast,
        hypotheses.tree,
        *(np.concatenate([getattr(hypotheses, name), more[name]]) for name in columns),
    )
