"""Capturing: one frame at most waits, and a live camera that fails or falls silent is opened again, ever less often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import numpy as np
import pytest

from device import capture as module
from device.cameras.camera import Kind
from device.capture import FIRST_WAIT, LONGEST_WAIT, Capture, Slot
from edge_digits.errors import CameraError
from edge_digits.types import Frame

BLANK = np.zeros((4, 4), np.uint8)


class Camera:
    """Delivers ``count`` frames, then raises ``failure``, or hangs until it is closed if there is none."""

    name = "fake"

    def __init__(self, count: int, failure: Exception | None = None, kind: Kind = "live") -> None:
        self.kind: Kind = kind
        self.count, self.failure = count, failure
        self.closed = threading.Event()
        self.taken = threading.Semaphore(1)

    def __iter__(self) -> Iterator[Frame]:
        for number in range(self.count):
            assert self.taken.acquire(timeout=60)
            yield Frame(BLANK, number, 0.0)
        if self.failure is not None:
            raise self.failure
        self.closed.wait()

    def close(self) -> None:
        self.closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Clock:
    """Stands still but for the seconds it is moved by; ``wait`` takes its time too."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += max(seconds, 0.01)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module.time, "sleep", clock.wait)
    return clock


def frames(capture: Capture, cameras: list[Camera], count: int) -> list[int]:
    """Numbers of the next ``count`` frames."""
    numbers: list[int] = []
    limit = time.monotonic() + 60
    while len(numbers) < count and time.monotonic() < limit:
        frame = capture.take(0.05)
        if frame is not None:
            numbers.append(frame.number)
            cameras[-1].taken.release()
    return numbers


def supervised(clock: Callable[[], float], *cameras: Camera | Exception) -> tuple[Capture, list[Camera], list[float]]:
    """A capture of the first camera, which is followed by the others; those that were opened, and when."""
    first, *later = cameras
    assert isinstance(first, Camera)
    opened, times = [first], []

    def reopen() -> Camera:
        times.append(clock())
        camera = later.pop(0)
        if isinstance(camera, Exception):
            raise camera
        opened.append(camera)
        return camera

    return Capture(first, reopen, 10.0, clock), opened, times


def test_a_camera_that_fails_is_closed_and_opened_again(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    capture, opened, times = supervised(clock, Camera(2, CameraError("unplugged")), Camera(2))
    assert frames(capture, opened, 4) == [0, 1, 2, 3]
    assert opened[0].closed.is_set()
    assert times == [pytest.approx(FIRST_WAIT)]
    assert (capture.taken, capture.skipped, capture.finished) == (4, 0, False)
    assert "unplugged; opening it again in 1 s" in caplog.text
    assert "fake: delivers again, after 1 s" in caplog.text
    capture.close()


def test_a_camera_that_delivers_nothing_for_too_long_is_closed_and_opened_again(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    capture, opened, _ = supervised(clock, Camera(1), Camera(1))
    assert frames(capture, opened, 1) == [0]
    clock.now += 9.0
    assert capture.take(0.01) is None
    assert not opened[0].closed.is_set()
    clock.now += 2.0
    assert capture.take(0.01) is None
    assert opened[0].closed.wait(2)
    assert frames(capture, opened, 1) == [1]
    assert "fake: no frame for 10 s" in caplog.text
    capture.close()


def test_vain_attempts_come_less_and_less_often_and_are_said_once(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    missing = [CameraError("missing") for _ in range(9)]
    capture, opened, times = supervised(clock, Camera(1, CameraError("missing")), *missing, Camera(1))
    assert frames(capture, opened, 2) == [0, 1]
    waits = np.diff([0.0, *times])
    assert waits == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60, 60], abs=0.2)
    assert waits.max() <= LONGEST_WAIT + 0.2
    assert caplog.text.count("missing; opening it again") == 1
    capture.close()


def test_a_driver_that_hangs_whatever_is_done_ends_the_run(clock: Clock) -> None:
    hang = threading.Event()

    class Hanging(Camera):
        def __iter__(self) -> Iterator[Frame]:
            hang.wait()
            yield from ()

    capture, _, _ = supervised(clock, *(Hanging(0) for _ in range(5)))
    while not capture.finished:
        capture.take(0.01)
        clock.now += 1.0
        assert clock.now < 300
    assert "the driver hangs" in str(capture.failure)
    hang.set()


def test_a_camera_that_is_not_opened_again_ends_with_its_failure() -> None:
    failure = CameraError("unplugged")
    camera = Camera(1, failure)
    capture = Capture(camera)
    assert frames(capture, [camera], 1) == [0]
    while not capture.finished:
        assert capture.take(0.05) is None
    assert capture.failure is failure


def test_a_recording_is_never_opened_again(clock: Clock) -> None:
    capture, opened, times = supervised(clock, Camera(2, CameraError("damaged"), kind="video"), Camera(1))
    assert frames(capture, opened, 2) == [0, 1]
    while not capture.finished:
        capture.take(0.05)
    assert (str(capture.failure), times) == ("damaged", [])


def test_closing_leaves_no_thread() -> None:
    camera = Camera(1)
    capture = Capture(camera)
    frames(capture, [camera], 1)
    capture.close()
    assert camera.closed.is_set()
    assert not {"capture", "close"} & {thread.name for thread in threading.enumerate()}


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
