"""How frames are turned, mirrored and cropped, in this order, before anything else sees them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import cv2

from device.config.camera import CameraSettings, Flip, Rotation
from device.config.fields import FieldError
from edge_digits.types import Box, Image, as_image

Size = tuple[int, int]
"""Width and height in pixels."""

ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
FLIPS = {"horizontal": 1, "vertical": 0}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Geometry:
    """rotate: first, clockwise. flip: second. crop: third, in pixels of the picture after both; None is all of it."""

    rotate: Rotation = 0
    flip: Flip = "none"
    crop: Box | None = None

    @classmethod
    def of(cls, settings: CameraSettings) -> Geometry:
        """What ``settings`` ask for."""
        return cls(settings.rotate, settings.flip, settings.crop)

    def as_row(self) -> dict[str, Any]:
        """For JSON and TOML."""
        return {"rotate": self.rotate, "flip": self.flip, "crop": None if self.crop is None else self.crop.as_list()}

    def turned_further(self, degrees: int) -> int:
        """The ``rotate`` with which what is seen lies turned by so many more, clockwise."""
        # Mirrored afterwards, what was turned to the right falls to the left.
        return (self.rotate + (degrees if self.flip == "none" else -degrees)) % 360

    def turned(self, size: Size) -> Size:
        """The size of a picture of ``size`` after rotation, which is what ``crop`` refers to."""
        return size if self.rotate in (0, 180) else (size[1], size[0])

    def seen(self, size: Size) -> Size:
        """The size of what is seen of a picture of ``size``."""
        width, height = self.turned(size)
        if self.crop is None:
            return width, height
        inside = _clipped(self.crop, width, height)
        return inside.width, inside.height

    def apply(self, image: Image) -> Image:
        """``image``, (H, W) uint8, as it is to be seen; what of the crop lies outside is left out, which may be all.

        A view of ``image`` if it is only cropped, the very array if nothing is to be done.
        """
        size = image.shape[1], image.shape[0]
        if self.crop is not None:
            width, height = self.turned(size)
            inside = _clipped(self.crop, width, height)
            if not (inside.width and inside.height):
                return image[:0, :0]
            # Before it is turned: what is cut off need not be moved.
            image = self._unturned(inside, size).cut(image)
        if self.rotate:
            image = as_image(cv2.rotate(image, ROTATIONS[self.rotate]))
        if self.flip != "none":
            image = as_image(cv2.flip(image, FLIPS[self.flip]))
        return image

    def to_source(self, box: Box, size: Size) -> Box:
        """Where a box of the picture to be seen lies in the camera's, which is of ``size``."""
        if self.crop is not None:
            box = Box(box.x + self.crop.x, box.y + self.crop.y, box.width, box.height)
        return self._unturned(box, size)

    def from_source(self, box: Box, size: Size) -> Box:
        """Where a box of the camera's picture, which is of ``size``, lies in that to be seen; perhaps outside of it."""
        x, y, width, height = box.as_list()
        if self.rotate == 90:
            x, y, width, height = size[1] - y - height, x, height, width
        elif self.rotate == 180:
            x, y = size[0] - x - width, size[1] - y - height
        elif self.rotate == 270:
            x, y, width, height = y, size[0] - x - width, height, width
        box = self._flipped(Box(x, y, width, height), size)
        return box if self.crop is None else Box(box.x - self.crop.x, box.y - self.crop.y, box.width, box.height)

    def _unturned(self, box: Box, size: Size) -> Box:
        """Where a box of the rotated and flipped picture lies in the camera's."""
        x, y, width, height = self._flipped(box, size).as_list()
        if self.rotate == 90:
            return Box(y, size[1] - x - width, height, width)
        if self.rotate == 180:
            return Box(size[0] - x - width, size[1] - y - height, width, height)
        if self.rotate == 270:
            return Box(size[0] - y - height, x, height, width)
        return Box(x, y, width, height)

    def _flipped(self, box: Box, size: Size) -> Box:
        width, height = self.turned(size)
        if self.flip == "horizontal":
            return Box(width - box.x - box.width, box.y, box.width, box.height)
        if self.flip == "vertical":
            return Box(box.x, height - box.y - box.height, box.width, box.height)
        return box


class Framing:
    """The geometry of a run's frames, for every camera that is opened in it.

    geometry: may be changed at any time, from any thread. source_size: of the last frame as it came from the camera.
    """

    def __init__(self, geometry: Geometry | None = None) -> None:
        self.geometry = geometry or Geometry()
        self.source_size: Size | None = None
        self._logged: set[tuple[Box, Size]] = set()
        self._worked = False

    def apply(self, image: Image, name: str) -> Image | None:
        """``image``, (H, W) uint8, as it is to be seen; None where the crop lies outside of it.

        Raises FieldError if it lies outside of the very first picture. name: of the camera, for the log.
        """
        geometry = self.geometry
        self.source_size = size = image.shape[1], image.shape[0]
        seen = geometry.apply(image)
        if geometry.crop is not None:
            self._say(geometry.crop, geometry.turned(size), name)
        self._worked = self._worked or seen.size > 0
        return seen if seen.size else None

    def _say(self, crop: Box, size: Size, name: str) -> None:
        inside = _clipped(crop, *size)
        if inside == crop:
            return
        outside = f"{crop.as_list()} lies outside of the picture of {size[0]}x{size[1]}"
        if not (inside.width and inside.height):
            if not self._worked:
                raise FieldError(("camera", "crop"), outside)
            outside += "; such frames are skipped"
        else:
            outside = f"{crop.as_list()} leaves the picture of {size[0]}x{size[1]}; only the part inside is seen"
        if (crop, size) not in self._logged:
            self._logged.add((crop, size))
            logger.warning("%s: camera.crop: %s", name, outside)


def _clipped(box: Box, width: int, height: int) -> Box:
    """The part of ``box`` inside a picture of this size; of no size if none is."""
    left, top = min(max(box.x, 0), width), min(max(box.y, 0), height)
    right, bottom = min(max(box.right, 0), width), min(max(box.bottom, 0), height)
    return Box(left, top, max(0, right - left), max(0, bottom - top))
