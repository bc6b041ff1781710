"""A camera's frames from a thread of its own: the newest only, and a camera that fails or hangs is opened again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from device.cameras.camera import Camera
from edge_digits.errors import CameraError, ConfigError
from edge_digits.types import Frame

FIRST_WAIT = 1.0
"""Seconds until a camera that stopped is opened again; doubled with every vain attempt."""

LONGEST_WAIT = 60.0
"""Seconds between two attempts at most."""

STEADY = 30.0
"""Seconds that a camera must have delivered for, to begin with the first wait again when it stops."""

MOST_STUCK = 3
"""Threads that may hang in a camera's driver before a new process is the only way on."""

PATIENCE = 0.7
"""Seconds that a camera has to give its last frame and to close, before the run ends without it."""

logger = logging.getLogger(__name__)


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


class Capture:
    """Takes frames from ``camera``.

    reopen: opens the camera anew; a live one that raises, ends, or delivers nothing for ``timeout`` seconds is then
    closed and opened again, with a wait between the attempts that doubles. None: what it raises is its end; so is a
    ConfigError before the first frame, which no waiting mends. clock: seconds, only differences count. It is no thread
    of its own: what is due is done in ``take``.
    """

    def __init__(
        self,
        camera: Camera,
        reopen: Callable[[], Camera] | None = None,
        timeout: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = camera.name
        self.finished = False
        self.failure: Exception | None = None
        self.taken = 0
        self._live = camera.kind == "live"
        self._reopen = reopen if self._live else None
        self._timeout = timeout
        self._clock = clock
        self._wait = FIRST_WAIT
        self._lost_at: float | None = None
        self._logged = ""
        self._base = self._latest = 0
        self._stuck: list[_Attempt] = []
        self._attempt: _Attempt | None = _Attempt(lambda: camera, keep_all=not self._live)
        self._heard = self._since = clock()

    @property
    def skipped(self) -> int:
        """Frames of the camera that were not taken, because a newer one had come or the camera dropped them."""
        return self._latest - self.taken

    def take(self, timeout: float) -> Frame | None:
        """The newest frame; waits for one up to ``timeout`` seconds. None if there is none; see ``finished``."""
        if self._attempt is None:
            self._try_again(timeout)
            return None
        frame = self._attempt.slot.take(timeout)
        now = self._clock()
        if frame is not None:
            return self._count(frame, now)
        if self._attempt.slot.is_drained():
            self._lose(self._attempt.failure, now)
        elif self._reopen is not None and now - self._heard > self._timeout:
            self._lose(CameraError(f"{self.name}: no frame for {self._timeout:g} s"), now)
        return None

    def _count(self, frame: Frame, now: float) -> Frame:
        if self._lost_at is not None:
            logger.warning("%s: delivers again, after %.0f s", self.name, now - self._lost_at)
            self._lost_at, self._logged, self._since = None, "", now
        if self._base:
            frame = replace(frame, number=self._base + frame.number)
        self.taken += 1
        self._latest = max(self._latest, frame.number + 1)
        self._heard = now
        return frame

    def _lose(self, error: Exception | None, now: float) -> None:
        """The camera ended, failed or hangs."""
        attempt, self._attempt = self._attempt, None
        if attempt is None or self._reopen is None or (isinstance(error, ConfigError) and not self.taken):
            self.finished, self.failure = True, error
            return
        attempt.abandon()
        self._stuck = [other for other in [*self._stuck, attempt] if other.thread.is_alive()]
        if len(self._stuck) >= MOST_STUCK:
            # Each further attempt would leave another thread behind; whoever supervises the process starts it anew.
            self.finished = True
            self.failure = CameraError(f"{self.name}: the driver hangs, and opening it again does not help")
            return
        if self._lost_at is None:
            self._lost_at = now
            if now - self._since > STEADY:
                self._wait = FIRST_WAIT
        message = str(error or f"{self.name}: the stream ended")
        if message != self._logged:
            logger.warning("%s; opening it again in %.0f s, then less and less often", message, self._wait)
            self._logged = message
        self._base = self._latest
        self._heard = now
        self._retry_at = now + self._wait
        self._wait = min(2 * self._wait, LONGEST_WAIT)

    def _try_again(self, timeout: float) -> None:
        """Open the camera anew if its time has come, else wait for that, up to ``timeout`` seconds."""
        if self.finished or self._reopen is None:
            return
        remaining = self._retry_at - self._clock()
        if remaining > 0:
            time.sleep(min(remaining, timeout))
            return
        self._heard = self._clock()
        self._attempt = _Attempt(self._reopen, keep_all=False)

    def close(self) -> None:
        """End the capture thread and close the camera; waits for both, but not for long."""
        attempt, self._attempt = self._attempt, None
        self.finished = True
        if attempt is None:
            return
        attempt.abandon()
        attempt.thread.join(PATIENCE)
        if attempt.thread.is_alive():
            logger.warning("%s: does not answer; not waiting for the camera any longer", self.name)


class _Attempt:
    """One camera, opened and read in a thread that closes it in the end."""

    def __init__(self, open_camera: Callable[[], Camera], keep_all: bool) -> None:
        self.slot = Slot(keep_all)
        self.failure: Exception | None = None
        self._open = open_camera
        self._camera: Camera | None = None
        self._abandoned = False
        self.thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            with self._open() as camera:
                self._camera = camera
                if self._abandoned:
                    return
                for frame in camera:
                    if not self.slot.put(frame):
                        return
        except Exception as error:
            self.failure = error
        finally:
            self.slot.close()

    def abandon(self) -> None:
        """Nobody wants its frames any more. Closing may hang as reading does, so neither is waited for."""
        self._abandoned = True
        self.slot.close()
        camera = self._camera
        if camera is not None and self.thread.is_alive():
            threading.Thread(target=camera.close, name="close", daemon=True).start()
