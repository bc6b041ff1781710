"""What connects the camera's process with the web server's: pictures through shared memory, all else as datagrams.

A camera must never wait for a server. So pictures are copied into one of three slots of a memory file, each is
announced by a datagram, and a datagram that finds no room is dropped. The kernel's locks on the socket order the memory
for the other side. In the other direction go two numbers in the same memory, read at every frame: until when pictures
are wanted and how often.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from edge_digits.types import Image

Message = dict[str, Any]

SLOTS = 3
SLOT_BYTES = 8 * 2**20
"""Room for one picture; only what is written takes memory. Of a larger picture only every second (third …) row and
column is handed over."""

LONGEST_MESSAGE = 200_000
"""Bytes; what a Unix datagram holds on Linux unless its administrator says otherwise."""

_WANTED = struct.Struct("=dd")
_STAMP = struct.Struct("=Q")
_HEAD = 64


def open_memory() -> int:
    """A file descriptor of memory for both sides."""
    if hasattr(os, "memfd_create"):
        memory = os.memfd_create("edge-digits-web")
    else:
        with tempfile.TemporaryFile() as file:
            memory = os.dup(file.fileno())
    os.ftruncate(memory, _HEAD + SLOTS * (_STAMP.size + SLOT_BYTES))
    return memory


class _End:
    """One end of the channel. endpoint: a connected datagram socket, which is used without waiting."""

    def __init__(self, endpoint: socket.socket, memory: int) -> None:
        self.socket = endpoint
        self.socket.setblocking(False)
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LONGEST_MESSAGE)
        self._memory = mmap.mmap(memory, 0)
        self._pixels = np.frombuffer(self._memory, np.uint8)

    def send(self, message: Message) -> bool:
        """Hand over a message; False if it is too long, or the other side is away or has not kept up."""
        data = json.dumps(message, separators=(",", ":")).encode()
        if len(data) > LONGEST_MESSAGE:
            return False
        try:
            self.socket.send(data)
        except OSError:
            return False
        return True

    def received(self) -> Iterator[Message]:
        """The messages that have come."""
        while True:
            try:
                data = self.socket.recv(LONGEST_MESSAGE)
            except OSError:
                return
            if not data:
                return
            yield json.loads(data)

    def close(self) -> None:
        """Let go of socket and memory."""
        self.socket.close()

    def _slot(self, slot: int, size: int) -> Image:
        begin = _HEAD + slot * (_STAMP.size + SLOT_BYTES) + _STAMP.size
        return self._pixels[begin : begin + size]

    def _stamp_at(self, slot: int) -> int:
        return _HEAD + slot * (_STAMP.size + SLOT_BYTES)


class CameraEnd(_End):
    """The camera's end."""

    def __init__(self, endpoint: socket.socket, memory: int) -> None:
        super().__init__(endpoint, memory)
        self._stamp = 0
        self._sent_at = 0.0

    def picture_wanted(self, now: float) -> bool:
        """Whether a picture is due. now: ``time.monotonic``."""
        until, period = _WANTED.unpack_from(self._memory, 0)
        return now < until and now - self._sent_at >= period

    def send_picture(self, image: Image, message: Message, now: float) -> bool:
        """Hand over (H, W) uint8, and ``message`` with it."""
        step = 1
        while (image.shape[0] // step + 1) * (image.shape[1] // step + 1) > SLOT_BYTES:
            step += 1
        picture = image[::step, ::step]
        self._stamp += 1
        self._sent_at = now
        slot = self._stamp % SLOTS
        _STAMP.pack_into(self._memory, self._stamp_at(slot), self._stamp)
        np.copyto(self._slot(slot, picture.size).reshape(picture.shape), picture)
        return self.send({**message, "stamp": self._stamp, "shape": picture.shape})


class ServerEnd(_End):
    """The web server's end."""

    def want_pictures(self, seconds: float, period: float) -> None:
        """Ask for a picture every ``period`` seconds, for the next ``seconds``."""
        _WANTED.pack_into(self._memory, 0, time.monotonic() + seconds, period)

    def picture(self, message: Message) -> Image | None:
        """A copy of the picture that came with ``message``, (H, W) uint8; None if a newer one has taken its place."""
        stamp, (height, width) = message["stamp"], message["shape"]
        slot = stamp % SLOTS
        copy = self._slot(slot, height * width).reshape(height, width).copy()
        [now] = _STAMP.unpack_from(self._memory, self._stamp_at(slot))
        return copy if now == stamp else None
