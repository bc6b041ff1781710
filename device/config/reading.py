"""``[read]``, ``[tracking]`` and ``[lamp]``: when numbers are read and when one is believed, and the light for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
"""Hours and minutes of the local time."""


@dataclass(frozen=True)
class ReadConfig:
    """When numbers are read.

    every: seconds from one reading to the next. at: local times of the day, "HH:MM". With either, nothing is read in
    between. repeat: minutes after which a value that has not changed is published again; None is never.
    """

    every: float | None = field(default=None, metadata={"least": 1, "most": 86_400})
    at: tuple[str, ...] = ()
    repeat: float | None = field(default=None, metadata={"least": 1, "most": 525_600})

    @property
    def is_timed(self) -> bool:
        """Whether numbers are read only so often, and not whenever the picture settles."""
        return self.every is not None or bool(self.at)


@dataclass(frozen=True)
class TrackingRule:
    """When a number is believed.

    settle: frames that must agree, out of the last 2 × settle - 1, before a number is published. A published number
    gives way to another only when that has settled too, and the old one was not read in the last ``settle`` frames:
    a misread that flickers is never published beside the right number.
    forget: frames in a row without a line at its place that end a track. overlap: least intersection over union of
    a line's box with the track's last box, 0..1. min_confidence: a number that is less sure is refused, 0..1.
    """

    settle: int = field(default=5, metadata={"least": 1, "most": 1000})
    forget: int = field(default=5, metadata={"least": 1, "most": 1000})
    overlap: float = field(default=0.3, metadata={"least": 0.0, "most": 1.0})
    min_confidence: float = field(default=0.0, metadata={"least": 0.0, "most": 1.0})

    @property
    def window(self) -> int:
        """Frames after a change that decide all there is to decide, if nothing else changes."""
        return max(2 * self.settle - 1, self.forget)


@dataclass(frozen=True)
class LampConfig:
    """A lamp that is switched by a pin.

    pin: number of the GPIO (BCM, not that of the header's pins). active_high: whether the lamp is on while the pin is
    high. settle: seconds after which it gives its light, and the camera's exposure has followed it.
    """

    pin: int = field(metadata={"least": 0, "most": 27})
    active_high: bool = True
    settle: float = field(default=0.5, metadata={"least": 0.0, "most": 30.0})
