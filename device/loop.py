"""Newest frame -> reader -> tracker -> sinks. The only place where the time of a run is measured."""

from __future__ import annotations

import logging
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from device.cameras import Camera
from device.sinks import Sink
from device.tracking import Tracker, TrackingRule
from edge_digits.types import Frame, Image, Page

POLL = 0.1
"""Seconds between two looks at the stop flag while no frame comes."""

PATIENCE = 1.0
"""Seconds that a camera has to give its last frame before the run ends without it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """What a run came to.

    frames: read. skipped: frames of the camera that were not read, because a newer one had come. seconds: from the
    first frame to the end. median_ms: time of one reading, over the last thousand, NaN if there was none. failure: why
    the camera stopped delivering, if it did.
    """

    frames: int
    skipped: int
    seconds: float
    median_ms: float
    failure: Exception | None = None

    @property
    def frame_rate(self) -> float:
        """Frames read per second."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0


class Slot:
    """Hands frames from the capture thread to the reader; holds one at most.

    keep_all: ``put`` waits until the last frame was taken; else a newer frame replaces it.
    """

    def __init__(self, keep_all: bool) -> None:
        self._keep_all = keep_all
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._closed = False

    def put(self, frame: Frame) -> bool:
        """Offer a frame. Returns False once nobody takes frames any more."""
        with self._changed:
            while self._keep_all and self._frame is not None and not self._closed:
                self._changed.wait()
            self._frame = frame
            self._changed.notify_all()
            return not self._closed

    def take(self, timeout: float) -> Frame | None:
        """The newest frame that was not taken yet; waits for one up to ``timeout`` seconds, or until ``close``."""
        with self._changed:
            if self._frame is None and not self._closed:
                self._changed.wait(timeout)
            frame, self._frame = self._frame, None
            self._changed.notify_all()
            return frame

    def is_drained(self) -> bool:
        """Whether the last frame was taken and no further one will come."""
        with self._changed:
            return self._closed and self._frame is None

    def close(self) -> None:
        """No frame comes any more, or none is wanted."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def run(
    camera: Camera,
    read: Callable[[Image], Page],
    rule: TrackingRule,
    sinks: Sequence[Sink],
    watchers: Sequence[Callable[[Frame, Page], None]] = (),
    *,
    stop: threading.Event,
    duration: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Run:
    """Read from ``camera`` until it ends, ``stop`` is set, or ``duration`` seconds after the first frame.

    read: (H, W) uint8 grey -> Page. rule: when a number is published; a picture of its own has nothing to agree with,
    so what is read in it counts at once. watchers: called with every frame that was read and what was read in it. A
    live camera's frames are skipped while a reading takes longer than a frame lasts; a recording's never. The camera
    stays open; a failure of it ends the run and stands in the result. clock: seconds, only differences count.
    """
    live, stills = camera.kind == "live", camera.kind == "stills"
    tracker = Tracker(replace(rule, settle=1) if stills else rule)
    slot = Slot(keep_all=not live)
    failures: list[Exception] = []
    capture = threading.Thread(target=_capture, args=(camera, slot, failures), name="capture", daemon=True)
    capture.start()
    frames, latest = 0, -1
    opened = clock()
    began: float | None = None
    took_ms: deque[float] = deque(maxlen=1000)
    try:
        while not (stop.is_set() or slot.is_drained()):
            if duration is not None and clock() - (opened if began is None else began) >= duration:
                break
            frame = slot.take(POLL)
            if frame is None:
                continue
            started = clock()
            began = started if began is None else began
            page = read(frame.image)
            took_ms.append((clock() - started) * 1000)
            frames, latest = frames + 1, frame.number
            if stills:
                tracker.clear()
            for reading in tracker.update(page, frame.time):
                for sink in sinks:
                    sink.publish(reading)
            for watcher in watchers:
                watcher(frame, page)
    finally:
        seconds = 0.0 if began is None else clock() - began
        slot.close()
        capture.join(PATIENCE)
    if capture.is_alive():
        logger.warning("%s: no frame for %.0f s; not waiting for the camera any longer", camera.name, PATIENCE)
    median = statistics.median(took_ms) if took_ms else float("nan")
    return Run(frames, latest + 1 - frames, seconds, median, failures[0] if failures else None)


def _capture(camera: Camera, slot: Slot, failures: list[Exception]) -> None:
    """The capture thread: every frame into the slot, and what goes wrong to the thread that reads."""
    try:
        for frame in camera:
            if not slot.put(frame):
                return
    except Exception as error:
        failures.append(error)
    finally:
        slot.close()
