"""A broker, somebody who listens there, and a record to deliver from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from broker import Broker, Listener

from device.config.settings import RecordConfig
from device.sinks.mqtt import NAME
from device.sinks.record.sqlite import Record


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.close()


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    listener = Listener(broker.port)
    yield listener
    listener.close()


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    record = Record(RecordConfig(tmp_path / "readings.sqlite"), delivers_to=NAME)
    yield record
    record.close()
