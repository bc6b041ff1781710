"""Stands in for the module ``picamera2`` where there is no Raspberry Pi: ``sys.modules["picamera2"] = fake_picamera``.

It is strict where the real one is: sizes are aligned, rows are wider than the picture, a control that the camera lacks
is a RuntimeError, and a request that is not given back stops the camera. Time stamps have gaps where frames were
dropped. Automatic exposure takes some frames to follow the light, and what is locked does not follow it at all.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

STRIDE_ALIGNMENT = 64
PADDING = 255
"""Value of the bytes between the end of a row and the next one; no picture of the fake holds it."""

EXPOSURE = 10_000.0
"""Microseconds of exposure, at gain 1, that light of strength 1 needs."""

ADAPTATION = 0.3
"""Share of the way to the right exposure that automatic exposure goes with each frame."""

FRAME_DURATION = 33_333
"""Microseconds."""

CONTROLS: dict[str, tuple[Any, Any, Any]] = {
    "AeEnable": (False, True, True),
    "AeFlickerMode": (0, 1, 0),
    "AeFlickerPeriod": (100, 1_000_000, None),
    "AfMode": (0, 2, 0),
    "AfRange": (0, 2, 0),
    "AnalogueGain": (1.0, 16.0, 1.0),
    "ExposureTime": (75, 66_666, None),
    "FrameDurationLimits": (33_333, 120_000, None),
    "LensPosition": (0.0, 15.0, 1.0),
}


class Request:
    """One frame in one of the camera's buffers; ``release`` gives the buffer back."""

    def __init__(self, camera: Picamera2, number: int) -> None:
        self._camera, self._number, self._held = camera, number, True
        self._brightness = camera.light * camera.exposure * camera.gain / EXPOSURE
        self._metadata = {
            "SensorTimestamp": camera.timestamp,
            "FrameDuration": FRAME_DURATION,
            "ExposureTime": round(camera.exposure),
            "AnalogueGain": camera.gain,
            "LensPosition": 1.0,
        }

    def make_array(self, stream: str) -> NDArray[np.uint8]:
        """A copy of the buffer, (height * 3 // 2, stride) uint8: a ramp that moves with the frame's number, U, V."""
        if not self._held:
            raise RuntimeError("the request was released")
        config = self._camera.camera_configuration()[stream]
        (width, height), stride = config["size"], config["stride"]
        buffer = np.full((height * 3 // 2, stride), PADDING, np.uint8)
        scene = (np.arange(width)[None, :] + np.arange(height)[:, None] + self._number) % 200
        # What is brighter than white is white, but for the value that marks the padding.
        buffer[:height, :width] = np.minimum(scene * self._brightness, PADDING - 1)
        buffer[height:, :width] = 128
        return buffer

    def get_metadata(self) -> dict[str, Any]:
        """What the sensor says of the frame; SensorTimestamp in nanoseconds since the system was started."""
        return dict(self._metadata)

    def release(self) -> None:
        """Give the buffer back; once only."""
        if not self._held:
            raise RuntimeError("the request was released twice")
        self._held = False
        self._camera.free_buffers += 1


class Picamera2:
    """The part of picamera2's class that a reader of frames needs, unpaced.

    light: strength of the light on the scene. dropped: how many frames are lost before the one of a given number.
    limits_of_mode: of controls, once the camera is configured. set_to: the controls that were set, the last of each.
    """

    cameras = 1
    """How many cameras are connected."""

    camera_controls = CONTROLS
    light = 1.0
    dropped: Mapping[int, int] = MappingProxyType({})
    limits_of_mode: Mapping[str, tuple[Any, Any, Any]] = MappingProxyType({})

    def __init__(self, camera_num: int = 0) -> None:
        if camera_num >= self.cameras:
            raise RuntimeError("Camera __init__ sequence did not complete.")
        self.started = self.closed = False
        self.free_buffers = 0
        self._config: dict[str, Any] | None = None
        self._frames = 0
        self._automatic = True
        self.set_to: dict[str, Any] = {}
        self.exposure, self.gain = EXPOSURE, 1.0
        self.timestamp = 0

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
        self.set_controls(config["controls"])
        self.camera_controls = {**self.camera_controls, **self.limits_of_mode}
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

    def set_controls(self, controls: Mapping[str, Any]) -> None:
        """Set controls. RuntimeError for what the camera does not know."""
        for name in controls:
            if name not in self.camera_controls:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        self.set_to |= controls
        self._automatic = controls.get("AeEnable", self._automatic)
        if not self._automatic:
            self.exposure = controls.get("ExposureTime", self.exposure)
            self.gain = controls.get("AnalogueGain", self.gain)

    def start(self) -> None:
        """Begin to deliver."""
        self.camera_configuration()
        self.started = True
        self.timestamp = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 20_000_000

    def capture_request(self) -> Request:
        """The next frame. RuntimeError if the camera is stopped or all its buffers are held."""
        if not self.started:
            raise RuntimeError("Camera is not started")
        if self.free_buffers == 0:
            raise RuntimeError("no free buffer: requests were not released")
        self.free_buffers -= 1
        if self._automatic and "ExposureTime" in self.camera_controls:
            least, most, _ = self.camera_controls["ExposureTime"]
            wanted = min(max(EXPOSURE / self.light, least), most)
            self.exposure += ADAPTATION * (wanted - self.exposure)
        if self._frames:
            self.timestamp += (1 + self.dropped.get(self._frames, 0)) * FRAME_DURATION * 1000
        self._frames += 1
        return Request(self, self._frames - 1)

    def stop(self) -> None:
        """Stop delivering."""
        self.started = False

    def close(self) -> None:
        """Give the camera back."""
        self.started, self.closed = False, True
