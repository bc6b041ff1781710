"""What travels between the stages: small frozen records. Boxes are in pixels, times in seconds, confidences in 0..1."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""A grey picture (H, W), 0 black … 255 white, unless a docstring says otherwise."""


def as_image(matrix: NDArray[Any]) -> Image:
    """What OpenCV returns, with its type said: OpenCV's own annotations leave the dtype open. Copies nothing."""
    return np.asarray(matrix, np.uint8)


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle: left and top edge, width and height, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column to the right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    def as_list(self) -> list[int]:
        """``[x, y, width, height]``, as JSON output has it."""
        return [self.x, self.y, self.width, self.height]

    def cut(self, image: Image) -> Image:
        """The box's part of ``image`` (a view, clipped to the image)."""
        return image[max(self.y, 0) : max(self.bottom, 0), max(self.x, 0) : max(self.right, 0)]

    def within(self, other: Box) -> Box:
        """What of the box lies in ``other``, in pixels of that; at least one pixel at its edge."""
        left, top = min(max(self.x, other.x), other.right - 1), min(max(self.y, other.y), other.bottom - 1)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left - other.x, top - other.y, max(1, right - left), max(1, bottom - top))

    def scaled(self, factor: float) -> Box:
        """The same rectangle in a picture that is ``factor`` times as large."""
        left, top = round(self.x * factor), round(self.y * factor)
        right, bottom = round(self.right * factor), round(self.bottom * factor)
        return Box(left, top, max(1, right - left), max(1, bottom - top))


def union(boxes: list[Box]) -> Box:
    """The smallest box that holds all of ``boxes`` (at least one)."""
    if len(boxes) == 1:
        return boxes[0]
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    return Box(left, top, max(b.right for b in boxes) - left, max(b.bottom for b in boxes) - top)


def intersection_over_union(a: Box, b: Box) -> float:
    """Overlap of two boxes, 0 (none) … 1 (the same)."""
    width = min(a.right, b.right) - max(a.x, b.x)
    height = min(a.bottom, b.bottom) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (a.width * a.height + b.width * b.height - common)


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera picture.

    image: (H, W) uint8 grey. number: counts from 0 per source, gaps mean dropped frames.
    time: seconds since the epoch at which the picture was taken, as well as the source knows.
    """

    image: Image
    number: int
    time: float


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit that was read: its value 0..9, the calibrated probability that it is right, and where it stands."""

    value: int
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    """A written row, left to right.

    text: the digits; a space where a gap is clearly wider than the others, ``?`` where ink in the row is no digit, and
    where the picture's edge cuts the row off.
    confidence: calibrated probability that the whole row is right.
    """

    text: str
    confidence: float
    box: Box
    digits: tuple[Digit, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Ink that was looked at and not read: where, and why (``not-a-digit``, ``low-confidence``, ``clipped``,
    ``too-small``)."""

    box: Box
    reason: str


def new_id() -> str:
    """32 characters that no other call returns, here or elsewhere."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that has settled across frames, or that one is gone.

    text: as a ``Line`` has it, with a "." for a decimal point where the region says that one is to be seen; "" where a
    number that had settled is gone, wiped or taken away. time: seconds since the epoch of the frame that settled it.
    confidence: probability that the text is right, calibrated after the vote. frames: how many frames voted. region:
    name of the region of interest it stands in, None where none is configured. alert: what a person should know about
    it, such as that it was accepted against its region's rules; None is nothing. id: unique to this reading; the same
    wherever and however often it is delivered. value: the number that the text is, with the region's decimals; finite,
    None where it is none. clock: what is wrong with the time, as ``device.system.clock`` has it; None is nothing.
    """

    text: str
    confidence: float
    box: Box
    time: float
    frames: int
    region: str | None = None
    alert: str | None = None
    id: str = field(default_factory=new_id)
    value: float | None = None
    clock: str | None = None

    @property
    def is_gone(self) -> bool:
        """Whether it says that the number that stood there is gone."""
        return not self.text


@dataclass(frozen=True, slots=True)
class Refusal:
    """A number that settled but breaks what is expected of it: recorded with its reason, not published.

    reason: one phrase in words, naming the rule and the value. The other fields are those of a ``Reading``.
    """

    region: str | None
    text: str
    confidence: float
    time: float
    reason: str
    box: Box
    id: str = field(default_factory=new_id)
    value: float | None = None
    clock: str | None = None
