"""What the page asks the collector, as messages of the channel between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from device.collect.collector import Collector
from edge_digits.types import Box

Message = dict[str, Any]


def answer_label(collector: Collector) -> Callable[[Message], Message]:
    """Answers what somebody says of a line in the live picture; see ``Collector.label``."""

    def answer(message: Message) -> Message:
        labelled, why = collector.label(message["text"], Box(*message["box"]), message["digits"])
        return {"labelled": labelled, "why": why}

    return answer
