"""What the loop tells sinks and the log: readings and refusals with their pictures, clocks and regions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fake_camera import FORTY_TWO, NOTHING, FakeCamera, picture

from device.cameras.camera import Kind
from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.loop import run
from device.sinks.memory import ReadingsInMemory
from device.system.clock import ClockWatch
from edge_digits.errors import EdgeDigitsError
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Image, Line, Reading, Refusal


def test_a_sink_that_fails_keeps_nothing_from_the_others_nor_from_reading(caplog: pytest.LogCaptureFixture) -> None:
    class Full(ReadingsInMemory):
        def publish(self, reading: Reading, picture: Image | None = None) -> None:
            raise EdgeDigitsError("record: no space left")

    memory = ReadingsInMemory()
    stills = FakeCamera("stills", count=3)
    outcome = run(stills, lambda image: FORTY_TWO, TrackingRule(), [Full(), memory], stop=threading.Event())
    assert (len(memory.readings), outcome.lost) == (3, 3)
    assert caplog.text.count("record: no space left; reading goes on without it") == 1


def test_sinks_get_the_line_and_the_paper_round_it() -> None:
    given: list[Image | None] = []

    class Keeping(ReadingsInMemory):
        def publish(self, reading: Reading, picture: Image | None = None) -> None:
            given.append(picture)

    page = Page((Line("42", 0.9, Box(5, 6, 7, 4), ()),), ())
    run(FakeCamera("stills", count=1), lambda image: page, TrackingRule(), [Keeping()], stop=threading.Event())
    [part] = given
    assert part is not None and (part == picture(0)[4:12, 3:14]).all()


class ClockSetBack(ClockWatch):
    """Of a computer whose clock is set back by an hour after two readings."""

    def __init__(self) -> None:
        self.asked = 0
        super().__init__(lambda: 1e9 - (3600 if self.asked > 2 else 0), lambda: 0.0, lambda: True)

    def doubt(self, taken: float) -> str | None:
        self.asked += 1
        return super().doubt(1e9 - (3600 if self.asked > 2 else 0))


@pytest.mark.parametrize(("kind", "clocks"), [("stills", [None, None, "set back"]), ("video", [None])])
def test_readings_say_what_is_wrong_with_their_times_unless_they_are_a_recording_s(
    kind: Kind, clocks: list[str | None]
) -> None:
    memory = ReadingsInMemory()
    run(
        FakeCamera(kind, count=3 if kind == "stills" else 30),
        lambda image: FORTY_TWO,
        TrackingRule(),
        [memory],
        stop=threading.Event(),
        wall_clock=ClockSetBack(),
    )
    assert [reading.clock for reading in memory.readings] == clocks


def test_regions_alone_are_read_and_their_numbers_carry_their_names() -> None:
    sizes: set[tuple[int, ...]] = set()

    def read(image: Image) -> Page:
        sizes.add(image.shape)
        return FORTY_TWO

    memory = ReadingsInMemory()
    regions = [RegionRule("a", Box(0, 0, 8, 4)), RegionRule("b", Box(6, 8, 40, 40))]
    run(FakeCamera("stills", count=1), read, TrackingRule(), [memory], stop=threading.Event(), regions=regions)
    assert [(r.region, r.text, r.box.as_list()) for r in memory.readings] == [
        ("a", "42", [0, 0, 4, 4]),
        ("b", "42", [6, 8, 4, 4]),
    ]
    assert sizes == {(4, 8), (8, 10)}


def test_a_region_that_leaves_the_picture_is_said_once_for_each_size_of_it(caplog: pytest.LogCaptureFixture) -> None:
    class Swapped(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                smaller = frame.number % 10 >= 5
                yield replace(frame, image=frame.image[:8, :8]) if smaller else frame

    regions = [RegionRule("a", Box(0, 0, 8, 4)), RegionRule("b", Box(20, 8, 4, 4)), RegionRule("c", Box(8, 0, 8, 4))]
    run(Swapped("video", 40), lambda image: NOTHING, TrackingRule(), [], stop=threading.Event(), regions=regions)
    assert caplog.messages == [
        "region b: [20, 8, 4, 4] leaves the picture of 16x16; nothing is read there",
        "region b: [20, 8, 4, 4] leaves the picture of 8x8; nothing is read there",
        "region c: [8, 0, 8, 4] leaves the picture of 8x8; nothing is read there",
    ]


def test_new_regions_that_leave_the_picture_are_said_too(caplog: pytest.LogCaptureFixture) -> None:
    new = iter([None, None, None, [RegionRule("new", Box(20, 8, 4, 4))]])
    run(
        FakeCamera("video", count=9),
        lambda image: NOTHING,
        TrackingRule(),
        [],
        stop=threading.Event(),
        new_regions=lambda: next(new, None),
    )
    assert caplog.messages == ["region new: [20, 8, 4, 4] leaves the picture of 16x16; nothing is read there"]


def test_a_refused_number_goes_to_the_sinks_with_its_reason_only() -> None:
    refused: list[Refusal] = []

    class Refusing(ReadingsInMemory):
        def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
            refused.append(refusal)

    sink = Refusing()
    regions = [RegionRule("a", Box(0, 0, 8, 4), digits=3)]
    run(
        FakeCamera("stills", count=1),
        lambda image: FORTY_TWO,
        TrackingRule(),
        [sink],
        stop=threading.Event(),
        regions=regions,
    )
    assert not sink.readings
    assert [(r.region, r.text, r.reason) for r in refused] == [("a", "42", "2 digits, expected 3")]
