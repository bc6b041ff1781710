"""Regions of interest: what is expected of the number in each, and a guard that gives way when it was wrong.

A guard that compares with the last good number locks up when that number was the wrong one. So a number that is read
again and again against the rules is accepted in the end, and the reading says so.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace

from edge_digits.charset import UNREADABLE
from edge_digits.types import Box, Reading, Refusal, new_id

AGAIN = 1.0
"""Seconds between two readings that count against a guard: frames a moment apart share their mistakes."""

MINUTE = 60.0

MEMORY = 100
"""Accepted readings of the last minute that a change is compared with, at most."""


@dataclass(frozen=True)
class RegionRule:
    """One number's place in the picture, and what is expected of it.

    name: unique; letters, digits, "-" and "_". box: x, y, width, height in pixels of the frame. digits: how many.
    range: least and most value. change_per_minute: by how much the value may change within a minute, up or down.
    None expects nothing. accept_after: readings in a row, one a second at most, that agree with each other and break a
    rule, until the number is accepted nevertheless.
    """

    name: str
    box: Box
    digits: int | None = field(default=None, metadata={"least": 1, "most": 100})
    range: tuple[float, float] | None = None
    change_per_minute: float | None = field(default=None, metadata={"least": 0.0})
    accept_after: int = field(default=60, metadata={"least": 1, "most": 1_000_000})

    @property
    def expects_nothing(self) -> bool:
        """Whether every number will do."""
        return self.digits is None and self.range is None and self.change_per_minute is None


class Guard:
    """Holds the readings of one region against its rule. Times are those of the frames, in seconds."""

    def __init__(self, rule: RegionRule) -> None:
        self.rule = rule
        self._accepted: deque[tuple[float, float]] = deque(maxlen=MEMORY)
        self._accepted_text: str | None = None
        self._given_way: frozenset[str] = frozenset()
        self._refused: Reading | None = None
        self._reason = ""
        self._count = 0
        self._counted_at = -math.inf

    def judge(self, reading: Reading) -> Reading | Refusal | None:
        """What becomes of a number that has just settled. None: it is the accepted one again, after a refused one."""
        reading = replace(reading, region=self.rule.name)
        broken = self._broken(reading.text, reading.time)
        reasons = [reason for name, reason in broken.items() if name not in self._given_way]
        if not reasons:
            back = self._refused is not None and reading.text == self._accepted_text
            self._given_way &= frozenset(broken)
            self._accept(reading)
            return None if back else reading
        if self._refused is None or not self._agree(self._refused.text, reading.text):
            self._count, self._counted_at = 0, -math.inf
        self._refused, self._reason = reading, "; ".join(reasons)
        return self.still(reading.text, reading.time) or Refusal(
            reading.region, reading.text, reading.confidence, reading.time, self._reason, reading.box, reading.id
        )

    def still(self, text: str, time: float) -> Reading | None:
        """Note that ``text`` still stands in the region. Returns a refused reading once it is accepted after all."""
        if self._refused is None:
            if text == self._accepted_text and self._accepted:
                self._accepted[-1] = (time, self._accepted[-1][1])
            return None
        if text != self._refused.text or _value(text) is None:
            return None
        # A clock that was set back counts too, or it would hold the guard up until it has caught up.
        if abs(time - self._counted_at) >= AGAIN:
            self._count += 1
            self._counted_at = time
        if self._count <= self.rule.accept_after:
            return None
        alert = f"accepted after {self.rule.accept_after} readings against its rule: {self._reason}"
        accepted = replace(self._refused, time=time, alert=alert, id=new_id())
        self._given_way = frozenset(self._broken(text, time)) - {"change"}
        self._accepted.clear()
        self._accept(accepted)
        return accepted

    def _accept(self, reading: Reading) -> None:
        self._refused, self._count = None, 0
        self._accepted_text = reading.text
        value = _value(reading.text)
        if value is not None:
            self._accepted.append((reading.time, value))

    def _broken(self, text: str, time: float) -> dict[str, str]:
        """Rules that a number breaks, by name, each with the reason in words."""
        if self.rule.expects_nothing:
            return {}
        value = _value(text)
        if value is None:
            return {"unread": "part of it could not be read"}
        broken: dict[str, str] = {}
        count = len(text.replace(" ", ""))
        if self.rule.digits is not None and count != self.rule.digits:
            broken["digits"] = f"{count} digit{'s' * (count != 1)}, expected {self.rule.digits}"
        if self.rule.range is not None:
            least, most = self.rule.range
            if not least <= value <= most:
                broken["range"] = f"{value:.0f} is outside {least:g} to {most:g}"
        if self.rule.change_per_minute is not None:
            newest = [*self._accepted][-1:]
            last_minute = [item for item in self._accepted if abs(time - item[0]) <= MINUTE]
            for since, before in last_minute or newest:
                allowed = self.rule.change_per_minute * max(1.0, (time - since) / MINUTE)
                if abs(value - before) > allowed:
                    broken["change"] = f"changed from {before:.0f} by {value - before:+.0f}, more than {allowed:g}"
        return broken

    def _agree(self, before: str, text: str) -> bool:
        """Whether two refused numbers support each other: the same, or as far apart as the rule lets them be."""
        if before == text:
            return True
        one, other = _value(before), _value(text)
        if one is None or other is None or self.rule.change_per_minute is None:
            return False
        return abs(one - other) <= self.rule.change_per_minute


def _value(text: str) -> float | None:
    """The number that ``text`` is, None if part of its ink was not read."""
    plain = text.replace(" ", "")
    return None if UNREADABLE in plain or not plain.isdigit() else float(plain)
