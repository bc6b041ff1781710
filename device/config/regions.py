"""Regions of interest: where the numbers stand in the picture, and what is expected of each."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from edge_digits.types import Box

SEEN = "seen"
"""Decimals that are those behind the point that is seen."""

MOST_DECIMALS = 6

StateClass = Literal["measurement", "total", "total_increasing"]
"""Home Assistant's kinds of numbers over time."""


@dataclass(frozen=True)
class RegionRule:
    """One number's place in the picture, what it means, and what is expected of it.

    name: unique; letters, digits, "-" and "_". box: x, y, width, height in pixels of the frame. title: shown to people
    instead of the name. decimals: how many of the digits stand behind the point, or ``SEEN``; None is a whole number,
    without a point. unit: of the value. device_class, state_class: Home Assistant's words for what it is.

    digits: how many. range: least and most value; an end may be infinite. change_per_minute: by how much the value may
    change within a minute, up or down. counter: whether it only rises. rise_per_hour: by how much a counter may rise
    within an hour. rollover: digits, decimals among them, after which a counter begins again at 0; None is never.
    min_confidence: a number that is less sure is refused, 0..1; None is as the tracker has it. None expects
    nothing. accept_after: readings in a row, one a second at most, that agree with each other and break a rule, until
    the number is accepted nevertheless; one that is not sure enough never is.
    """

    name: str
    box: Box
    title: str | None = None
    decimals: int | str | None = None
    unit: str | None = None
    device_class: str | None = None
    state_class: StateClass | None = None
    digits: int | None = field(default=None, metadata={"least": 1, "most": 100})
    range: tuple[float, float] | None = None
    change_per_minute: float | None = field(default=None, metadata={"least": 0.0})
    counter: bool = False
    rise_per_hour: float | None = field(default=None, metadata={"least": 0.0})
    rollover: int | None = field(default=None, metadata={"least": 1, "most": 100})
    min_confidence: float | None = field(default=None, metadata={"least": 0.0, "most": 1.0})
    accept_after: int = field(default=60, metadata={"least": 1, "most": 1_000_000})

    @property
    def expects_nothing(self) -> bool:
        """Whether every number will do."""
        return self.digits is None and self.range is None and self.change_per_minute is None and not self.counter


def as_row(region: RegionRule) -> dict[str, Any]:
    """A region for JSON, which has no infinite numbers: None is an open end of ``range``."""
    ends = None if region.range is None else [end if math.isfinite(end) else None for end in region.range]
    return asdict(region) | {"box": region.box.as_list(), "range": ends}


def from_row(row: dict[str, Any]) -> dict[str, Any]:
    """The table of a TOML file that says what ``row`` says: without what is None, and with infinite ends of ``range``.

    row: as ``as_row`` makes it, from outside and not checked.
    """
    table = {key: value for key, value in row.items() if value is not None}
    ends = table.get("range")
    if isinstance(ends, list) and len(ends) == 2:
        least, most = ends
        table["range"] = [-math.inf if least is None else least, math.inf if most is None else most]
    return table
