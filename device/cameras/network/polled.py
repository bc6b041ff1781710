"""An address that answers with a single picture: asked for it again and again."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable, Iterator

from device.cameras.camera import Camera, Kind
from device.cameras.network.http import BROKEN, HttpClient, in_words
from device.cameras.network.picture import MOST_BYTES, decode_frame
from device.cameras.skipped import SkippedFrames
from edge_digits.errors import CameraError, ImageError
from edge_digits.types import Frame, Image

MOST_FAILURES = 3
"""Requests in a row that may fail before the camera counts as lost."""

logger = logging.getLogger(__name__)


class PolledCamera(Camera):
    """A live camera that takes a picture when it is asked for one."""

    kind: Kind = "live"

    def __init__(
        self,
        client: HttpClient,
        answer: http.client.HTTPResponse,
        interval: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """answer: the first of ``client``, a picture. interval: seconds between two requests. clock: seconds since the
        epoch; a frame's time is when it arrived."""
        self.name = client.name
        self._client, self._first, self._interval, self._clock = client, answer, interval, clock
        self._skipped = SkippedFrames(self.name)
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        answer: http.client.HTTPResponse | None = self._first
        number = failures = 0
        due = time.monotonic()
        while not self._closed.is_set():
            try:
                image = self._picture(self._client.get() if answer is None else answer)
            except BROKEN as error:
                if self._closed.is_set():
                    return
                failures += 1
                if failures >= MOST_FAILURES:
                    message = str(error) if isinstance(error, CameraError) else f"{self.name}: {in_words(error)}"
                    raise CameraError(f"{message} ({failures} times in a row)") from None
                image = None
            else:
                failures = 0
            if image is not None:
                yield Frame(image, number, self._clock())
                number += 1
            answer = None
            # A camera that is slower than the interval is not asked the more often for it.
            due = max(due + self._interval, time.monotonic())
            self._closed.wait(due - time.monotonic())

    def _picture(self, answer: http.client.HTTPResponse) -> Image | None:
        """The picture in an answer; None if it is none, which is said. Raises what reading raises."""
        with answer:
            data = answer.read(MOST_BYTES)
        try:
            image = decode_frame(data)
        except ImageError as error:
            self._skipped.add(str(error))
            return None
        self._skipped.end()
        return image

    def close(self) -> None:
        """Ask no more; ends the wait too."""
        self._closed.set()
        self._client.close()
