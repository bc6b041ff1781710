"""Regions as they lie in the present picture, which is what people see and draw in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

UNMOVED = 2
"""Pixels by which a box may be off where its region has not moved."""

Row = dict[str, Any]
"""A region of the configuration, for JSON."""


def where_they_are(rows: Sequence[Row], drift: dict[str, Any]) -> list[Row]:
    """``rows`` with the boxes that hold the regions now, where the scene has moved. drift: as
    ``device.scene.status`` has it; empty if nothing is known of it."""
    outlines = drift.get("outlines", {})
    return [_where_it_is(row, outlines.get(row["name"])) for row in rows]


def _where_it_is(row: Row, outline: dict[str, Any] | None) -> Row:
    if outline is None or outline["corners"] is None or outline["box"] != row["box"]:
        return row
    xs, ys = zip(*outline["corners"], strict=True)
    left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
    box = [left, top, max(1, math.ceil(max(xs)) - left), max(1, math.ceil(max(ys)) - top)]
    is_same = all(abs(now - before) <= UNMOVED for now, before in zip(box, row["box"], strict=True))
    return row if is_same else row | {"box": box}
