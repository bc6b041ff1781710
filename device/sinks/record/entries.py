"""Readings and refusals as rows of the record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from device.sinks.sink import LATEST_TIME
from edge_digits.types import Box, Reading, Refusal

READING = "id, time, region, text, confidence, x, y, width, height, frames, alert, value, clock"
"""Columns of which ``reading_of`` makes a reading."""

_REFUSAL = "id, time, region, text, confidence, x, y, width, height, reason, value, clock"


def _statement(table: str, columns: str) -> str:
    return f"INSERT INTO {table} ({columns}, picture) VALUES ({', '.join('?' * (columns.count(',') + 2))})"


_INSERT_READING = _statement("readings", READING)
_INSERT_REFUSAL = _statement("refusals", _REFUSAL)


@dataclass(frozen=True)
class Entry:
    """What is to be recorded. picture: JPEG of a refusal, name of a reading's file; None is none."""

    event: Reading | Refusal
    picture: bytes | str | None = None

    def statement(self) -> tuple[str, tuple[object, ...]]:
        """SQL that records it, and its values."""
        event = self.event
        common = event.id, event.time, event.region, event.text, float(event.confidence), *map(int, event.box.as_list())
        if isinstance(event, Reading):
            return _INSERT_READING, (*common, event.frames, event.alert, event.value, event.clock, self.picture)
        return _INSERT_REFUSAL, (*common, event.reason, event.value, event.clock, self.picture)


def reading_of(row: Sequence[object]) -> Reading:
    """The reading of a row with the columns ``READING``. Raises ValueError for what can be none: SQLite does not see
    damage within a row."""
    id, taken, region, text, confidence, *box, frames, alert, value, clock = row
    if not (
        isinstance(id, str)
        and isinstance(text, str)
        and all(isinstance(whole, int) for whole in (*box, frames))
        and all(isinstance(words, str | None) for words in (region, alert, clock))
        and isinstance(value, float | None)
        and isinstance(confidence, float)
        and isinstance(taken, float)
        and all(math.isfinite(number) for number in (confidence, taken, value or 0.0))
        and 0.0 <= taken <= LATEST_TIME
    ):
        raise ValueError("not a reading")
    return Reading(text, confidence, Box(*box), taken, frames, region, alert, id, value, clock)  # pyright: ignore[reportArgumentType]
