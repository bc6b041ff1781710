"""Stands in for the module ``picamera2`` where there is no Raspberry Pi: ``sys.modules["picamera2"] = fake_picamera``.

It is strict where the real one is: sizes are aligned, rows are wider than the picture, a control that the camera lacks
is a RuntimeError, and a request that is not given back stops the camera.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

STRIDE_ALIGNMENT = 64
PADDING = 255
"""Value of the bytes between the end of a row and the next one; no picture of the fake holds it."""

CONTROLS: dict[str, tuple[Any, Any, Any]] = {
    "ExposureTime": (75, 11_766_829, None),
    "FrameDurationLimits": (33_333, 120_000, None),
}


class Request:
    """One frame in one of the camera's buffers; ``release`` gives the buffer back."""

    def __init__(self, camera: Picamera2, number: int) -> None:
        self._camera, self._number, self._held = camera, number, True

    def make_array(self, stream: str) -> NDArray[np.uint8]:
        """A copy of the buffer, (height * 3 // 2, stride) uint8: a ramp that moves with the frame's number, U, V."""
        if not self._held:
            raise RuntimeError("the request was released")
        config = self._camera.camera_configuration()[stream]
        (width, height), stride = config["size"], config["stride"]
        buffer = np.full((height * 3 // 2, stride), PADDING, np.uint8)
        buffer[:height, :width] = (np.arange(width)[None, :] + np.arange(height)[:, None] + self._number) % 200
        buffer[height:, :width] = 128
        return buffer

    def get_metadata(self) -> dict[str, Any]:
        """What the sensor says of the frame; SensorTimestamp in nanoseconds since the system was started."""
        return {"SensorTimestamp": time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 20_000_000, "ExposureTime": 10_000}

    def release(self) -> None:
        """Give the buffer back; once only."""
        if not self._held:
            raise RuntimeError("the request was released twice")
        self._held = False
        self._camera.free_buffers += 1


class Picamera2:
    """The part of picamera2's class that a reader of frames needs, unpaced."""

    cameras = 1
    """How many cameras are connected."""

    camera_controls = CONTROLS

    def __init__(self, camera_num: int = 0) -> None:
        if camera_num >= self.cameras:
            raise RuntimeError("Camera __init__ sequence did not complete.")
        self.started = self.closed = False
        self.free_buffers = 0
        self._config: dict[str, Any] | None = None
        self._frames = 0

    @classmethod
    def global_camera_info(cls) -> list[dict[str, Any]]:
        """One record per connected camera."""
        return [{"Id": f"/base/fake@{k}", "Model": "fake", "Num": k} for k in range(cls.cameras)]

    def create_video_configuration(
        self, main: dict[str, Any], lores: dict[str, Any], buffer_count: int, controls: dict[str, Any]
    ) -> dict[str, Any]:
        """What ``configure`` takes."""
        return {"main": dict(main), "lores": dict(lores), "buffer_count": buffer_count, "controls": dict(controls)}

    def configure(self, config: dict[str, Any]) -> None:
        """Align the streams and set the controls. RuntimeError for what the camera does not know."""
        for name in config["controls"]:
            if name not in self.camera_controls:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        (main_width, main_height), (width, height) = config["main"]["size"], config["lores"]["size"]
        if width > main_width or height > main_height:
            raise RuntimeError("lores stream dimensions may not exceed main stream")
        for stream in (config["main"], config["lores"]):
            width, height = stream["size"]
            stream["size"] = (width - width % 2, height - height % 2)
            stream["stride"] = -(-(width + 1) // STRIDE_ALIGNMENT) * STRIDE_ALIGNMENT
        self._config = config
        self.free_buffers = config["buffer_count"]

    def camera_configuration(self) -> dict[str, Any]:
        """The configuration as the camera made it."""
        if self._config is None:
            raise RuntimeError("Camera has not been configured")
        return self._config

    def start(self) -> None:
        """Begin to deliver."""
        self.camera_configuration()
        self.started = True

    def capture_request(self) -> Request:
        """The next frame. RuntimeError if the camera is stopped or all its buffers are held."""
        if not self.started:
            raise RuntimeError("Camera is not started")
        if self.free_buffers == 0:
            raise RuntimeError("no free buffer: requests were not released")
        self.free_buffers -= 1
        self._frames += 1
        return Request(self, self._frames - 1)

    def stop(self) -> None:
        """Stop delivering."""
        self.started = False

    def close(self) -> None:
        """Give the camera back."""
        self.started, self.closed = False, True
