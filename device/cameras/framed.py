"""A camera whose frames are turned, mirrored and cropped as its settings say: what ``open_camera`` returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from device.cameras.camera import Camera, Kind
from device.cameras.controls import has_none
from device.cameras.geometry import Framing
from device.cameras.opencv import OpenCVCamera
from device.cameras.picamera import PicameraCamera
from device.config.camera import CameraSettings
from edge_digits.types import Frame


class FramedCamera(Camera):
    """``inner`` as it is to be seen.

    unsupported: a line for each of its ``settings`` that it does not offer, or in other limits only.
    """

    def __init__(self, inner: Camera, framing: Framing, settings: CameraSettings) -> None:
        self.inner = inner
        self.name: str = inner.name
        self.kind: Kind = inner.kind
        self.framing = framing
        if isinstance(inner, PicameraCamera | OpenCVCamera):
            self.unsupported = inner.unsupported
        else:
            self.unsupported = tuple(has_none(inner.name, setting) for setting in settings.controls)

    def __iter__(self) -> Iterator[Frame]:
        """Raises FieldError if the crop lies outside of the first frame."""
        for frame in self.inner:
            image = self.framing.apply(frame.image, self.name)
            if image is not None:
                yield frame if image is frame.image else replace(frame, image=image)

    def describe(self) -> str:
        """What the camera does to the picture, in words; "" if it does not tell."""
        return self.inner.describe() if isinstance(self.inner, PicameraCamera) else ""

    def close(self) -> None:
        """Let go of the device or file; does nothing the second time."""
        self.inner.close()
