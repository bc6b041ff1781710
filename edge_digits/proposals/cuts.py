"""Cuts of wide nodes: oversegmentation at thin columns, for digits that touch (LeCun et al. 1998, section V)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.component_tree import Column, Tree


@dataclass(frozen=True)
class PieceSettings:
    """Both in heights of the node. thickest: ink of a column where a cut may go. apart: columns between two cuts, at
    least."""

    thickest: float = 0.45
    apart: float = 0.16


SETTINGS = PieceSettings()


@dataclass(frozen=True)
class Pieces:
    """M pieces of wide nodes.

    x, y, width, height, area: (M,) int32, pixels of the piece's own ink. host: index of the node that it is cut from.
    left, right: columns of the picture between which it is cut, right exclusive. first, last: of the host's cuts, its
    two sides included, the number at which the piece begins and ends. cuts: how many the host has, its sides included.
    """

    x: Column
    y: Column
    width: Column
    height: Column
    area: Column
    host: Column
    left: Column
    right: Column
    first: Column
    last: Column
    cuts: Column

    def __len__(self) -> int:
        return len(self.x)


LEAST_HEIGHT, LEAST_ASPECT = 14, 0.7
"""Pixels of a node that is worth cutting, and its width in heights."""

NARROWEST, WIDEST, LOWEST = 0.15, 1.25, 0.45
"""Of a piece: its width and height, in heights of its host."""

MOST_CUTS = 6
"""For each height of the host's width, beside two."""


def cut_wide_nodes(tree: Tree, hosts: NDArray[np.integer], proposed: Mapping[int, Sequence[int]]) -> Pieces:
    """All pieces between two cuts of each of the nodes ``hosts``, whole nodes left out. proposed: by host, columns of
    the picture where it may be cut beside those where its ink is thin."""
    nodes = tree.nodes
    rows: list[tuple[int, ...]] = []
    for host in hosts.tolist():
        x, y, w, h = (int(c[host]) for c in (nodes.x, nodes.y, nodes.width, nodes.height))
        more = [column - x for column in proposed.get(host, ()) if 0 < column - x < w]
        rows += _pieces(tree.mask(host, x, y, w, h), host, x, y, more)
    table = np.array(rows, np.int32).reshape(-1, len(fields(Pieces)))
    return Pieces(*table.T)


def wide_nodes(tree: Tree) -> NDArray[np.integer]:
    """Indices of the nodes that may be several digits."""
    n = tree.nodes
    return np.flatnonzero((n.width > LEAST_ASPECT * n.height) & (n.height >= LEAST_HEIGHT))


def _pieces(mask: NDArray[np.bool_], host: int, x: int, y: int, more: Sequence[int]) -> list[tuple[int, ...]]:
    height, width = mask.shape
    # What is proposed takes the place of what is thin nearby.
    thin = [cut for cut in _cuts(mask) if all(abs(cut - other) >= SETTINGS.apart * height for other in more)]
    places = [0, *sorted({*thin, *more}), width]
    rows = _occupied_rows(mask, places[:-1])
    ink = np.count_nonzero(mask, axis=0)
    areas = np.add.reduceat(ink, places[:-1]).tolist()
    columns = np.flatnonzero(ink)
    after = np.searchsorted(columns, places).tolist()
    columns = [*columns.tolist(), width]
    out: list[tuple[int, ...]] = []
    for i in range(len(rows)):
        inked, area = 0, 0
        for j in range(i + 1, len(places)):
            a, b = places[i], places[j]
            if b - a > WIDEST * height:
                break
            inked |= rows[j - 1]
            area += areas[j - 1]
            if j - i == len(rows) or b - a < NARROWEST * height or not inked:
                continue
            top, bottom = (inked & -inked).bit_length() - 1, inked.bit_length()
            if bottom - top < max(LOWEST * height, 10):
                continue
            left, right = columns[after[i]], columns[after[j] - 1] + 1
            box = (x + left, y + top, right - left, bottom - top, area)
            out.append((*box, host, x + a, x + b, i, j, len(places)))
    return out


def _occupied_rows(mask: NDArray[np.bool_], starts: Sequence[int]) -> list[int]:
    """Of the columns from each of ``starts`` to the next, the rows that hold ink, as bits of one number, row 0 the
    lowest: whole pieces are measured by two operations then."""
    of_each = np.packbits(np.logical_or.reduceat(mask, starts, axis=1), axis=0, bitorder="little")
    return [int.from_bytes(column.tobytes(), "little") for column in of_each.T]


def _cuts(mask: NDArray[np.bool_]) -> list[int]:
    """Columns at which the ink is thin, the thinnest first chosen, apart from each other; ascending."""
    height, width = mask.shape
    ink = mask.sum(axis=0).astype(np.float64)
    ink = np.convolve(np.pad(ink, 1, mode="edge"), (0.25, 0.5, 0.25), "valid")
    column = np.arange(width)
    # Of columns as thin as each other, the one nearer to the middle.
    order = np.argsort(ink + 0.002 * height * np.abs(column - width / 2) / width, kind="stable")
    inside = (order >= 0.18 * height) & (order <= width - 0.18 * height)
    order = order[inside & (ink[order] <= SETTINGS.thickest * height)]
    most = 2 + round(MOST_CUTS * 0.5 * width / height)
    chosen: list[int] = []
    while len(order) and len(chosen) < most:
        cut = int(order[0])
        chosen.append(cut)
        order = order[np.abs(order - cut) >= SETTINGS.apart * height]
    return sorted(chosen)
