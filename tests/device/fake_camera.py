"""A camera that delivers pictures of noise, and what a stand-in for the reader sees in them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Self

import numpy as np

from device.cameras.camera import Kind
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Image, Line

NOTHING = Page((), ())
FORTY_TWO = Page((Line("42", 0.9, Box(0, 0, 4, 4), ()),), ())


def picture(number: int) -> Image:
    """(16, 16), another one for each number: its first pixel is the number, the rest is noise of its own."""
    image = np.random.default_rng(number).integers(0, 256, (16, 16)).astype(np.uint8)
    image[0, 0] = number % 256
    return image


class FakeCamera:
    """Delivers ``count`` frames, whose first pixels hold their numbers, each after ``pause`` seconds."""

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
            yield Frame(picture(number), number, time.time() if self.kind == "live" else 1000.0 + number)
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        self.ended.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
