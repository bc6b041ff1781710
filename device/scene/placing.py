"""A region where it is in the picture now: cut out of it as it was drawn, and what was read there put back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from device.scene.motion import STILL, Motion, Points
from edge_digits.page import Page, with_boxes
from edge_digits.types import Box, Image, as_image

STRAIGHT = 1.0
"""Pixels by which a region's corners may be off before it is turned back, and not only shifted, to be read."""

OUTSIDE = 0.02
"""Share of a region's sides that may leave the picture: less than any digit."""


@dataclass(frozen=True)
class Place:
    """box: as it was drawn, within the picture. motion: what has happened to it since."""

    box: Box
    motion: Motion = STILL

    @cached_property
    def corners(self) -> Points:
        """(4, 2): left top, right top, right bottom, left bottom, in pixels of the frame."""
        return self.motion.of_points(_corners(self.box))

    @property
    def bounds(self) -> Box:
        """The smallest upright box around it, in pixels of the frame."""
        left, top = np.floor(self.corners.min(axis=0) + 1e-6).astype(int).tolist()
        right, bottom = np.ceil(self.corners.max(axis=0) - 1e-6).astype(int).tolist()
        return Box(left, top, right - left, bottom - top)

    def cut(self, image: Image) -> Image:
        """The region's part of ``image``, (H, W) uint8, as large as it was drawn; a view of the image where it lies in
        it and was not turned."""
        if self._shifted is not None and _is_within(self._shifted, image):
            return self._shifted.cut(image)
        size = (self.box.width, self.box.height)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        part = cv2.warpAffine(image, self._from_part.matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return as_image(part)

    def put_back(self, page: Page) -> Page:
        """What was read in the part that ``cut`` gives, with its boxes in pixels of the frame."""

        def moved(box: Box) -> Box:
            if self._shifted is not None:
                return Box(box.x + self._shifted.x, box.y + self._shifted.y, box.width, box.height)
            return Place(box, self._from_part).bounds

        return with_boxes(page, moved)

    def is_within(self, width: int, height: int) -> bool:
        """Whether a picture of that size holds it, but for a strip that is narrower than a digit."""
        allowed = np.array([max(1.0, OUTSIDE * side) for side in (self.box.width, self.box.height)])
        return bool(np.all(self.corners >= -allowed) and np.all(self.corners - allowed <= (width, height)))

    def distance(self, other: Place) -> float:
        """Pixels between those corners of both that are furthest apart."""
        return float(np.abs(self.corners - other.corners).max())

    @cached_property
    def _shifted(self) -> Box | None:
        """Where it is, to the pixel; None if it was turned or is of another size."""
        moved = self.corners - np.array(_corners(self.box))
        if np.ptp(moved, axis=0).max() > STRAIGHT:
            return None
        x, y = np.round(moved.mean(axis=0)).astype(int).tolist()
        return Box(self.box.x + x, self.box.y + y, self.box.width, self.box.height)

    @cached_property
    def _from_part(self) -> Motion:
        """From pixels of the part to those of the frame."""
        if self._shifted is not None:
            return Motion(shift_x=self._shifted.x, shift_y=self._shifted.y)
        return Motion(shift_x=self.box.x, shift_y=self.box.y).then(self.motion)


def inside(box: Box, image: Image) -> Box:
    """The part of ``box`` that lies in the image; of no size if none does."""
    height, width = image.shape
    left, top = min(max(box.x, 0), width), min(max(box.y, 0), height)
    right, bottom = min(max(box.right, 0), width), min(max(box.bottom, 0), height)
    return Box(left, top, max(0, right - left), max(0, bottom - top))


def _is_within(box: Box, image: Image) -> bool:
    return box.x >= 0 and box.y >= 0 and box.right <= image.shape[1] and box.bottom <= image.shape[0]


def _corners(box: Box) -> list[tuple[float, float]]:
    return [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
