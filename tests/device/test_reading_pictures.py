"""Pictures of accepted readings: in files beside the record, so many and no more, and never through a link."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from records import reading, rows

from device.config.settings import RecordConfig
from device.sinks.record.database import connect
from device.sinks.record.pictures import PictureFolder, picture_folder
from device.sinks.record.sqlite import Record
from device.web import record as web_record
from device.web.record import Query

PICTURE = np.full((40, 400), 128, np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.sqlite"


def publish(config: RecordConfig, numbers: range) -> None:
    record = Record(config)
    for number in numbers:
        record.publish(reading(number), PICTURE)
    record.close()


def names(path: Path) -> set[str]:
    return {file.name for file in picture_folder(path).iterdir()}


def expected(numbers: range) -> set[str]:
    return {f"{reading(number).id}.jpg" for number in numbers}


def test_without_the_setting_there_is_no_folder(path: Path) -> None:
    publish(RecordConfig(path), range(3))
    assert not picture_folder(path).exists()
    assert rows(path, "SELECT DISTINCT picture FROM readings") == [(None,)]


def test_a_reading_s_picture_is_a_small_jpeg_that_the_record_names(path: Path) -> None:
    publish(RecordConfig(path, reading_pictures=10), range(1))
    [(name,)] = rows(path, "SELECT picture FROM readings")
    assert name == f"{reading(0).id}.jpg"
    picture = cv2.imread(str(picture_folder(path) / name), cv2.IMREAD_UNCHANGED)
    assert picture is not None and picture.shape == (32, 320)


def test_only_the_newest_are_kept_across_runs_too(path: Path) -> None:
    config = RecordConfig(path, reading_pictures=5)
    publish(config, range(8))
    assert names(path) == expected(range(3, 8))
    for file in picture_folder(path).iterdir():
        # As of pictures that were not taken within a moment.
        os.utime(file, times=(int(file.stem), int(file.stem)))
    publish(config, range(8, 11))
    assert names(path) == expected(range(6, 11))


def test_they_take_up_no_more_than_they_may_and_other_files_stay(path: Path) -> None:
    folder = PictureFolder(picture_folder(path), 1000, 2500)
    folder.keep("0", bytes(1000))
    (picture_folder(path) / "notes.txt").write_text("mine")
    for number in range(1, 6):
        folder.keep(str(number), bytes(1000))
    assert names(path) == {"4.jpg", "5.jpg", "notes.txt"}
    # One that is too large alone is there until the next.
    folder.keep("large", bytes(9000))
    assert names(path) == {"large.jpg", "notes.txt"}


@pytest.mark.parametrize("link", ["folder", "file"])
def test_nothing_is_written_through_a_link(path: Path, link: str, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = path.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("precious")
    if link == "folder":
        picture_folder(path).symlink_to(elsewhere)
    else:
        picture_folder(path).mkdir()
        (picture_folder(path) / f"{reading(0).id}.jpg").symlink_to(elsewhere / "precious")
    publish(RecordConfig(path, reading_pictures=10), range(1))
    assert [file.read_text() for file in elsewhere.iterdir()] == ["precious"]
    assert rows(path, "SELECT text, picture FROM readings") == [("0", None)]
    assert "is a symbolic link" in caplog.text


def test_a_disk_that_takes_no_pictures_is_said_once_and_readings_are_recorded(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("device.sinks.record.pictures.atomic_write", full)
    publish(RecordConfig(path, reading_pictures=10), range(3))
    assert rows(path, "SELECT count(*), count(picture) FROM readings") == [(3, 0)]
    folder = picture_folder(path)
    said = "cannot be written (No space left on device); readings are kept without their pictures"
    assert caplog.messages == [f"{folder}: {said}"]


def test_the_page_shows_those_that_are_there(path: Path) -> None:
    publish(RecordConfig(path, reading_pictures=2), range(4))
    entries = list(web_record.entries(path, Query()))
    assert [entry["picture"] for entry in entries] == [True, True, False, False]
    data = web_record.picture(path, entries[0]["id"], refused=False)
    assert data is not None and data.startswith(b"\xff\xd8")
    assert web_record.picture(path, entries[3]["id"], refused=False) is None
    assert web_record.picture(path, "../../etc/passwd", refused=False) is None


def test_the_page_follows_no_link_and_no_path_that_somebody_wrote_into_the_record(path: Path) -> None:
    publish(RecordConfig(path, reading_pictures=2), range(1))
    secret = path.parent / "secret.jpg"
    secret.write_text("secret")
    [file] = picture_folder(path).iterdir()
    file.unlink()
    file.symlink_to(secret)
    assert web_record.picture(path, reading(0).id, refused=False) is None
    with closing(connect(path)) as connection:
        connection.execute("UPDATE readings SET picture = '../secret.jpg'")
    assert web_record.picture(path, reading(0).id, refused=False) is None
