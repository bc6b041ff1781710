"""Components -> written rows, in reading order, for writing that leans up to 15 degrees either way."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.segment.components import Components

LEAST_HEIGHT = 10
"""Ink lower than this many pixels is not read."""

LEAST_PART = 0.12
"""A part of a digit is at least so many row heights long; what is less is a speck."""

MOST_FOR_TURN = 150
"""So many components show how a page is turned; more take longer and say the same."""

LARGEST_TURN = 15.0
"""Pictures turned by at most so many degrees are read."""

FARTHEST = 12.0
"""Heights of a digit across which others show how a page is turned; at the end they count half."""

LONG_OUTLINE = 0.4
"""Share of the picture from which a thin or hollow component is an outline, and says nothing of the digits' height."""


@dataclass(frozen=True)
class Row:
    """One written row. members: components that stand in it, by their left edge. height: typical digit height, pixels.

    small: which of the members are dwarfed by a neighbour: a detached bar, a dot, a speck.
    """

    members: NDArray[np.intp]
    small: NDArray[np.bool_]
    height: float


def find_rows(components: Components) -> list[Row]:
    """Group components into rows, top to bottom."""
    centre_x = components.x + components.width / 2.0
    centre_y = components.y + components.height / 2.0
    typical = typical_height(components)
    # A 1 of a fine pen is thinner than anything else that is read; only its height tells it from a scratch.
    fine = (components.height > 0.6 * typical) & (components.height < 1.3 * typical)
    fine &= components.height <= 45 * components.width
    possible = (could_be_digit(components) | fine & (components.width <= 4)) & ~touches_edge(components)
    possible &= components.height < 3.0 * typical
    # Much taller than wide and taller than the others: the edge of a sheet, what is left of a table's line.
    possible &= (components.height < 1.5 * typical) | (components.height < 8 * components.width)
    main = np.flatnonzero(possible & ~_dwarfed(components, possible & (components.height < 2.0 * typical)))
    if len(main) == 0:
        return []
    slope = np.tan(np.radians(_turn(centre_x[main], centre_y[main], components.height[main])))
    level = centre_y - slope * centre_x
    groups = _group(main, components, centre_x, level)
    small = _small_parts(groups, components, level)
    rows = [_row(group, own, components) for group, own in zip(groups, small, strict=True)]
    return sorted(rows, key=lambda row: statistics.median(level[row.members[~row.small]].tolist()))


def could_be_digit(components: Components) -> NDArray[np.bool_]:
    """(N,) bool: whether a component's size and shape allow it to be a digit, or some that touch."""
    width, height, area = components.width, components.height, components.area
    picture_height, picture_width = components.labels.shape
    fill = area / np.maximum(width * height, 1)
    # What is nearly as wide as the picture is a frame or an edge, unless it is low and full as touching digits are.
    narrow = (width < 0.6 * picture_width) | ((height < 0.4 * width) & (fill > 0.15))
    return (
        (height >= LEAST_HEIGHT)
        & (width <= 8.0 * height)
        & (height <= 25 * width)
        & (fill >= 0.03)
        & ((height < 0.95 * picture_height) | (fill > 0.5))
        & narrow
    )


def typical_height(components: Components) -> float:
    """Height of a digit on this page, pixels: the height with the most components of about that height.

    Taller ones weigh more, so that neither many specks nor one page edge decides. A twelfth of the longer side if
    nothing could be a digit, as on squared paper whose lines join all that is written.
    """
    inside = could_be_digit(components) & ~touches_edge(components)
    digits = inside & ~_part_of_outline(components)
    possible = np.flatnonzero(digits if digits.any() else inside)
    if len(possible) == 0:
        return max(components.labels.shape) / 12
    counts = np.bincount(components.height[possible])
    heights = np.flatnonzero(counts)
    counts = counts[heights]
    alike = np.abs(np.log(heights[:, None] / heights[None, :])) < 0.3
    around = alike @ (counts * heights**1.5)
    best = alike[int(np.argmax(around))]
    return float(statistics.median(np.repeat(heights[best], counts[best]).tolist()))


def _part_of_outline(c: Components) -> NDArray[np.bool_]:
    """(N,) bool: long components that are hollow or thin, as what is left of a sheet's edge is."""
    height, width = c.labels.shape
    long = (c.height > LONG_OUTLINE * height) | (c.width > LONG_OUTLINE * width)
    hollow = c.area < 0.2 * c.width * c.height
    thin = np.maximum(c.width, c.height) > 5 * np.minimum(c.width, c.height)
    return np.asarray(long & (hollow | thin), np.bool_)


def clipped(components: Components, digit_height: float) -> NDArray[np.intp]:
    """Components at the picture's edge that are about as tall as a digit: part of one may be missing."""
    height = components.height
    alike = (height > 0.4 * digit_height) & (height < 1.6 * digit_height) & (components.width < 2.0 * digit_height)
    return np.flatnonzero(alike & touches_edge(components) & could_be_digit(components))


def touches_edge(components: Components) -> NDArray[np.bool_]:
    """(N,) bool: whether a component reaches the picture's edge."""
    height, width = components.labels.shape
    c = components
    at_end = (c.x + c.width >= width - 1) | (c.y + c.height >= height - 1)
    return np.asarray((c.x <= 1) | (c.y <= 1) | at_end, np.bool_)


def _dwarfed(components: Components, possible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N,) bool: a component less than half as tall as one that stands at the same level close by."""
    x, y, width, height = (
        v.astype(np.float32) for v in (components.x, components.y, components.width, components.height)
    )
    right, bottom = x + width, y + height
    other = np.flatnonzero(possible)
    taller = height[other] > 2.0 * height[:, None]
    gap_x = np.maximum(x[:, None], x[other]) - np.minimum(right[:, None], right[other])
    gap_y = np.maximum(y[:, None], y[other]) - np.minimum(bottom[:, None], bottom[other])
    near = (gap_x < 0.6 * height[other]) & (gap_y < 0.1 * height[other])
    return np.asarray((taller & near).any(axis=1), np.bool_)


def _turn(x: NDArray[np.floating], y: NDArray[np.floating], height: NDArray[np.integer]) -> float:
    """Degrees by which the rows fall to the right: the turn that makes the profile of the levels sharpest."""
    if len(x) < 3:
        return 0.0
    if len(x) > MOST_FOR_TURN:
        some = np.linspace(0, len(x) - 1, MOST_FOR_TURN).astype(int)
        x, y, height = x[some], y[some], height[some]
    typical = statistics.median(height.tolist())
    degrees = np.arange(-LARGEST_TURN, LARGEST_TURN + 0.1, 0.5)
    # Only neighbours along the row count, and near ones more: far ones agree by chance at some angle.
    one, other = np.nonzero(np.triu(np.abs(x[:, None] - x[None, :]) < FARTHEST * typical, 1))
    across, down = (x[one] - x[other]) / typical, (y[one] - y[other]) / typical
    weight = 1.0 / (1.0 + (across / FARTHEST) ** 2)
    # In parts, because all turns of all pairs at once take ten megabytes on a page full of specks.
    sharpness = np.concatenate(
        [
            len(x) + 2.0 * np.maximum(1.0 - 2.0 * np.abs(down - slopes[:, None] * across), 0.0) @ weight
            for slopes in np.array_split(np.tan(np.radians(degrees)), 1 + len(one) // 1000)
        ]
    )
    sharpness *= 1.0 - 0.004 * np.abs(degrees)
    return float(degrees[int(np.argmax(sharpness))])


def _group(
    main: NDArray[np.intp], components: Components, x: NDArray[np.floating], level: NDArray[np.floating]
) -> list[list[int]]:
    """Walk from left to right; each component joins the row whose end it continues best."""
    groups: list[list[int]] = []
    ends: list[tuple[float, float, float]] = []
    heights, levels = components.height.tolist(), level.tolist()
    for index in main[np.argsort(x[main])].tolist():
        height, own = heights[index], levels[index]
        best, best_distance = len(groups), 0.55
        for number, (end_height, middle, last) in enumerate(ends):
            if 0.4 < height / end_height < 2.5:
                # The row may drift (the last one tells) or its last one may stand out (the middle one tells).
                distance = min(abs(own - middle), abs(own - last)) / max(height, end_height)
                if distance < best_distance:
                    best, best_distance = number, distance
        if best == len(groups):
            groups.append([index])
            ends.append((height, own, own))
        else:
            groups[best].append(index)
            # The last three, or those there are: one odd component does not lead the row astray.
            tail = groups[best][-3:]
            middle_height = statistics.median([heights[member] for member in tail])
            ends[best] = (middle_height, statistics.median([levels[member] for member in tail]), own)
    return groups


def _small_parts(groups: list[list[int]], components: Components, level: NDArray[np.floating]) -> list[list[int]]:
    """For each group the small components beside or within one of its members; each belongs to the nearest only."""
    c = components
    parts: list[list[int]] = [[] for _ in groups]
    members = np.array([index for group in groups for index in group])
    group_of = np.array([number for number, group in enumerate(groups) for _ in group])
    heights = np.array([statistics.median(c.height[group].tolist()) for group in groups])[group_of]
    is_other = np.ones(len(c), np.bool_)
    is_other[members] = False
    others = np.flatnonzero(is_other)
    x, width, height = (v[others][:, None] for v in (c.x, c.width, c.height))
    right = np.minimum(x + width, c.x[members] + c.width[members])
    gap = np.maximum(np.maximum(x, c.x[members]) - right, 0)
    apart = np.abs(level[members] - level[others][:, None])
    near = (gap <= 0.6 * heights) & (apart <= 0.5 * (c.height[members] + 0.4 * heights))
    near &= (height < 0.7 * heights) & (np.maximum(height, width) >= LEAST_PART * heights)
    nearest = np.argmin(np.where(near, gap + apart, np.inf), axis=1)
    for index in np.flatnonzero(near.any(axis=1)).tolist():
        parts[group_of[nearest[index]]].append(int(others[index]))
    return parts


def _row(group: list[int], small: list[int], components: Components) -> Row:
    together = np.array(group + small)
    flags = np.array([False] * len(group) + [True] * len(small))
    order = np.argsort(components.x[together] + components.width[together] / 2.0)
    return Row(together[order], flags[order], float(statistics.median(components.height[group].tolist())))
