"""The loop: newest frame only from a live camera, every frame of a recording, a clean end whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import numpy as np
import pytest

from device.cameras import Kind
from device.loop import Run, Slot, run
from device.sinks.memory import ReadingsInMemory
from device.tracking import TrackingRule
from edge_digits.errors import CameraError
from edge_digits.types import Box, Frame, Image, Line, Page

BLANK = np.zeros((4, 4), np.uint8)
NOTHING = Page((), ())


class FakeCamera:
    """Delivers ``count`` frames, whose pixels hold their number, each after ``pause`` seconds."""

    name = "fake"

    def __init__(
        self, kind: Kind, count: int = 1_000_000, pause: float = 0.0, failure: Exception | None = None
    ) -> None:
        self.kind: Kind = kind
        self.count, self.pause, self.failure = count, pause, failure
        self.delivered = -1
        self.ended = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        for number in range(self.count):
            time.sleep(self.pause)
            self.delivered = number
            yield Frame(np.full((4, 4), number % 256, np.uint8), number, 1000.0 + number)
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        self.ended.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def drive(
    camera: FakeCamera,
    read: Callable[[Image], Page] = lambda image: NOTHING,
    watch: Callable[[Frame, Page], None] = lambda frame, page: None,
    stop: threading.Event | None = None,
    duration: float | None = None,
) -> tuple[Run, list[str]]:
    memory = ReadingsInMemory()
    stop = stop or threading.Event()
    outcome = run(camera, read, TrackingRule(), [memory], [watch], stop=stop, duration=duration)
    return outcome, [reading.text for reading in memory.readings]


def test_every_frame_of_a_recording_is_read_however_slow_the_reader() -> None:
    numbers: list[int] = []

    def read(image: Image) -> Page:
        time.sleep(0.002)
        return NOTHING

    outcome, _ = drive(FakeCamera("video", count=40), read, lambda frame, _: numbers.append(frame.number))
    assert numbers == list(range(40))
    assert (outcome.frames, outcome.skipped, outcome.failure) == (40, 0, None)


def test_a_slow_reader_skips_frames_counts_them_and_never_lags() -> None:
    camera = FakeCamera("live", pause=0.002)
    behind: list[int] = []
    seen: list[int] = []

    def read(image: Image) -> Page:
        behind.append((camera.delivered - int(image[0, 0])) % 256)
        time.sleep(0.02)
        return NOTHING

    outcome, _ = drive(camera, read, lambda frame, _: seen.append(frame.number), duration=0.4)
    assert max(behind) < 10
    assert outcome.skipped == seen[-1] + 1 - len(seen) > 3 * outcome.frames
    assert outcome.median_ms >= 20


def test_a_fast_reader_reads_every_frame_of_a_live_camera() -> None:
    read = threading.Semaphore(1)

    class Patient(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                assert read.acquire(timeout=5)
                yield frame

    outcome, _ = drive(Patient("live", count=30), watch=lambda frame, page: read.release())
    assert (outcome.frames, outcome.skipped) == (30, 0)


def test_frames_reach_the_reader_without_being_copied() -> None:
    given: list[Image] = []

    def read(image: Image) -> Page:
        given.append(image)
        return NOTHING

    kept: list[Image] = []
    drive(FakeCamera("video", count=5), read, lambda frame, _: kept.append(frame.image))
    assert [id(image) for image in given] == [id(image) for image in kept]


def test_what_settles_is_published() -> None:
    page = Page((Line("42", 0.9, Box(0, 0, 4, 4), ()),), ())
    assert drive(FakeCamera("video", count=30), lambda image: page)[1] == ["42"]


def test_a_picture_of_its_own_is_published_at_once_and_shares_nothing_with_the_next() -> None:
    page = Page((Line("42", 0.9, Box(0, 0, 4, 4), ()),), ())
    assert drive(FakeCamera("stills", count=3), lambda image: page)[1] == ["42", "42", "42"]


def test_the_duration_ends_a_run() -> None:
    outcome, _ = drive(FakeCamera("live", pause=0.001), duration=0.2)
    assert 0.2 <= outcome.seconds < 0.6
    assert outcome.failure is None


def test_the_stop_flag_ends_a_run_and_the_capture_thread() -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    outcome, _ = drive(FakeCamera("live", pause=0.001), stop=stop)
    assert time.monotonic() - began < 1.0
    assert outcome.frames > 0
    assert "capture" not in [thread.name for thread in threading.enumerate()]


def test_a_camera_that_delivers_nothing_does_not_keep_a_run_from_ending(caplog: pytest.LogCaptureFixture) -> None:
    hang = threading.Event()

    class Hanging(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            hang.wait()
            yield from ()

    outcome, _ = drive(Hanging("live"), duration=0.1)
    hang.set()
    assert (outcome.frames, outcome.skipped, outcome.seconds) == (0, 0, 0.0)
    assert "not waiting for the camera" in caplog.text


@pytest.mark.parametrize("failure", [CameraError("unplugged"), ValueError("a bug")])
def test_what_a_camera_raises_ends_the_run_after_the_frames_before_it(failure: Exception) -> None:
    outcome, _ = drive(FakeCamera("video", count=3, failure=failure))
    assert (outcome.frames, outcome.failure) == (3, failure)


def test_what_a_reader_raises_comes_out_of_the_run() -> None:
    def read(image: Image) -> Page:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        drive(FakeCamera("live", count=3), read)


def test_a_slot_that_keeps_only_the_newest_forgets_the_older() -> None:
    slot = Slot(keep_all=False)
    for number in range(3):
        assert slot.put(Frame(BLANK, number, 0.0))
    newest = slot.take(0.0)
    assert newest is not None and newest.number == 2
    assert slot.take(0.0) is None


def test_a_closed_slot_takes_no_more_and_lets_nobody_wait() -> None:
    slot = Slot(keep_all=True)
    assert slot.put(Frame(BLANK, 0, 0.0))
    waiting = threading.Thread(target=slot.put, args=(Frame(BLANK, 1, 0.0),))
    waiting.start()
    slot.close()
    waiting.join(1.0)
    assert not waiting.is_alive()
    assert not slot.put(Frame(BLANK, 2, 0.0))
