"""Motion JPEG over HTTP: pictures, one part each of an answer that does not end.

Not OpenCV, whose FFmpeg takes the first part that is no JPEG for the end of the stream.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from device.cameras.camera import Camera, Kind
from device.cameras.network.http import BROKEN, HttpClient, in_words
from device.cameras.network.picture import MOST_BYTES, decode_frame
from device.cameras.skipped import SkippedFrames
from edge_digits.errors import CameraError, ImageError
from edge_digits.types import Frame

LONGEST_LINE = 64 * 1024
MOST_HEADERS = 100


class MjpegCamera(Camera):
    """The parts of one answer as frames; those that are no pictures are skipped."""

    kind: Kind = "live"

    def __init__(
        self, client: HttpClient, answer: http.client.HTTPResponse, clock: Callable[[], float] = time.time
    ) -> None:
        """answer: of ``client``, of the type multipart/x-mixed-replace. clock: seconds since the epoch; a frame's time
        is when it arrived."""
        self.name = client.name
        self._client, self._answer, self._clock = client, answer, clock
        self._skipped = SkippedFrames(self.name)
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        boundary = (self._answer.headers.get_boundary() or "").removeprefix("--").encode()
        number = 0
        reason = ""
        with self._answer:
            try:
                for part in parts(self._answer, b"--" + boundary):
                    if self._closed:
                        return
                    taken = self._clock()
                    try:
                        image = decode_frame(part)
                    except ImageError as error:
                        self._skipped.add(str(error))
                        continue
                    self._skipped.end()
                    yield Frame(image, number, taken)
                    number += 1
            except CameraError:
                raise
            except ImageError as error:
                reason = f": {error}"
            except BROKEN as error:
                reason = f": {in_words(error)}"
            if not self._closed:
                raise CameraError(f"{self.name}: the camera stopped delivering after {number} frames{reason}")

    def close(self) -> None:
        """End the stream."""
        self._closed = True
        self._client.close()


def parts(stream: BinaryIO, delimiter: bytes) -> Iterator[bytes]:
    """The bodies of a multipart message (RFC 2046, section 5.1.1), until it ends. delimiter: begins a line between two
    parts. A part whose length is not told, or is told wrongly, ends where the next one begins.

    Raises ImageError for a part that is too large to be a picture.
    """
    line = _next_delimiter(stream, delimiter)
    while line and not line.rstrip().endswith(delimiter + b"--"):
        length = _length(stream)
        if length is None:
            body, line = _up_to(stream, delimiter)
            yield body
        elif length > MOST_BYTES:
            raise ImageError(f"a part of {length} bytes is no picture")
        else:
            # At once: the next part begins when the next picture is taken.
            yield stream.read(length)
            line = _next_delimiter(stream, delimiter)


def _length(stream: BinaryIO) -> int | None:
    """Read the headers of a part; the length that they tell, if they do."""
    length = None
    for _ in range(MOST_HEADERS):
        line = stream.readline(LONGEST_LINE)
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
        if not line.strip():
            break
    return length


def _next_delimiter(stream: BinaryIO, delimiter: bytes) -> bytes:
    """Pass over all up to the next line that begins a part, or ends the message; b"" at the end of the stream."""
    while line := stream.readline(LONGEST_LINE):
        if line.startswith(delimiter):
            return line
    return b""


def _up_to(stream: BinaryIO, delimiter: bytes) -> tuple[bytes, bytes]:
    """A part whose length is not told, and the line after it."""
    body = bytearray()
    while line := stream.readline(LONGEST_LINE):
        if line.startswith(delimiter):
            return bytes(body.removesuffix(b"\n").removesuffix(b"\r")), line
        body += line
        if len(body) > MOST_BYTES:
            raise ImageError(f"a part of more than {MOST_BYTES} bytes is no picture")
    return bytes(body), b""
