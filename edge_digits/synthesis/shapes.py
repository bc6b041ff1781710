"""Written characters as pen trajectories: control points, the ways in which writers vary them, and smooth
splines.

A character is one line of text: strokes are divided by ``|``, control points by spaces, and ``!`` behind a
point makes it a corner. A mode moves some points (``index:x,y``) as some writers do; modes are independent
and mix freely, so that a handful of them spans many ways to write the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
"""(N, 2) x to the right and y down."""

_STEPS = 7
"""Spline samples between two control points."""


@dataclass(frozen=True, eq=False)
class Shape:
    """One way to write a character.

    points: (n, 2) control points of all strokes. modes: (m, n, 2) displacements, each applied by 0..1 of it.
    basis: (samples, n) spline matrix. ends: for each stroke the index past its last sample. weight: how often
    writers choose it among the character's shapes.
    """

    points: Points
    modes: NDArray[np.float32]
    basis: NDArray[np.float32]
    ends: tuple[int, ...]
    weight: float


def shape(text: str, *modes: str, weight: float = 1.0) -> Shape:
    """Parse a character and its modes (format: see the module)."""
    strokes = [stroke.split() for stroke in text.split("|")]
    tokens = [token for stroke in strokes for token in stroke]
    points = np.array([_point(token) for token in tokens], np.float32)
    moved = np.zeros((len(modes), len(points), 2), np.float32)
    for row, mode in zip(moved, modes, strict=True):
        for token in mode.split():
            index, _, target = token.partition(":")
            row[int(index)] = np.subtract(_point(target), points[int(index)])
    bases = [_stroke_basis([token.endswith("!") for token in stroke]) for stroke in strokes]
    basis = np.zeros((sum(map(len, bases)), len(points)), np.float32)
    row, column, ends = 0, 0, []
    for part in bases:
        basis[row : row + part.shape[0], column : column + part.shape[1]] = part
        row, column = row + part.shape[0], column + part.shape[1]
        ends.append(row)
    return Shape(points, moved, basis, tuple(ends), weight)


def _point(token: str) -> tuple[float, float]:
    x, _, y = token.rstrip("!").partition(",")
    return float(x), float(y)


def _stroke_basis(corner: list[bool]) -> NDArray[np.float32]:
    """(samples, n) matrix that takes a stroke's n control points to samples of its spline, which is smooth
    between corners."""
    n = len(corner)
    if n == 1:
        return np.ones((1, 1), np.float32)
    breaks = [0, *(i for i in range(1, n - 1) if corner[i]), n - 1]
    rows: list[NDArray[np.float32]] = []
    for first, last in pairwise(breaks):
        rows += [_catmull_rom(n, first, last, i, k / _STEPS) for i in range(first, last) for k in range(_STEPS)]
    rows.append(np.eye(n, dtype=np.float32)[n - 1])
    return np.array(rows, np.float32)


def _catmull_rom(n: int, first: int, last: int, i: int, t: float) -> NDArray[np.float32]:
    """Weights of the control points at share t of the way from point i to i+1 (Catmull and Rom 1974), where
    the smooth piece runs from point ``first`` to ``last``."""
    row = np.zeros(n, np.float32)
    before, a, b, after = (
        0.5 * (-t + 2 * t**2 - t**3),
        0.5 * (2 - 5 * t**2 + 3 * t**3),
        0.5 * (t + 4 * t**2 - 3 * t**3),
        0.5 * (t**3 - t**2),
    )
    row[i] += a
    row[i + 1] += b
    for index, weight, mirror, centre in ((i - 1, before, i + 1, i), (i + 2, after, i, i + 1)):
        if first <= index <= last:
            row[index] += weight
        else:  # a straight run-in: the missing neighbour mirrors the other one
            row[centre] += 2 * weight
            row[mirror] -= weight
    return row
