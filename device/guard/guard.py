"""Holds the readings of a region against its rule, and gives way when it was wrong.

A guard that compares with the last good number locks up when that number was the wrong one. So a number that is read
again and again against the rules is accepted in the end, and the reading says so.
"""

from __future__ import annotations

import math
from dataclasses import replace

from device.config.regions import RegionRule
from device.guard.expectations import CHANGES, HOUR, MINUTE, broken, exceeds, filled, rise_of
from device.guard.memory import Memory
from device.guard.values import number_of
from edge_digits.types import Reading, Refusal, new_id

AGAIN = 1.0
"""Seconds between two readings that count against a guard: frames a moment apart share their mistakes."""

KEPT = 20
"""Accepted readings that are remembered of a minute, and of an hour."""


class Guard:
    """One region's. Times are those of the frames, in seconds. ``memory``: what is to be kept of it."""

    def __init__(self, rule: RegionRule, memory: Memory | None = None) -> None:
        """memory: of the guard that this one goes on for."""
        self.rule = rule
        self.memory = (memory or Memory(decimals=rule.decimals)).with_decimals(rule.decimals)
        self._refused: Reading | None = None
        self._count = 0
        self._counted_at = -math.inf

    def judge(self, reading: Reading, again: bool = False, doubt: str | None = None) -> Reading | Refusal | None:
        """What becomes of a number that has just settled. None: it is the accepted one again, after a refused one, and
        ``again`` does not ask for it. doubt: why it may be no whole number, in words; it is refused as long as there is
        one."""
        understood = self._understood(reading)
        reasons = [*self._reasons(understood).values(), *([] if doubt is None else [doubt])]
        if not reasons:
            back = not again and self._refused is not None and self.memory.is_shown and reading.text == self.memory.text
            self._accept(reading.text, understood)
            return None if back else understood
        if self._refused is None or not self._agree(self._refused.text, reading.text):
            self._count, self._counted_at = 0, -math.inf
        self._refused = reading
        return self.still(reading, doubt) or Refusal(
            self.rule.name,
            reading.text,
            reading.confidence,
            reading.time,
            "; ".join(reasons),
            reading.box,
            reading.id,
            number_of(reading.text, self.rule.decimals),
        )

    def still(self, reading: Reading, doubt: str | None = None) -> Reading | None:
        """Note that a number that has settled still stands there. Returns a refused one once it is accepted after all:
        because it keeps the rules by now, or because it has broken them for so long. doubt: as for ``judge``."""
        if self._refused is None:
            if reading.text == self.memory.text and self.memory.accepted:
                *earlier, (_, value) = self.memory.accepted
                self.memory = replace(self.memory, accepted=(*earlier, (reading.time, value)))
            return None
        if reading.text != self._refused.text or doubt is not None:
            return None
        understood = replace(self._understood(reading), id=new_id())
        reasons = self._reasons(understood)
        if not reasons:
            self._accept(reading.text, understood)
            return understood
        # A clock that was set back counts too, or it would hold the guard up until it has caught up.
        if abs(reading.time - self._counted_at) >= AGAIN:
            self._count += 1
            self._counted_at = reading.time
        if self._count <= self.rule.accept_after:
            return None
        alert = f"accepted after {self.rule.accept_after} readings against its rule: {'; '.join(reasons.values())}"
        accepted = replace(understood, alert=alert)
        against = broken(self.rule, accepted.text, accepted.time, self.memory.accepted)
        self.memory = replace(self.memory, given_way=frozenset(against) - CHANGES)
        if accepted.value is not None:
            self.memory = replace(self.memory, accepted=())
        self._accept(reading.text, accepted)
        return accepted

    def gone(self, reading: Reading) -> Reading | None:
        """What becomes of the news that the number is gone; None if it had never been accepted. What was accepted last
        stays what the next number is compared with."""
        was_shown = self.memory.is_shown
        self.memory = replace(self.memory, is_shown=False)
        return replace(reading, region=self.rule.name) if was_shown else None

    def set_value(self, value: float, time: float) -> None:
        """Compare the next numbers with ``value``; a number that stands there refused is judged anew."""
        self.memory = Memory(((time, value),), decimals=self.rule.decimals, is_shown=self.memory.is_shown)

    def _understood(self, reading: Reading) -> Reading:
        """The reading with its region, its value, and digits in the place of ``?`` where they can be no others."""
        known = self.memory.text
        length = self.rule.digits or (0 if known is None else len(known.replace(" ", "").replace(".", "")))
        text = filled(self.rule, reading.text, reading.time, self.memory.accepted, length)
        alert = None if text == reading.text else f"read as {reading.text}; the last value leaves no other number"
        value = number_of(text, self.rule.decimals)
        return replace(reading, text=text, region=self.rule.name, value=value, alert=alert)

    def _reasons(self, reading: Reading) -> dict[str, str]:
        """Rules in force that a number breaks."""
        reasons = broken(self.rule, reading.text, reading.time, self.memory.accepted)
        return {name: reason for name, reason in reasons.items() if name not in self.memory.given_way}

    def _accept(self, text: str, reading: Reading) -> None:
        """text: as it was read, before anything was filled in."""
        against = broken(self.rule, reading.text, reading.time, self.memory.accepted)
        self._refused, self._count = None, 0
        accepted = self.memory.accepted
        if reading.value is not None:
            accepted = self._kept(reading.time, reading.value)
        given_way = self.memory.given_way & frozenset(against)
        self.memory = replace(self.memory, accepted=accepted, text=text, given_way=given_way, is_shown=True)

    def _kept(self, time: float, value: float) -> tuple[tuple[float, float], ...]:
        """The accepted values and a new one: of the time over which changes are limited, ``KEPT`` of the last minute
        and of the last hour at most, the oldest of those that are close together."""
        span = MINUTE if self.rule.rise_per_hour is None else HOUR
        kept: list[tuple[float, float]] = []
        for item in (*self.memory.accepted, (time, value)):
            step = (MINUTE if len(kept) > 1 and time - kept[-2][0] <= MINUTE else HOUR) / KEPT
            if len(kept) > 1 and item[0] - kept[-2][0] < step:
                kept[-1] = item
            elif abs(time - item[0]) <= span:
                kept.append(item)
        return tuple(kept[-2 * KEPT :])

    def _agree(self, before: str, text: str) -> bool:
        """Whether two refused numbers support each other: the same, or as far apart as the rule lets them be."""
        if before == text:
            return True
        one, other = number_of(before, self.rule.decimals), number_of(text, self.rule.decimals)
        if one is None or other is None:
            return False
        if self.rule.counter:
            rise = rise_of(self.rule, text, other, one)
            return rise >= 0 and (self.rule.rise_per_hour is None or not exceeds(rise, self.rule.rise_per_hour))
        most = self.rule.change_per_minute
        return most is not None and not exceeds(abs(one - other), most)
