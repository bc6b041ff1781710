"""Component tree (extremal regions) of a contrast map at a ladder of thresholds, as columns of arrays.

A connected component at one threshold lies in exactly one at the next lower (Matas et al. 2002; Neumann & Matas 2012
for text). A digit that is torn at one threshold is whole at another; one that hangs on a line at a low threshold stands
free at a higher one. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.components import Components, find_components
from edge_digits.types import Image

Column = NDArray[np.int32]


@dataclass(frozen=True)
class TreeSettings:
    """Which extremal regions are looked at.

    lowest, ratio, steps: the ladder of thresholds, contrast 0..255, geometric; the judge is trained behind it, and its
    spec holds it. least_change: a component is another hypothesis than its ancestor where it has lost this share of its
    pixels, or its box has moved.
    """

    lowest: float = 9.0
    ratio: float = 1.55
    steps: int = 7
    least_change: float = 0.4

    def ladder(self) -> tuple[int, ...]:
        """The thresholds, ascending."""
        return tuple(round(self.lowest * self.ratio**step) for step in range(self.steps))


SETTINGS = TreeSettings()

LEAST_HEIGHT = 10
"""Pixels of a digit."""

WIDEST, TALLEST = 16, 30
"""Width in heights of a row that is written in one, and height in widths of a 1: beyond them there is no digit."""

FOR_EACH, FEWEST = 1000, 300
"""A level of the tree has a node for so many pixels at most, the tallest, and never fewer than these: noise is
bounded."""


@dataclass(frozen=True)
class Nodes:
    """N nodes of a tree, parents before their children.

    x, y, width, height, area: (N,) int32, pixels. level: index of the threshold. parent: index of the nearest ancestor
    that is a node, -1 at a root.
    """

    x: Column
    y: Column
    width: Column
    height: Column
    area: Column
    level: Column
    parent: Column

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Tree:
    """nodes: the tree. innermost: (H, W) uint16, the number of the innermost node that a pixel belongs to, counted from
    1, 0 for none. order: (N + 1,) the nodes' places in a depth-first order by that number, -1 for none; what lies in
    node i has places from order[i + 1] on, below last[i]. thresholds: contrast above which a pixel belongs to a
    level's nodes."""

    nodes: Nodes
    innermost: NDArray[np.uint16]
    order: Column
    last: Column
    thresholds: tuple[int, ...]

    def mask(self, node: int, x: int, y: int, width: int, height: int) -> NDArray[np.bool_]:
        """Which pixels of a window inside the picture belong to a node: (height, width) bool."""
        place = self.order[self.innermost[y : y + height, x : x + width]]
        return (place >= self.order[node + 1]) & (place < self.last[node])


def component_tree(contrast: Image, least_height: int = LEAST_HEIGHT) -> Tree:
    """The tree of ``contrast`` (H, W) uint8, the share of the paper's light that is missing, 255 = all. least_height:
    of a node, pixels."""
    thresholds = SETTINGS.ladder()
    innermost = np.zeros(contrast.shape, np.uint16)
    most = max(FEWEST, contrast.size // FOR_EACH)
    table = np.zeros((0, len(fields(Nodes))), np.int32)
    for level, (components, draw) in enumerate(find_components(contrast, thresholds, least_height)):
        above = innermost[components.y, components.first_x].astype(np.int32) - 1
        keep = _possible(components, contrast.shape) & _changed(components, table, above, SETTINGS.least_change)
        index = np.flatnonzero(keep)
        if len(index) > most:
            index = np.sort(index[np.argsort(-components.height[index], kind="stable")[:most]])
        if len(index):
            draw(innermost, index, len(table) + 1)
            levels = np.full(len(components), level, np.int32)
            columns = (components.x, components.y, components.width, components.height, components.area, levels, above)
            table = np.concatenate([table, np.stack(columns, axis=1)[index]])
    nodes = Nodes(*np.ascontiguousarray(table.T))
    return Tree(nodes, innermost, *_depth_first(nodes.parent), thresholds)


def _possible(components: Components, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(N,) bool: which could be a digit or digits written in one, by their boxes alone."""
    whole = (components.width >= shape[1]) & (components.height >= shape[0])
    return (components.width <= WIDEST * components.height) & (components.height <= TALLEST * components.width) & ~whole


def _changed(components: Components, table: NDArray[np.int32], above: Column, least_change: float) -> NDArray[np.bool_]:
    """(N,) bool: which differ from their nearest ancestor that is a node. table: (M, 7) the nodes' columns."""
    if not len(table):
        return np.ones(len(components), np.bool_)
    x, y, width, height, area = table[np.maximum(above, 0), :5].T
    moved = (np.abs(components.x - x) > 1) | (np.abs(components.y - y) > 1)
    shrunk = (np.abs(components.width - width) > 2) | (np.abs(components.height - height) > 2)
    return moved | shrunk | (components.area < (1 - least_change) * area) | (above < 0)


def _depth_first(parent: Column) -> tuple[Column, Column]:
    """``Tree.order`` and ``Tree.last``. parent: (N,), parents before their children."""
    parents = parent.tolist()
    sizes = [1] * len(parents)
    for node in range(len(parents) - 1, -1, -1):
        if parents[node] >= 0:
            sizes[parents[node]] += sizes[node]
    order, free, roots = [0] * len(parents), [0] * len(parents), 0
    for node, above in enumerate(parents):
        if above < 0:
            order[node], roots = roots, roots + sizes[node]
        else:
            order[node], free[above] = free[above], free[above] + sizes[node]
        free[node] = order[node] + 1
    last = np.array(order, np.int32) + np.array(sizes, np.int32)
    return np.array([-1, *order], np.int32), last.astype(np.int32)
