"""A Raspberry Pi camera through picamera2: the Y plane of the small stream (``lores``) is the grey picture.

After picamera2's ``examples/yuv_to_rgb.py`` and the methods' source. Rows may be wider in memory (the stride) than the
picture, so they are cut to the width that the camera says it gives.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from device.cameras.camera import Camera, Kind
from device.cameras.controls.picamera import controls_for
from device.cameras.exposure import Exposure
from device.config.camera import CameraSettings
from edge_digits.errors import CameraError
from edge_digits.types import Frame

INSTALL = (
    "picamera2 is not installed: sudo apt install python3-picamera2, and make the environment with "
    "python3 -m venv --system-site-packages .venv"
)
LUMA_FIRST = ("YUV420", "YVU420", "NV12", "NV21")
"""Formats whose buffer begins with the whole Y plane."""

BUFFERS = 4
"""Each frame is taken out of its buffer at once, so few do; the video default of 6 costs memory on a Zero 2."""

OLDEST = 10.0
"""Seconds; a frame that claims to be older has a broken time stamp."""

LONGEST_GAP = 60.0
"""Seconds; time stamps further apart than this are broken, and say nothing of dropped frames."""

FIXED = frozenset(["ExposureTime", "AnalogueGain"])
"""Controls that leave nothing, or not all, to automatic exposure."""

logger = logging.getLogger(__name__)


def _picamera2() -> Any:
    """picamera2's camera class, imported only here: it comes from apt, not from the package registry."""
    if not logger.isEnabledFor(logging.DEBUG):
        # Both report on standard error what they raise, or what went well; we say once what went wrong.
        os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:FATAL")
        logging.getLogger("picamera2").setLevel(logging.CRITICAL)
    try:
        from picamera2 import Picamera2  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        if error.name == "picamera2":
            raise CameraError(INSTALL) from error
        raise CameraError(f"picamera2 is installed but cannot be imported: {error}") from error
    return Picamera2


def camera_count() -> int:
    """How many Raspberry Pi cameras are there; 0 without a working picamera2."""
    try:
        return len(_picamera2().global_camera_info())
    except CameraError:
        return 0


def open_picamera(index: int, settings: CameraSettings) -> PicameraCamera:
    """The Raspberry Pi camera number ``index``, started.

    Raises CameraError if picamera2 is not installed (with the way to install it), or the camera is missing or busy.
    """
    factory = _picamera2()
    count = len(factory.global_camera_info())
    if index >= count:
        raise CameraError(f"picamera:{index}: there is no such camera ({count} found); try rpicam-hello --list-cameras")
    try:
        picamera = factory(index)
    except RuntimeError as error:
        raise CameraError(f"picamera:{index}: cannot be opened, perhaps another program uses it: {error}") from error
    try:
        return PicameraCamera(f"picamera:{index}", picamera, settings)
    except BaseException:
        picamera.close()
        raise


class PicameraCamera(Camera):
    """A Raspberry Pi camera. unsupported: see ``device.cameras.framed``."""

    kind: Kind = "live"

    def __init__(
        self, name: str, picamera: Any, settings: CameraSettings, clock: Callable[[], float] = time.time
    ) -> None:
        """picamera: an open ``Picamera2``; it is configured and started here. clock: seconds since the epoch."""
        self.name = name
        self._picamera = picamera
        self._clock = clock
        self._closed = False
        controls, self.unsupported = controls_for(name, picamera.camera_controls, settings)
        self._period = 1.0 / settings.frame_rate
        self._taken: int | None = None
        size = (settings.width, settings.height)
        try:
            picamera.configure(
                picamera.create_video_configuration(
                    main={"size": size, "format": "YUV420"},
                    lores={"size": size, "format": "YUV420"},
                    buffer_count=BUFFERS,
                    controls=controls,
                )
            )
            # Only now are the limits those of this size; before, they are libcamera's for any camera.
            controls, self.unsupported = controls_for(name, picamera.camera_controls, settings)
            picamera.set_controls(controls)
            self._exposure = Exposure(picamera.camera_controls, settings.frame_rate, fixed=FIXED & controls.keys())
            # The camera aligns and shrinks what it was asked for: only this is what it will deliver.
            stream = picamera.camera_configuration()["lores"]
            if stream["format"] not in LUMA_FIRST:
                raise CameraError(f"{name}: delivers {stream['format']}, expected one of {', '.join(LUMA_FIRST)}")
            self._width, self._height = stream["size"]
            picamera.start()
        except RuntimeError as error:
            raise CameraError(f"{name}: cannot be configured: {error}") from error

    def __iter__(self) -> Iterator[Frame]:
        number = 0
        while not self._closed:
            try:
                request = self._picamera.capture_request()
            except RuntimeError as error:
                if self._closed:
                    return
                raise CameraError(f"{self.name}: stopped delivering after {number} frames: {error}") from error
            try:
                # make_array copies out of the camera's buffer; what follows is a view of that one copy.
                picture = request.make_array("lores")[: self._height, : self._width]
                metadata = request.get_metadata()
            finally:
                request.release()
            controls = self._exposure.update(picture, metadata)
            if controls:
                self._picamera.set_controls(controls)
            taken = metadata.get("SensorTimestamp")
            number += self._dropped(taken, metadata.get("FrameDuration"))
            yield Frame(picture, number, self._epoch(taken))
            number += 1

    def describe(self) -> str:
        """What the camera does to the picture, in words: exposure, and whether it is locked."""
        return self._exposure.describe()

    def _dropped(self, taken: int | None, duration: int | None) -> int:
        """How many frames the camera took and did not deliver before the one taken at ``taken`` (nanoseconds).

        duration: of a frame, in microseconds.
        """
        before, self._taken = self._taken, taken
        if before is None or taken is None:
            return 0
        gap = (taken - before) / 1e9
        period = duration / 1e6 if duration else self._period
        return max(0, round(gap / period) - 1) if 0.0 < gap <= LONGEST_GAP else 0

    def _epoch(self, taken: int | None) -> float:
        """Seconds since the epoch of a sensor time stamp, which counts nanoseconds since the system was started."""
        now = self._clock()
        age = 0.0 if taken is None else time.clock_gettime(time.CLOCK_BOOTTIME) - taken / 1e9
        return now - age if 0.0 <= age <= OLDEST else now

    def close(self) -> None:
        """Stop the camera and give it back."""
        if not self._closed:
            self._closed = True
            self._picamera.stop()
            self._picamera.close()
