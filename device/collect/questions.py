"""What the page asks the collector, as messages of the channel between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from device.collect.collector import Collector
from edge_digits.types import Box

Message = dict[str, Any]


def answers(collector: Collector) -> dict[str, Callable[[Message], Message]]:
    """By kind: what somebody says of a line in the live picture, see ``Collector.label``; and that the reader was
    taught."""

    def label(message: Message) -> Message:
        labelled, why = collector.label(message["text"], Box(*message["box"]), message["digits"])
        return {"labelled": labelled, "why": why}

    def taught(_: Message) -> Message:
        collector.look_again()
        return {}

    return {"label": label, "taught": taught}
