"""A record and a configuration of commit 7d9c51f, which somebody may have, are taken as they are.

The reader is a stand-in that tells numbers by how bright the picture is.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from broker import Broker, Listener, needs_mosquitto
from records import rows

from device import __main__ as program
from device.config.load import load_config
from device.tracking.views import NOTHING
from edge_digits.page import Page
from edge_digits.types import Box, Image, Line

pytest.importorskip("starlette", reason="needs the extra web")

HERE = Path(__file__).parent
OLD_READINGS = "seq, id, time, region, text, confidence, x, y, width, height, frames, alert"
OLD_REFUSALS = "seq, id, time, region, text, confidence, x, y, width, height, reason, picture"


class Reader:
    def read(self, grey: Image) -> Page:
        return Page((Line("43", 0.9, Box(10, 10, 20, 20), ()),), ()) if grey.mean() > 90 else NOTHING


class Owner:
    """Somebody's folder, with the files that the old version left there."""

    def __init__(self, folder: Path, port: int) -> None:
        self.record, self.lines, self.config = (
            folder / n for n in ("readings.sqlite", "readings.jsonl", "camera.toml")
        )
        text = (HERE / "camera_7d9c51f.toml").read_text(encoding="utf-8")
        self.config.write_text(text.replace("FOLDER", str(folder)).replace("PORT", str(port)), encoding="utf-8")
        (folder / "password").write_text("secret\n")
        with closing(sqlite3.connect(self.record)) as connection:
            connection.executescript((HERE / "record_7d9c51f.sql").read_text(encoding="utf-8"))
        self._video = folder / "page.avi"
        self.before = self.old_rows()

    def old_rows(self) -> list[list[tuple[Any, ...]]]:
        """The rows that the record had, as the old version saw them."""
        return [
            rows(self.record, f"SELECT {OLD_READINGS} FROM readings WHERE seq <= 2"),
            rows(self.record, f"SELECT {OLD_REFUSALS} FROM refusals WHERE seq <= 1"),
        ]

    def show(self, number: str) -> None:
        """Have the page filmed, and read by the version that is here."""
        writer = cv2.VideoWriter(str(self._video), cv2.VideoWriter.fourcc(*"MJPG"), 15, (64, 48))
        for _ in range(20):
            writer.write(np.full((48, 64, 3), 140 if number else 60, np.uint8))
        writer.release()
        assert program.main(["--config", str(self.config)]) == 0


@pytest.fixture
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Broker) -> Owner:
    monkeypatch.setattr(program, "open_reader", lambda model: Reader())
    return Owner(tmp_path, broker.port)


def test_the_record_of_the_test_is_one_of_that_version(tmp_path: Path) -> None:
    old = Owner(tmp_path, 1)
    assert rows(old.record, "PRAGMA user_version") == [(1,)]
    assert [len(part) for part in old.before] == [2, 1]
    with pytest.raises(sqlite3.OperationalError, match="no such column: value"):
        rows(old.record, "SELECT value FROM readings")


def test_every_key_means_what_it_meant(tmp_path: Path) -> None:
    config = load_config(Owner(tmp_path, 1884).config)
    assert (config.model, config.duration, config.draw) == ("cnn", 60.0, tmp_path / "frames")
    camera, tracking, [region] = config.camera, config.tracking, config.region
    assert (camera.width, camera.height, camera.frame_rate, camera.timeout) == (640, 480, 7.5, 30.0)
    assert (tracking.settle, tracking.forget, tracking.overlap, tracking.min_confidence) == (3, 9, 0.5, 0.0)
    assert (region.name, region.digits, region.range, region.change_per_minute) == ("score", 2, (0.0, 50.0), 20.0)
    assert (region.accept_after, region.decimals, region.counter, region.min_confidence) == (30, None, False, None)
    assert config.mqtt is not None and config.web is not None and config.record is not None
    assert (config.mqtt.port, config.mqtt.base_topic, config.mqtt.client_id) == (1884, "digits", "desk")
    assert (config.record.keep_days, config.record.reading_pictures, config.web.frame_rate) == (36500.0, 0, 5.0)
    assert (config.webhook, config.influx, config.lamp, config.read.is_timed) == (None, None, None, False)


@needs_mosquitto
def test_what_was_read_is_still_there_and_reading_goes_on(owner: Owner) -> None:
    owner.show("43")
    assert owner.old_rows() == owner.before
    assert rows(owner.record, "SELECT seq, text, value FROM readings") == [
        (1, "41", 41.0),
        (2, "42", 42.0),
        (3, "43", 43.0),
    ]
    owner.show("43")
    assert owner.old_rows() == owner.before
    assert [json.loads(line)["text"] for line in owner.lines.read_text().splitlines()] == ["43", "43"]
    assert rows(owner.record, "PRAGMA integrity_check") == [("ok",)]
    assert [path.name for path in owner.record.parent.glob("*damaged*")] == []


@needs_mosquitto
def test_delivery_goes_on_where_it_ended(owner: Owner, listener: Listener) -> None:
    told: list[dict[str, Any]] = []
    # A run is over in a moment; what a slow broker does not take in it waits for the next one.
    for _ in range(20):
        owner.show("43")
        listener.ping()
        told = [json.loads(payload) for topic, payload in listener.messages if topic == "digits/desk/reading/score"]
        if len(told) >= 2:
            break
    assert [reading["text"] for reading in told][:2] == ["42", "43"]
    assert told[0]["id"] == owner.before[0][1][1]


@needs_mosquitto
def test_a_number_that_was_wiped_meanwhile_is_gone(owner: Owner) -> None:
    owner.show("")
    assert rows(owner.record, "SELECT seq, region, text FROM readings WHERE seq > 2") == [(3, "score", "")]
