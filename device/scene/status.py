"""What is known of the scene, for people and for programs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from edge_digits.types import Box

State = Literal["starting", "cannot tell", "following", "unsure"]
"""starting: a reference picture is being taken. cannot tell: what is around the regions has nothing to hold on to; they
stay where they were drawn. following: they are where they were, or where they moved. unsure: some are not read."""


@dataclass(frozen=True)
class Outline:
    """box: of a region as it was drawn. corners: left top, right top, right bottom and left bottom of where it is now,
    in pixels of the frame; None where that is not sure."""

    box: Box
    corners: list[list[float]] | None

    @property
    def bounds(self) -> Box:
        """The smallest upright box with the region in it as it is now, or was drawn if that is not sure."""
        if self.corners is None:
            return self.box
        across, down = zip(*self.corners, strict=True)
        left, top = math.floor(min(across)), math.floor(min(down))
        return Box(left, top, math.ceil(max(across)) - left, math.ceil(max(down)) - top)


@dataclass(frozen=True)
class DriftStatus:
    """shift: of the region that has moved most, to the right and down, in pixels. turn: its, in degrees, clockwise.
    outlines: of each region, by name. problem: in words, what has kept regions from being read for some time; None is
    nothing."""

    state: State = "starting"
    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    outlines: dict[str, Outline] = field(default_factory=dict)
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the page, MQTT and other programs."""
        return {
            "state": self.state,
            "shift": [round(side, 1) for side in self.shift],
            "turn": round(self.turn, 2),
            "outlines": {
                name: {"box": outline.box.as_list(), "corners": outline.corners}
                for name, outline in self.outlines.items()
            },
            "problem": self.problem,
        }
