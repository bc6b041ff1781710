"""Focus, exposure and the like of a Raspberry Pi camera, as libcamera's controls (its ``control_ids_core.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from device.cameras.controls import has_none, out_of_range
from device.config.camera import CameraSettings

MANUAL_FOCUS, CONTINUOUS_AUTOFOCUS = 0, 2
"""``AfModeEnum``."""

RANGES = {"normal": 0, "macro": 1, "full": 2}
"""``AfRangeEnum``."""

MANUAL_FLICKER = 1
"""``AeFlickerModeEnum``."""

MANUAL = 1
"""``ExposureTimeModeEnum`` and ``AnalogueGainModeEnum``."""

Known = Mapping[str, tuple[Any, Any, Any]]
"""A camera's controls by name: least, most, default."""


def controls_for(name: str, known: Known, settings: CameraSettings) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Controls to set, of those that the camera has; and a line for each setting that it lacks or takes in other limits
    only. name: of the camera."""
    complaints: list[str] = []
    controls: dict[str, Any] = {}

    def put(setting: str, control: str, value: float, unit: float = 1.0) -> bool:
        """Returns whether the camera has it. unit: of the control, in the setting's."""
        if control not in known:
            complaints.append(has_none(name, setting))
            return False
        least, most, _ = known[control]
        nearest = min(max(value, least), most)
        if nearest != value:
            complaints.append(out_of_range(name, setting, least * unit, most * unit))
        controls[control] = nearest
        return True

    _pace(controls, known, settings)
    if "AfMode" in known and known["AfMode"][1] >= CONTINUOUS_AUTOFOCUS:
        controls["AfMode"] = CONTINUOUS_AUTOFOCUS
    if settings.lens_position is not None and put("lens_position", "LensPosition", settings.lens_position):
        controls |= {"AfMode": MANUAL_FOCUS} if "AfMode" in known else {}
    if settings.focus_range is not None:
        put("focus_range", "AfRange", RANGES[settings.focus_range])
    if settings.exposure_time is not None:
        put("exposure_time", "ExposureTime", round(settings.exposure_time * 1e6), 1e-6)
    if settings.analogue_gain is not None:
        put("analogue_gain", "AnalogueGain", settings.analogue_gain)
    controls |= _manual(controls, known)
    if settings.flicker is not None and put("flicker", "AeFlickerPeriod", round(1e6 / (2 * settings.flicker)), 1e-6):
        controls["AeFlickerMode"] = MANUAL_FLICKER
    return controls, tuple(complaints)


def _pace(controls: dict[str, Any], known: Known, settings: CameraSettings) -> None:
    """The time of a frame, which an exposure that was asked for must fit into."""
    if "FrameDurationLimits" in known:
        least, most, _ = known["FrameDurationLimits"]
        seconds = max(1 / settings.frame_rate, settings.exposure_time or 0.0)
        duration = min(max(round(seconds * 1e6), least), most)
        controls["FrameDurationLimits"] = (duration, duration)


def _manual(controls: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """What makes fixed values hold. Since libcamera 0.5 each has a mode; before, one value is fixed by setting it, and
    both by taking the automatic off."""
    fixed = {"ExposureTime", "AnalogueGain"} & controls.keys()
    if "ExposureTimeMode" in known:
        return {f"{control}Mode": MANUAL for control in fixed if f"{control}Mode" in known}
    return {"AeEnable": False} if len(fixed) == 2 and "AeEnable" in known else {}
