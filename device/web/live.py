"""What the camera's process told last, and all who listen to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import cv2

from device.web.channel import Message, ServerEnd
from edge_digits.types import Image, as_image

MOST_VIEWERS = 12
"""Streams of events, and as many of pictures, at once."""

REMEMBERED = 300
"""Readings and refusals kept in memory, for cameras without a record."""

QUEUE = 100
"""Events that wait for a slow viewer; then it is let go, and its browser connects again."""

SILENCE = 10.0
"""Seconds after which a stream that has nothing to say shows that it is alive."""

WIDEST = 1280
"""Pixels; larger pictures are made smaller for the browser."""

QUALITY = 70
"""Of the JPEG, 0..100."""

THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")


class TooManyViewersError(Exception):
    """There is no room for one more stream."""


def _check_room(taken: int) -> None:
    if taken >= MOST_VIEWERS:
        raise TooManyViewersError(f"{MOST_VIEWERS} are watching, which is the most; try again in a moment")


class Live:
    """Takes the channel's messages in; for the server's one event loop.

    timeout: seconds without a word from the camera after which it counts as lost. frame_rate: pictures a second.
    patience: seconds in which a picture that is taken now must have come.
    """

    def __init__(self, end: ServerEnd, frame_rate: float, timeout: float, patience: float = 5.0) -> None:
        self.frame: Message | None = None
        self.picture: Image | None = None
        self.summary: Message | None = None
        self.recent: deque[Message] = deque(maxlen=REMEMBERED)
        self.pictures = 0
        """How many have come."""
        self.encoded = 0
        self.viewers = 0
        self.listeners: set[asyncio.Queue[Message]] = set()
        self.patience = patience
        self._end, self._period, self._timeout = end, 1.0 / frame_rate, timeout
        self._heard = time.monotonic()
        self._new_picture = asyncio.Event()
        self._jpeg: tuple[int, asyncio.Task[bytes]] | None = None
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._asked = 0

    def attach(self) -> None:
        """Listen to the camera from now on."""
        asyncio.get_running_loop().add_reader(self._end.socket.fileno(), self._receive)

    def tell(self, message: Message) -> bool:
        """Say something to the camera's process."""
        return self._end.send(message)

    async def ask(self, message: Message, wait: float) -> Message | None:
        """Say something to the camera's process that it answers; None if it does not within ``wait`` seconds."""
        self._asked += 1
        number = self._asked
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            if not self.tell({**message, "number": number}):
                return None
            return await asyncio.wait_for(answer, wait)
        except TimeoutError:
            return None
        finally:
            del self._answers[number]

    @property
    def silence(self) -> float:
        """Seconds since the camera's process last told of frames."""
        return time.monotonic() - self._heard

    @property
    def drift(self) -> Message:
        """Where the regions are, as ``device.scene.status`` has it; empty if nothing is known of it."""
        return (self.summary or {}).get("drift") or {}

    @property
    def is_healthy(self) -> bool:
        """Whether frames are being read."""
        return self.silence < self._timeout

    def _receive(self) -> None:
        for message in self._end.received():
            kind = message["type"]
            if kind == "answer":
                # Not a sign of frames: one that the camera does not deliver for is answered too.
                answer = self._answers.get(message["number"])
                if answer is not None and not answer.done():
                    answer.set_result(message)
                continue
            self._heard = time.monotonic()
            if kind == "frame":
                picture = self._end.picture(message)
                if picture is None:
                    continue
                self.frame, self.picture = message, picture
                self.pictures += 1
                self._new_picture.set()
                self._new_picture = asyncio.Event()
            elif kind == "summary":
                self.summary = {**message, "temperature": temperature()}
                message = self.summary
            else:
                self.recent.append(message)
            for queue in list(self.listeners):
                try:
                    queue.put_nowait(message)
                except asyncio.QueueFull:
                    self.listeners.discard(queue)

    async def next_picture(self, after: int, wait: float) -> tuple[Message, Image] | None:
        """The first picture later than ``after`` (see ``pictures``), with its message; None if ``wait`` seconds bring
        none. A picture from before, when somebody looked last, is none of now: so ask with the present count."""
        deadline = time.monotonic() + wait
        while True:
            self._end.want_pictures(2.0, self._period)
            if self.pictures > after and self.frame is not None and self.picture is not None:
                return self.frame, self.picture
            remaining = deadline - time.monotonic()
            if remaining <= 0.0:
                return None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._new_picture.wait(), min(1.0, remaining))

    async def jpeg(self, message: Message, picture: Image) -> bytes:
        """The picture as JPEG; encoded once for all who want it."""
        if self._jpeg is None or self._jpeg[0] != message["stamp"]:
            self.encoded += 1
            self._jpeg = message["stamp"], asyncio.ensure_future(asyncio.to_thread(encode, picture))
        return await asyncio.shield(self._jpeg[1])

    @contextlib.contextmanager
    def viewing(self) -> Iterator[AsyncIterator[bytes]]:
        """A viewer's place, and its endless multipart/x-mixed-replace stream. Raises TooManyViewersError."""
        _check_room(self.viewers)
        self.viewers += 1
        try:
            yield self._parts()
        finally:
            self.viewers -= 1

    @contextlib.contextmanager
    def listening(self) -> Iterator[AsyncIterator[bytes]]:
        """A listener's place, and its endless server-sent events (WHATWG HTML, section 9.2). Raises
        TooManyViewersError."""
        _check_room(len(self.listeners))
        queue: asyncio.Queue[Message] = asyncio.Queue(QUEUE)
        for message in [*list(self.recent)[-20:], *([self.summary] if self.summary else [])]:
            queue.put_nowait(message)
        self.listeners.add(queue)
        try:
            yield self._events(queue)
        finally:
            self.listeners.discard(queue)

    async def _parts(self) -> AsyncIterator[bytes]:
        # Bytes before the first boundary mean nothing (RFC 2046, section 5.1.1); between the parts, the last one.
        part = b"\r\n"
        shown = self.pictures
        while True:
            newest = await self.next_picture(shown, SILENCE)
            if newest is not None:
                message, picture = newest
                shown = self.pictures
                data = await self.jpeg(message, picture)
                part = _part(data, message["number"])
            yield part

    async def _events(self, queue: asyncio.Queue[Message]) -> AsyncIterator[bytes]:
        while queue in self.listeners:
            try:
                message = await asyncio.wait_for(queue.get(), SILENCE)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            yield f"event: {message['type']}\ndata: {json.dumps(message, separators=(',', ':'))}\n\n".encode()


def _part(data: bytes, number: int) -> bytes:
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\nX-Frame: {number}\r\n\r\n"
    return head.encode() + data + b"\r\n"


def encode(picture: Image) -> bytes:
    """(H, W) uint8 as JPEG, no wider than ``WIDEST``."""
    if picture.shape[1] > WIDEST:
        size = (WIDEST, max(1, round(picture.shape[0] * WIDEST / picture.shape[1])))
        picture = as_image(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def temperature() -> float | None:
    """Of the processor, in degrees Celsius; None where it does not tell."""
    try:
        return int(THERMAL.read_text()) / 1000
    except (OSError, ValueError):
        return None
