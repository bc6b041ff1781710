"""Which digits are collected from a camera, and that collecting never stops it; and what somebody says of a line."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fake_camera import FakeCamera

from device.cameras.demo import DemoCamera
from device.collect import collector as collecting
from device.collect.collector import MOST_A_MINUTE, Collector, open_collector
from device.config.camera import CameraSettings
from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.config.settings import TeachConfig
from device.loop import run
from device.sinks.memory import ReadingsInMemory
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.teach.labels import read_labels, read_samples
from edge_digits.trace import Observe, Seen
from edge_digits.types import Box, Frame, Image, Rejected

PICTURE = DemoCamera(CameraSettings(640, 480, 10)).photograph(55).image
"""2980, 720, 640910 and 09."""

ALL, NONE = TeachConfig(unsure=1.0, random=0.0), TeachConfig(unsure=0.0, random=0.0)
"""As far as sureness goes."""

REGION = RegionRule("score", Box(40, 30, 320, 100), digits=4)
"""Around the first number."""


class Desk(FakeCamera):
    """A camera whose picture stands still. stills: each frame is settled at once."""

    def __init__(self, count: int) -> None:
        super().__init__("stills", count)

    def __iter__(self) -> Iterator[Frame]:
        return (replace(frame, image=PICTURE) for frame in super().__iter__())


class Replayed:
    """Reads as the reader does, each picture once; ``change`` makes another page of it."""

    known: dict[bytes, tuple[Page, Seen]] = {}  # noqa: RUF012 (for all tests)

    def __init__(self, change: Callable[[Page], Page] = lambda page: page) -> None:
        self.change = change

    def __call__(self, image: Image, /, observe: Observe | None = None) -> Page:
        key = repr(image.shape).encode() + image.tobytes()
        if key not in self.known:
            seen: list[Seen] = []
            page = open_reader().read(image, observe=seen.append)
            self.known[key] = page, seen[0]
        page, one = self.known[key]
        if observe is not None:
            observe(one)
        return self.change(page)


def collect(
    folder: Path,
    config: TeachConfig,
    frames: int = 1,
    regions: Sequence[RegionRule] = (),
    read: Replayed | None = None,
    chance: Callable[[], float] = lambda: 0.5,
) -> tuple[Collector, ReadingsInMemory]:
    """Let a camera run for so many frames."""
    collector, memory = Collector(folder, config, chance), ReadingsInMemory()
    run(
        Desk(frames),
        collector.reading(read or Replayed()),
        TrackingRule(),
        [collector, memory],
        stop=threading.Event(),
        regions=regions,
        looks=collector.looked,
    )
    return collector, memory


def kept(folder: Path) -> list[tuple[str, str, str]]:
    """What was read, why it was kept, and where."""
    return [(row.read, row.why, row.region) for row in read_samples(folder)]


def test_nothing_is_collected_unless_a_folder_is_named() -> None:
    assert open_collector(TeachConfig()) is None


def test_unsure_digits_of_a_settled_number_are_kept(tmp_path: Path) -> None:
    _, memory = collect(tmp_path, ALL)
    digits = "".join(reading.text for reading in memory.readings)
    assert kept(tmp_path) == [(digit, "unsure", "") for digit in digits]
    assert digits == "298072064091009"


def test_sure_digits_are_not(tmp_path: Path) -> None:
    collect(tmp_path, NONE)
    assert kept(tmp_path) == []


def test_a_number_that_stands_is_collected_once(tmp_path: Path) -> None:
    _, memory = collect(tmp_path, ALL, frames=4)
    assert len(memory.readings) == 16
    assert len(kept(tmp_path)) == 15


def test_a_digit_at_random_is_kept_however_sure_it_is(tmp_path: Path) -> None:
    chances = iter([0.1, 0.99, 0.6, 0.1, 0.0, 0.9])
    collect(tmp_path, replace(NONE, random=0.5), chance=lambda: next(chances))
    # The last of the first number, none of the second, the first of the third.
    assert kept(tmp_path) == [("0", "random", ""), ("6", "random", "")]


def test_a_refused_number_is_kept_whole_with_the_reason(tmp_path: Path) -> None:
    collect(tmp_path, NONE, regions=[replace(REGION, digits=5)])
    assert kept(tmp_path) == [(digit, "refused: 4 digits, expected 5", "score") for digit in "2980"]


def test_what_was_rejected_in_the_row_for_being_unsure_is_kept_without_a_digit(tmp_path: Path) -> None:
    def rejecting(page: Page) -> Page:
        line = page.lines[0]
        last = Rejected(line.digits[-1].box, "low-confidence")
        cut = replace(line, text=line.text[:-1], digits=line.digits[:-1])
        return Page((cut,), (last, replace(last, reason="not-a-digit")))

    collect(tmp_path, NONE, read=Replayed(rejecting))
    assert kept(tmp_path) == [("", "low-confidence", "")]


def test_no_more_than_the_most_are_kept_and_the_newest_stay(tmp_path: Path) -> None:
    collect(tmp_path, replace(ALL, samples=6))
    assert len(kept(tmp_path)) <= 6
    assert [read for read, _, _ in kept(tmp_path)][-3:] == ["0", "0", "9"]


def test_the_most_hold_over_a_restart(tmp_path: Path) -> None:
    for _ in range(3):
        collect(tmp_path, replace(ALL, samples=20))
    assert 15 <= len(kept(tmp_path)) <= 20


def test_no_more_than_so_many_a_minute_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST_A_MINUTE", MOST_A_MINUTE // 10)
    collect(tmp_path, ALL)
    assert len(kept(tmp_path)) == MOST_A_MINUTE // 10


def test_a_full_disk_is_said_once_and_stops_no_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(collecting, "keep", full)
    _, memory = collect(tmp_path, ALL, frames=2)
    assert len(memory.readings) == 8
    assert caplog.messages == [f"teach:{tmp_path}: a sample cannot be kept (No space left on device); reading goes on"]


def test_a_damaged_list_stops_no_reading(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "samples.csv").write_text("nothing\n")
    _, memory = collect(tmp_path, ALL)
    assert len(memory.readings) == 4
    assert "samples.csv: has no column file" in caplog.text


def test_what_stands_still_is_read_anew_once_the_reader_has_learned(tmp_path: Path) -> None:
    read, texts = Replayed(), []
    collector, memory = Collector(tmp_path, NONE), ReadingsInMemory()

    def watch(frame: Frame, page: Page) -> None:
        # The number has settled, and is read no more.
        if frame.number == 30:
            read.change = lambda page: replace(page, lines=(replace(page.lines[0], text="2981"), *page.lines[1:]))
        if frame.number == 40:
            texts.extend(reading.text for reading in memory.readings)
            collector.look_again()

    camera = Desk(60)
    camera.kind = "video"
    sinks = [collector, memory]
    run(camera, collector.reading(read), TrackingRule(), sinks, [watch], stop=threading.Event(), looks=collector.looked)
    assert sorted(texts) == ["09", "2980", "640910", "720"]
    assert [reading.text for reading in memory.readings][4:] == ["2981"]


class TestALineIsLabelled:
    """In the live picture: tapped, and typed."""

    @pytest.fixture
    def collector(self, tmp_path: Path) -> Collector:
        return collect(tmp_path, NONE)[0]

    def box(self, text: str) -> Box:
        return next(line.box for line in Replayed()(PICTURE).lines if line.text == text)

    def labels(self, folder: Path) -> list[tuple[str, str]]:
        """What was read, and what it was said to be."""
        labels = read_labels(folder)
        return [(row.read, labels.get(row.file, "")) for row in read_samples(folder)]

    def test_digit_by_digit(self, collector: Collector, tmp_path: Path) -> None:
        assert collector.label("2980", self.box("2980"), "2900") == (4, "")
        assert self.labels(tmp_path) == [("2", "2"), ("9", "9"), ("8", "0"), ("0", "0")]
        assert {why for _, why, _ in kept(tmp_path)} == {"by hand"}

    def test_again_where_the_first_was_a_slip(self, collector: Collector, tmp_path: Path) -> None:
        collector.label("2980", self.box("2980"), "2900")
        collector.label("2980", self.box("2980"), "2990")
        assert self.labels(tmp_path) == [("2", "2"), ("9", "9"), ("8", "9"), ("0", "0")]

    def test_where_it_was_collected_already_no_second_time(self, tmp_path: Path) -> None:
        collector, _ = collect(tmp_path, ALL)
        assert collector.label("720", self.box("720"), "720") == (3, "")
        assert len(kept(tmp_path)) == 15
        assert sorted(read_labels(tmp_path).values()) == ["0", "2", "7"]

    def test_not_where_another_count_was_typed_but_it_is_kept(self, collector: Collector, tmp_path: Path) -> None:
        why = "3 digits were typed, 4 were read: label them one by one on the page Teach"
        assert collector.label("2980", self.box("2980"), "290") == (0, why)
        assert self.labels(tmp_path) == [("2", ""), ("9", ""), ("8", ""), ("0", "")]

    def test_not_where_another_number_stands_by_now(self, collector: Collector, tmp_path: Path) -> None:
        why = "this number has changed since; tap it again"
        assert collector.label("2981", self.box("2980"), "2980") == (0, why)
        assert collector.label("2980", self.box("720"), "2980") == (0, why)
        assert kept(tmp_path) == []

    def test_in_a_region_too(self, tmp_path: Path) -> None:
        collector, memory = collect(tmp_path, NONE, regions=[REGION])
        assert collector.label("2980", memory.readings[0].box, "2980") == (4, "")
        assert {region for _, _, region in kept(tmp_path)} == {"score"}
