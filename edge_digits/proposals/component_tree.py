"""Component tree (extremal regions) of a contrast map at a ladder of thresholds, as columns of arrays.

A connected component at one threshold lies in exactly one at the next lower (Matas et al. 2002; Neumann & Matas 2012
for text). A digit that is torn at one threshold is whole at another; one that hangs on a line at a low threshold stands
free at a higher one. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image, as_image

Labels = NDArray[np.int32]
Column = NDArray[np.int32]


@dataclass(frozen=True)
class TreeSettings:
    """Which extremal regions are looked at.

    lowest, ratio, steps: the ladder of thresholds, contrast 0..255, geometric. least_height: pixels of a digit.
    least_change: a node is another hypothesis than its ancestor where it has lost this share of the ancestor's area, or
    its box has moved.
    """

    lowest: float = 9.0
    ratio: float = 1.4
    steps: int = 9
    least_height: int = 10
    least_change: float = 0.2

    def ladder(self) -> tuple[int, ...]:
        """The thresholds, ascending."""
        return tuple(round(self.lowest * self.ratio**step) for step in range(self.steps))


SETTINGS = TreeSettings()

WIDEST, TALLEST = 16, 30
"""Width in heights of a row that is written in one, and height in widths of a 1: beyond them there is no digit."""

FOR_EACH, FEWEST = 1000, 300
"""A level of the tree has a node for so many pixels at most, the tallest, and never fewer than these: noise is
bounded."""


@dataclass(frozen=True)
class Nodes:
    """N nodes of a tree, parents before their children.

    x, y, width, height, area: (N,) int32, pixels. level: index of the threshold. label: of the component in the
    level's label picture. parent: index of the nearest ancestor that is a node, -1 at a root.
    """

    x: Column
    y: Column
    width: Column
    height: Column
    area: Column
    level: Column
    label: Column
    parent: Column

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Tree:
    """nodes: the tree. labels: for each threshold the label picture (H, W) int32, 0 where the contrast is lower.
    thresholds: contrast above which a pixel belongs to a level's components."""

    nodes: Nodes
    labels: tuple[Labels, ...]
    thresholds: tuple[int, ...]


def component_tree(contrast: Image, settings: TreeSettings = SETTINGS) -> Tree:
    """The tree of ``contrast`` (H, W) uint8, the share of the paper's light that is missing, 255 = all."""
    thresholds = settings.ladder()
    labels: list[Labels] = []
    levels: list[Nodes] = []
    count = 0
    nearest: Column = np.full(1, -1, np.int32)
    for level, threshold in enumerate(thresholds):
        own, measured, first = _components(contrast, threshold)
        above = nearest[labels[-1][measured.y, first]] if labels else np.full(len(measured), -1, np.int32)
        labels.append(own)
        parents = levels_so_far(levels)
        keep = _possible(measured, contrast.shape, settings) & _changed(measured, parents, above, settings)
        index = np.flatnonzero(keep)
        most = max(FEWEST, contrast.size // FOR_EACH)
        if len(index) > most:
            index = np.sort(index[np.argsort(-measured.height[index], kind="stable")[:most]])
        kept = Nodes(*(getattr(measured, f.name)[index] for f in fields(Nodes)))
        levels.append(_with(kept, level, above[index]))
        nearest = np.full(len(measured) + 1, -1, np.int32)
        nearest[measured.label] = above
        nearest[measured.label[index]] = count + np.arange(len(index), dtype=np.int32)
        count += len(index)
        if not len(measured):
            break
    return Tree(levels_so_far(levels), tuple(labels), thresholds[: len(labels)])


def levels_so_far(levels: list[Nodes]) -> Nodes:
    """The nodes of several levels as one table."""
    if not levels:
        return Nodes(*(np.zeros(0, np.int32) for _ in fields(Nodes)))
    return Nodes(*(np.concatenate([getattr(level, f.name) for level in levels]) for f in fields(Nodes)))


def _with(nodes: Nodes, level: int, parent: Column) -> Nodes:
    return Nodes(
        nodes.x, nodes.y, nodes.width, nodes.height, nodes.area, np.full_like(nodes.x, level), nodes.label, parent
    )


def _possible(nodes: Nodes, shape: tuple[int, ...], settings: TreeSettings) -> NDArray[np.bool_]:
    """(N,) bool: which could be a digit or digits written in one, by their boxes alone."""
    height, width = shape
    whole = (nodes.width >= width) & (nodes.height >= height)
    return (
        (nodes.height >= settings.least_height)
        & (nodes.width <= WIDEST * nodes.height)
        & (nodes.height <= TALLEST * nodes.width)
        & ~whole
    )


def _changed(nodes: Nodes, all_nodes: Nodes, above: Column, settings: TreeSettings) -> NDArray[np.bool_]:
    """(N,) bool: which differ from their nearest ancestor that is a node."""
    if not len(all_nodes):
        return np.ones(len(nodes), np.bool_)
    a = np.maximum(above, 0)
    moved = (
        (np.abs(nodes.x - all_nodes.x[a]) > 1)
        | (np.abs(nodes.y - all_nodes.y[a]) > 1)
        | (np.abs(nodes.width - all_nodes.width[a]) > 2)
        | (np.abs(nodes.height - all_nodes.height[a]) > 2)
    )
    lost = nodes.area < (1 - settings.least_change) * all_nodes.area[a]
    return moved | lost | (above < 0)


def _components(contrast: Image, threshold: int) -> tuple[Labels, Nodes, Column]:
    """All 8-connected components above ``threshold``, in the order of their labels, and a column of each in its first
    row.

    Measured from the runs along the rows, of which there are few: OpenCV's own statistics go through the picture pixel
    by pixel and take several times as long as finding the components.
    """
    binary = cv2.threshold(contrast, threshold, 255, cv2.THRESH_BINARY)[1]
    count, labels = cv2.connectedComponentsWithAlgorithm(binary, 8, cv2.CV_32S, cv2.CCL_GRANA)
    labels = np.asarray(labels, np.int32)
    empty = np.zeros(0, np.int32)
    if count == 1:
        return labels, Nodes(*(empty for _ in fields(Nodes))), empty
    framed = cv2.copyMakeBorder(as_image(binary), 0, 0, 1, 1, cv2.BORDER_CONSTANT)
    ends = np.flatnonzero(cv2.bitwise_xor(framed[:, 1:], framed[:, :-1]).view(np.bool_)).astype(np.int32)
    y, left = np.divmod(ends[::2], np.int32(binary.shape[1] + 1))
    length = ends[1::2] - ends[::2]
    label = labels[y, left]
    area = np.bincount(label, length)[1:]
    order = np.argsort(label, kind="stable")
    y, left, right = y[order], left[order], (left + length)[order]
    last = np.cumsum(np.bincount(label)[1:]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    x = np.minimum.reduceat(left, first)
    width = np.maximum.reduceat(right, first) - x
    columns = (x, y[first], width, y[last] + 1 - y[first], area)
    zeros, own = np.zeros(count - 1, np.int32), np.arange(1, count, dtype=np.int32)
    measured = Nodes(*(c.astype(np.int32) for c in (*columns, zeros, own, zeros)))
    return labels, measured, left[first].astype(np.int32)
