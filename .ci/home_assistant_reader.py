"""A reader's side of MQTT, for ``.ci/home_assistant.py``: does what it is told on standard input, a JSON list a line.

Arguments: port of the broker, path of the record. Answers with what it was asked over MQTT, a JSON list a line.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from device.config.regions import RegionRule
from device.config.settings import MqttConfig, RecordConfig
from device.guard.memory import Memory
from device.sinks.mqtt import NAME, MqttSink
from device.sinks.record.sqlite import Record
from device.tracking.views import NOTHING
from edge_digits.types import Box, Frame, Reading, Refusal

BOX = Box(0, 0, 40, 20)
IMAGE = np.full((60, 80), 200, np.uint8)


class Reader:
    """One run after another, on one record."""

    def __init__(self, port: int, path: Path) -> None:
        self._config = MqttConfig("127.0.0.1", port, client_id="desk", pictures=True)
        self._record = Record(RecordConfig(path), delivers_to=NAME)
        self._sink: MqttSink | None = None
        self._sees = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def start(self, *regions: dict[str, Any]) -> None:
        """Begin a run."""
        rules = [_region(r) for r in regions]
        self._sink = MqttSink(self._config, self._record, rules, silence=2.0, ask=lambda: _answer("read now"))

    def stop(self) -> None:
        """End it."""
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def regions(self, *regions: dict[str, Any]) -> None:
        """As if they were saved from the page."""
        assert self._sink is not None
        self._sink.set_regions([_region(r) for r in regions])

    def camera(self, delivers: bool) -> None:
        """Whether frames come."""
        self._sees.set() if delivers else self._sees.clear()

    def read(self, region: str, text: str, value: float | None = None) -> None:
        """A reading."""
        reading = Reading(text, 0.99, BOX, time.time(), 5, region, value=value)
        for sink in (self._record, self._sink):
            assert sink is not None
            sink.publish(reading)

    def refuse(self, region: str, text: str, reason: str) -> None:
        """A refusal."""
        refusal = Refusal(region, text, 0.9, time.time(), reason, BOX)
        for sink in (self._record, self._sink):
            assert sink is not None
            sink.refuse(refusal)

    def _watch(self) -> None:
        while True:
            self._sees.wait()
            if self._sink is not None:
                self._sink.watch(Frame(IMAGE, 0, time.time()), NOTHING)
            for region, value in self._record.take_values().items():
                self._record.remember(region, Memory(((time.time(), value),)))
                _answer("set", region, value)
            time.sleep(0.2)


def _answer(*answer: Any) -> None:
    print(json.dumps(answer), flush=True)


def _region(settings: dict[str, Any]) -> RegionRule:
    return RegionRule(**{"box": BOX} | settings)


def main() -> None:
    """Obey until standard input ends."""
    reader = Reader(int(sys.argv[1]), Path(sys.argv[2]))
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        getattr(reader, command)(*arguments)
    reader.stop()


if __name__ == "__main__":
    main()
