"""The numbers that decide what a row is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LineSettings:
    """level: heights by which the next digit of a row stands higher or lower at most. least_unread: chance of being
    writing that is not read, a mark in a gap among it, from which it shows as ``?`` in its row, or is listed.
    least_point: heights of a point in a gap."""

    level: float = 0.5
    least_unread: float = 0.5
    least_point: float = 0.05


SETTINGS = LineSettings()
