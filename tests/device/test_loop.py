"""The loop: newest frame only from a live camera, every frame of a recording, a clean end whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from fake_camera import FORTY_TWO, NOTHING, FakeCamera

from device.cameras.camera import Kind
from device.config.reading import TrackingRule
from device.loop import Run, run
from device.sinks.memory import ReadingsInMemory
from edge_digits.errors import CameraError
from edge_digits.page import Page
from edge_digits.types import Frame, Image


class Stepped(FakeCamera):
    """Delivers its first frame, and each further one when it is told to."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.steps, self.taken = threading.Semaphore(1), threading.Semaphore(0)

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            assert self.steps.acquire(timeout=60)
            if self.ended.is_set():
                return
            yield frame
            self.taken.release()

    def step(self, count: int) -> None:
        """Deliver so many frames; returns when the last one can be taken."""
        for _ in range(count):
            assert self.taken.acquire(timeout=60)
            self.steps.release()
        assert self.taken.acquire(timeout=60)
        self.taken.release()


class Clock:
    """Stands still but where a test moves it."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Noisy(FakeCamera):
    """Shows one thing only, with a sensor's noise."""

    def __iter__(self) -> Iterator[Frame]:
        rng = np.random.default_rng(0)
        scene = np.full((64, 64), 180.0)
        scene[20:40, 30:33] = 60.0
        for frame in super().__iter__():
            yield replace(frame, image=(scene + rng.normal(0.0, 4.0, scene.shape)).astype(np.uint8))


def drive(
    camera: FakeCamera,
    read: Callable[[Image], Page] = lambda image: NOTHING,
    watch: Callable[[Frame, Page], None] = lambda frame, page: None,
    stop: threading.Event | None = None,
    duration: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Run, list[str]]:
    memory = ReadingsInMemory()
    stop = stop or threading.Event()
    outcome = run(camera, read, TrackingRule(), [memory], [watch], stop=stop, duration=duration, clock=clock)
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
    clock = Clock()
    camera = Stepped("live")
    seen: list[int] = []

    def read(image: Image) -> Page:
        # Ten frames come while one is read.
        camera.step(10)
        clock.now += 0.5
        return NOTHING

    def watch(frame: Frame, page: Page) -> None:
        seen.append(frame.number)

    outcome, _ = drive(camera, read, watch, duration=4.0, clock=clock)
    camera.steps.release()
    assert seen == [0, 10, 20, 30, 40, 50, 60, 70]
    assert (outcome.frames, outcome.skipped, outcome.median_ms) == (8, 63, 500)


def test_a_fast_reader_reads_every_frame_of_a_live_camera() -> None:
    read = threading.Semaphore(1)

    class Patient(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                assert read.acquire(timeout=60)
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
    assert all(np.shares_memory(image, same) for image, same in zip(given, kept, strict=True))


def test_what_settles_is_published() -> None:
    assert drive(FakeCamera("video", count=30), lambda image: FORTY_TWO)[1] == ["42"]


def test_a_picture_of_its_own_is_published_at_once_and_shares_nothing_with_the_next() -> None:
    assert drive(FakeCamera("stills", count=3), lambda image: FORTY_TWO)[1] == ["42", "42", "42"]


def test_the_duration_ends_a_run() -> None:
    clock = Clock()

    def watch(frame: Frame, page: Page) -> None:
        clock.now += 0.25

    outcome, _ = drive(FakeCamera("live", pause=0.001), watch=watch, duration=2.0, clock=clock)
    assert (outcome.frames, outcome.seconds, outcome.failure) == (8, 2.0, None)


def test_the_stop_flag_ends_a_run_and_the_capture_thread() -> None:
    stop = threading.Event()
    camera = FakeCamera("live", pause=0.001)
    outcome, _ = drive(camera, watch=lambda frame, page: stop.set(), stop=stop)
    assert outcome.frames == 1
    assert camera.ended.wait(60)
    for thread in threading.enumerate():
        if thread.name == "capture":
            thread.join(60)
            assert not thread.is_alive()


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


def test_a_frame_that_cannot_be_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    def read(image: Image) -> Page:
        if image[0, 0] % 5 == 0:
            raise ValueError("odd")
        return FORTY_TWO

    outcome, texts = drive(FakeCamera("video", count=50), read)
    assert (outcome.frames, texts) == (40, ["42"])
    assert caplog.text.count("frame 0, (16, 16), cannot be read: odd") == caplog.text.count("cannot be read") == 1


def test_a_frame_in_colour_is_read_in_grey() -> None:
    class ColourCamera(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                yield replace(frame, image=np.stack([frame.image] * 3, axis=2))

    shapes: set[tuple[int, ...]] = set()

    def read(image: Image) -> Page:
        shapes.add(image.shape)
        return FORTY_TWO

    outcome, texts = drive(ColourCamera("video", count=10), read)
    assert (outcome.frames, texts, shapes) == (10, ["42"], {(16, 16)})


def test_a_frame_that_is_no_picture_says_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    class OddCamera(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                yield frame if frame.number else replace(frame, image=np.zeros((16, 16, 2), np.uint8))

    outcome, _ = drive(OddCamera("video", count=10))
    assert outcome.frames == 9
    assert "frame 0, (16, 16, 2), cannot be read: a picture must be (H, W), (H, W, 3)" in caplog.text


def test_a_reader_that_fails_on_every_frame_ends_the_run() -> None:
    def read(image: Image) -> Page:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        drive(FakeCamera("video"), read)


def test_a_still_picture_is_read_until_it_has_settled_and_then_no_more() -> None:
    outcome, texts = drive(Noisy("video", count=200), lambda image: FORTY_TWO)
    assert texts == ["42"]
    assert (outcome.frames, outcome.frames - outcome.unchanged) == (200, TrackingRule().window)


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), -1.0, 0.0, 1e300])
def test_a_live_frame_with_a_broken_time_has_the_present_time(broken: float) -> None:
    class Broken(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                yield replace(frame, time=broken)

    times: list[float] = []
    before = time.time()
    drive(Broken("live", count=1), watch=lambda frame, page: times.append(frame.time))
    assert before <= times[0] <= time.time()


def test_the_heart_beats_with_every_frame_and_while_none_comes() -> None:
    beats = threading.Semaphore(0)

    class Seldom(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                assert all(beats.acquire(timeout=60) for _ in range(3))
                yield frame

    stop = threading.Event()
    outcome = run(Seldom("live", 3), lambda image: NOTHING, TrackingRule(), [], stop=stop, beat=beats.release)
    assert (outcome.frames, outcome.failure) == (3, None)
