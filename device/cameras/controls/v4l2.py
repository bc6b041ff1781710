"""Focus, exposure and the like of a USB camera, through V4L2's controls.

Not through OpenCV, which knows neither their limits nor the mains' frequency. See ``linux/videodev2.h`` and
``linux/v4l2-controls.h``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from collections.abc import Callable
from pathlib import Path

from device.cameras.controls import has_none, out_of_range
from device.config.camera import CameraSettings

AUTO_GAIN, GAIN, POWER_LINE_FREQUENCY = 0x00980912, 0x00980913, 0x00980918
AUTO_EXPOSURE, EXPOSURE_TIME = 0x009A0901, 0x009A0902
FOCUS, AUTO_FOCUS, AUTO_FOCUS_RANGE = 0x009A090A, 0x009A090C, 0x009A091F
"""Numbers of controls, ``V4L2_CID_…``."""

MANUAL_EXPOSURE = 1
EXPOSURE_UNIT = 1e-4
"""Seconds."""

FREQUENCIES = {50: 1, 60: 2}
RANGES = {"full": 0, "normal": 1, "macro": 2}

QUERY, SET = 0xC0445624, 0xC008561C
"""``VIDIOC_QUERYCTRL`` and ``VIDIOC_S_CTRL``."""

_QUERY = struct.Struct("=II32siiiiI8x")
_CONTROL = struct.Struct("=Ii")
_DISABLED_OR_READ_ONLY = 0x0001 | 0x0004

Ioctl = Callable[[int, int, bytearray], int]


def set_controls(device: Path, settings: CameraSettings, ioctl: Ioctl = fcntl.ioctl) -> tuple[str, ...]:
    """Set what ``settings`` ask for, and leave the rest as it is. Returns a line for each that the camera lacks, or
    takes in other limits only. device: ``/dev/videoN``."""
    if not settings.controls:
        return ()
    complaints: list[str] = []
    descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    try:
        for setting, value in settings.controls.items():
            control, automatic, wanted, unit = _asked(setting, value)
            limits = _limits(ioctl, descriptor, control)
            if limits is None:
                complaints.append(has_none(str(device), setting))
                continue
            for number, manual in automatic:
                # A camera without an automatic is manual already.
                _set(ioctl, descriptor, number, manual)
            nearest = min(max(wanted, limits[0]), limits[1])
            if not _set(ioctl, descriptor, control, nearest):
                complaints.append(has_none(str(device), setting))
            elif nearest != wanted:
                complaints.append(out_of_range(str(device), setting, limits[0] * unit, limits[1] * unit))
    finally:
        os.close(descriptor)
    return tuple(complaints)


def _asked(setting: str, value: float | str) -> tuple[int, tuple[tuple[int, int], ...], int, float]:
    """The control of a setting; the automatics that go before it, with their values; its value, and the value's
    unit."""
    if setting == "focus_range":
        return AUTO_FOCUS_RANGE, ((AUTO_FOCUS, 1),), RANGES[str(value)], 1.0
    number = float(value)
    if setting == "lens_position":
        return FOCUS, ((AUTO_FOCUS, 0),), round(number), 1.0
    if setting == "exposure_time":
        return EXPOSURE_TIME, ((AUTO_EXPOSURE, MANUAL_EXPOSURE),), max(1, round(number / EXPOSURE_UNIT)), EXPOSURE_UNIT
    if setting == "analogue_gain":
        return GAIN, ((AUTO_GAIN, 0),), round(number), 1.0
    return POWER_LINE_FREQUENCY, (), FREQUENCIES[int(number)], 1.0


def _limits(ioctl: Ioctl, descriptor: int, control: int) -> tuple[int, int] | None:
    """Least and most of a control; None if the camera does not have it."""
    asked = bytearray(_QUERY.pack(control, 0, b"", 0, 0, 0, 0, 0))
    try:
        ioctl(descriptor, QUERY, asked)
    except OSError:
        return None
    _, _, _, least, most, _, _, flags = _QUERY.unpack(asked)
    return None if flags & _DISABLED_OR_READ_ONLY else (least, most)


def _set(ioctl: Ioctl, descriptor: int, control: int, value: int) -> bool:
    with contextlib.suppress(OSError):
        ioctl(descriptor, SET, bytearray(_CONTROL.pack(control, value)))
        return True
    return False
