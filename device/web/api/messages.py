"""Frames, readings and refusals as messages to the server of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from device.config.regions import RegionRule
from device.guard.values import plain_number
from device.scene.drift import Drift
from device.sinks.sink import iso_time
from device.web.api.meaning import meaning, with_meaning
from device.web.channel import Message
from edge_digits.page import Page
from edge_digits.report import page_row
from edge_digits.types import Frame, Reading, Refusal

MOST_REJECTED = 300
"""Rejected ink that is handed on of one frame; a page of print has thousands of letters."""


def frame_message(frame: Frame, page: Page, rules: Sequence[RegionRule], drift: Drift | None) -> Message:
    """A frame with what was last read in it."""
    height, width = frame.image.shape
    row = page_row("camera", width, height, page, 0.0)
    row["rejected"] = row["rejected"][:MOST_REJECTED]
    del row["source"], row["ms"]
    places = {} if drift is None else drift.status.outlines
    row["lines"] = [with_meaning(line, rules, places) for line in row["lines"]]
    about = {
        "number": frame.number,
        "time": frame.time,
        "outlines": {name: outline.corners for name, outline in places.items()},
        "titles": {rule.name: rule.title for rule in rules if rule.title is not None},
    }
    return {"type": "frame", **about, **row}


def reading_message(reading: Reading, rules: Sequence[RegionRule]) -> Message:
    """A reading as it is published."""
    return {"type": "reading", **_event(reading, rules), "frames": reading.frames, "alert": reading.alert}


def refusal_message(refusal: Refusal, rules: Sequence[RegionRule]) -> Message:
    """A refusal as it is published."""
    return {"type": "refusal", **_event(refusal, rules), "reason": refusal.reason}


def event_row(event: Reading | Refusal, rules: Sequence[RegionRule]) -> Message:
    """A reading or a refusal as the record's rows are."""
    rest: Mapping[str, object] = dict.fromkeys(("frames", "alert", "reason"))
    if isinstance(event, Reading):
        return {**_event(event, rules), **rest, "frames": event.frames, "alert": event.alert}
    return {**_event(event, rules), **rest, "reason": event.reason}


def _event(event: Reading | Refusal, rules: Sequence[RegionRule]) -> Message:
    rule = next((rule for rule in rules if rule.name == event.region), None)
    return {
        "id": event.id,
        "time": iso_time(event.time),
        "region": event.region,
        **meaning(rule),
        "text": event.text,
        "value": plain_number(event.value),
        "confidence": round(event.confidence, 4),
        "box": event.box.as_list(),
        "clock": event.clock,
    }
