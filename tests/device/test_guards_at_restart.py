"""A guard's memory through restarts and regions that are saved from the page, and values that are set by hand.

The reader is a stand-in that tells numbers by how bright the picture is.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from records import rows

from device import __main__ as program
from device.cameras.camera import Kind
from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.guard.by_hand import set_value
from device.guard.memory import MemoriesOfOneRun
from device.loop import run
from device.sinks.memory import ReadingsInMemory
from device.sinks.record.database import connect
from device.tracking.views import NOTHING
from edge_digits.errors import ConfigError
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Image, Line

BOX = Box(10, 10, 20, 20)
LIMITED = "change_per_minute = 50"
COUNTER = "counter = true\nrise_per_hour = 50"


class Reader:
    def read(self, grey: Image) -> Page:
        if grey.mean() < 80:
            return NOTHING
        return Page((Line("9234" if grey.mean() > 180 else "1234", 0.9, BOX, ()),), ())


def video(folder: Path, number: str) -> Path:
    path = folder / f"{number}.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (64, 48))
    for _ in range(20):
        writer.write(np.full((48, 64, 3), {"9234": 220, "1234": 140, "": 60}[number], np.uint8))
    writer.release()
    return path


class Desk:
    """A folder with a configuration, whose readings and refusals are in its record."""

    def __init__(self, folder: Path, rules: str, record: bool = True) -> None:
        self.folder, self.config = folder, folder / "camera.toml"
        self.record, self.lines = folder / "r.sqlite", folder / "readings.jsonl"
        region = f"[[region]]\nname = 'water'\nbox = [0, 0, 64, 48]\n{rules}\n"
        kept = f"[record]\npath = '{self.record}'\n" if record else ""
        self.config.write_text(f"sinks = ['jsonl:{self.lines}']\n{region}{kept}", encoding="utf-8")

    def show(self, number: str) -> None:
        source = f"file:{video(self.folder, number)}"
        assert program.main(["--source", source, "--config", str(self.config)]) == 0

    def command(self, *arguments: str) -> int:
        return program.main(["set-value", *arguments, "--config", str(self.config)])

    @property
    def published(self) -> list[str]:
        return [json.loads(line)["text"] for line in self.lines.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "open_reader", lambda model: Reader())


@pytest.mark.parametrize("rules", [LIMITED, COUNTER])
def test_what_would_be_refused_within_one_run_is_refused_after_a_restart(tmp_path: Path, rules: str) -> None:
    desk = Desk(tmp_path, rules)
    desk.show("1234")
    desk.show("9234")
    desk.show("1234")
    assert desk.published == ["1234", "1234"]
    [(text, reason)] = rows(desk.record, "SELECT text, reason FROM refusals")
    assert text == "9234"
    assert "from 1234 by +8000, more than 50" in reason


def test_a_number_that_was_wiped_while_the_reader_was_off_is_reported_as_gone_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LIMITED)
    for number in ("", "1234", "", "", "1234", "1234", ""):
        desk.show(number)
    assert desk.published == ["1234", "", "1234", "1234", ""]
    assert rows(desk.record, "SELECT text, region, x, y, width, height FROM readings WHERE text = ''") == [
        ("", "water", 0, 0, 64, 48),
        ("", "water", 0, 0, 64, 48),
    ]


def test_after_it_was_gone_a_number_is_still_compared_with_the_last_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LIMITED)
    for number in ("1234", "", "9234"):
        desk.show(number)
    assert desk.published == ["1234", ""]


def test_without_a_record_the_memory_ends_with_the_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LIMITED, record=False)
    desk.show("1234")
    desk.show("9234")
    assert desk.published == ["1234", "9234"]


def test_what_is_refused_is_in_the_log_where_there_is_no_console(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(tmp_path, LIMITED)
    desk.show("1234")
    desk.show("9234")
    assert caplog.messages == ["water: 9234 is refused: changed from 1234 by +8000, more than 50"]


def test_a_value_set_on_the_command_line_is_what_the_next_number_is_compared_with(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path, COUNTER)
    desk.show("1234")
    assert desk.command("water", "9200") == 0
    assert capsys.readouterr().out.endswith("water: the last value is 9200\n")
    desk.show("9234")
    assert desk.published == ["1234", "9234"]
    assert caplog.messages == ["water: the last value is 9200, set by hand"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gas", "5"], "'gas': no such region; expected one of water"),
        (["water", "12a"], "water: expected a number such as 1234.5, not '12a'"),
        (["water", "-5"], "-5"),
        (["water", "nan"], "water: expected a number such as 1234.5, not 'nan'"),
        (["water", "1e5"], "water: expected a number such as 1234.5, not '1e5'"),
        (["water", "501"], "water: 501 is outside its range, 0 to 500"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    desk = Desk(tmp_path, "range = [0, 500]")
    try:
        status = desk.command(*arguments)
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert said in capsys.readouterr().err


def test_a_value_is_not_put_into_a_record_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path, COUNTER)
    assert desk.command("water", "5") == 1
    assert "r.sqlite: there is no record; start this where the reader is started" in capsys.readouterr().err
    assert not desk.record.exists()
    assert Desk(tmp_path, COUNTER, record=False).command("water", "5") == 2
    assert "expected a table [record]: without one a reader forgets when it ends" in capsys.readouterr().err


def test_a_number_that_is_wiped_while_regions_are_saved_is_gone(tmp_path: Path) -> None:
    region = RegionRule("water", Box(0, 0, 64, 48))
    asked = 0

    def new_regions() -> list[RegionRule] | None:
        nonlocal asked
        asked += 1
        return [region] if asked == 31 else None

    sink = ReadingsInMemory()
    run(
        Scenes([140] * 30 + [60] * 30),
        Reader().read,
        TrackingRule(),
        [sink],
        stop=threading.Event(),
        regions=[region],
        new_regions=new_regions,
    )
    assert [reading.text for reading in sink.readings] == ["1234", ""]


class Scenes:
    """A recording of ``count`` frames; before each, ``before(number)`` happens."""

    name, kind = "scenes", "video"
    kind: Kind

    def __init__(self, levels: list[int]) -> None:
        self.levels = levels

    def __iter__(self) -> Iterator[Frame]:
        for number, level in enumerate(self.levels):
            noise = np.random.default_rng(number).integers(-15, 15, (48, 64))
            yield Frame((level + noise).astype(np.uint8), number, 1000.0 + number / 15)

    def close(self) -> None:
        pass

    def __enter__(self) -> Scenes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def test_regions_that_are_saved_from_the_page_forget_nothing() -> None:
    before = RegionRule("water", Box(0, 0, 64, 48), change_per_minute=50.0)
    after = RegionRule("water", Box(1, 1, 60, 40), change_per_minute=50.0, digits=4)
    asked = 0

    def new_regions() -> list[RegionRule] | None:
        nonlocal asked
        asked += 1
        return [after] if asked == 60 else None

    sink = ReadingsInMemory()
    run(
        Scenes([140] * 30 + [220] * 30),
        Reader().read,
        TrackingRule(),
        [sink],
        stop=threading.Event(),
        regions=[before],
        new_regions=new_regions,
    )
    assert "9234" not in [reading.text for reading in sink.readings]


def test_a_value_that_is_set_while_a_number_stands_refused_lets_it_pass() -> None:
    memories, sink = MemoriesOfOneRun(), ReadingsInMemory()
    regions = [RegionRule("water", Box(0, 0, 64, 48), change_per_minute=50.0)]

    def watch(frame: Frame, page: Page) -> None:
        if frame.number == 50:
            assert set_value(memories, regions, "water", "9200") == 9200.0

    run(
        Scenes([140] * 30 + [220] * 30),
        Reader().read,
        TrackingRule(),
        [sink],
        [watch],
        stop=threading.Event(),
        regions=regions,
        memories=memories,
    )
    assert [(r.text, r.value, r.alert) for r in sink.readings] == [("1234", 1234.0, None), ("9234", 9234.0, None)]


def test_a_region_that_is_not_there_has_no_value_to_set() -> None:
    with pytest.raises(ConfigError, match=r"'gas': no such region; expected a \[\[region\]\]"):
        set_value(MemoriesOfOneRun(), [], "gas", "1")


def test_a_record_of_another_sink_keeps_memories_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LIMITED, record=False)
    text = desk.config.read_text(encoding="utf-8").replace("sinks = [", f"sinks = ['sqlite:{desk.record}', ")
    desk.config.write_text(text, encoding="utf-8")
    desk.show("1234")
    desk.show("9234")
    assert desk.published == ["1234"]
    with closing(connect(desk.record)) as connection:
        assert connection.execute("SELECT region FROM guards").fetchall() == [("water",)]
