"""A broker, somebody who listens there, a record to deliver from, and a video."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from broker import Broker, Listener
from paho.mqtt.client import Client

from device.config.settings import RecordConfig
from device.sinks.mqtt import NAME
from device.sinks.record.sqlite import Record


@pytest.fixture(autouse=True)
def short_waits_for_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits whole seconds before it connects again waits for a tenth of that."""
    real = Client.reconnect_delay_set

    def tenths(client: Client, min_delay: float, max_delay: float) -> None:
        real(client, min_delay / 10, max_delay / 10)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Client, "reconnect_delay_set", tenths)


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


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Twenty frames of grey paper."""
    path = tmp_path / "page.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (64, 48))
    for _ in range(20):
        writer.write(np.full((48, 64, 3), 200, np.uint8))
    writer.release()
    return path
