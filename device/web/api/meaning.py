"""What a number means to people: the region that it stands in, its title and unit, and its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from device.config.regions import RegionRule
from device.guard.values import number_of, plain_number
from device.scene.status import Outline
from edge_digits.types import Box

Row = dict[str, Any]
"""For JSON."""


def meaning(rule: RegionRule | None) -> Row:
    """What is shown beside a number of the region: None is the whole picture, or a region that is there no more."""
    return {"title": None, "unit": None} if rule is None else {"title": rule.title, "unit": rule.unit}


def meanings(rows: Sequence[Row]) -> dict[str, Row]:
    """The same by name, of regions that are rows of JSON."""
    return {row["name"]: {"title": row.get("title"), "unit": row.get("unit")} for row in rows}


def with_meaning(line: Row, rules: Sequence[RegionRule], outlines: Mapping[str, Outline]) -> Row:
    """A line of a page, as ``edge_digits.report.page_row`` has it, with the region that its middle lies in, its
    value there, and what that means; as it is where it lies in none.

    outlines: where the regions are now, by name; those that are not in it are where they were drawn.
    """
    x, y, width, height = line["box"]
    middle = x + width / 2, y + height / 2
    places = ((rule, outlines[rule.name].bounds if rule.name in outlines else rule.box) for rule in rules)
    rule = next((rule for rule, box in places if _holds(box, *middle)), None)
    if rule is None:
        return line
    value = plain_number(number_of(line["text"], rule.decimals))
    return line | {"region": rule.name, "value": value, **meaning(rule)}


def _holds(box: Box, x: float, y: float) -> bool:
    return box.x <= x <= box.right and box.y <= y <= box.bottom
