"""Pictures of regions for the broker: small, and not often."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import cv2

from edge_digits.types import Box, Image, as_image

LONGEST_SIDE = 640
"""Pixels."""

MOST_BYTES = 60_000
"""A picture that is larger as JPEG is halved."""

QUALITY = 80
"""Of the JPEG, 0..100."""

PERIOD = 10.0
"""Seconds between two pictures of a region."""


class RegionPictures:
    """Keeps one picture of each region: as it was when something happened there, or as soon after it as one is due.
    ``want`` and ``watch`` are for the reader's thread and cost it little; ``taken`` is for another."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wanted: set[str | None] = set()
        self._due: dict[str | None, float] = {}
        self._taken: dict[str | None, Image] = {}

    def want(self, region: str | None) -> None:
        """Something happened in ``region``; None is the whole picture."""
        self._wanted.add(region)

    def watch(self, image: Image, boxes: Mapping[str | None, Box]) -> None:
        """Take the pictures that are wanted and due. image: (H, W) uint8. boxes: of the regions, in its pixels."""
        if not self._wanted:
            return
        now = self._clock()
        for region in [region for region in self._wanted if now >= self._due.get(region, 0.0)]:
            self._wanted.discard(region)
            box = boxes.get(region)
            part = image if box is None else box.cut(image)
            if part.size and (region is None or box is not None):
                self._due[region] = now + PERIOD
                self._taken[region] = _smaller(part, LONGEST_SIDE / max(part.shape))

    def taken(self) -> dict[str | None, bytes]:
        """The pictures since the last call, as JPEG."""
        pictures = {}
        while self._taken:
            region, image = self._taken.popitem()
            pictures[region] = encode(image)
        return pictures


def encode(image: Image) -> bytes:
    """(H, W) uint8 as JPEG of at most ``MOST_BYTES``; smaller in pixels if need be."""
    while True:
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        if len(data) <= MOST_BYTES:
            return data
        image = _smaller(image, 0.5)


def _smaller(image: Image, scale: float) -> Image:
    """A copy, ``scale`` times as large if that is smaller."""
    if scale >= 1.0:
        return image.copy()
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return as_image(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
