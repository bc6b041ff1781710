"""``[camera]``: what a camera is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from edge_digits.types import Box

Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise."""

Flip = Literal["none", "horizontal", "vertical"]
"""horizontal swaps left and right, vertical top and bottom."""

PATIENT_FRAMES = 3.0
"""Frames that a camera must have had the time for before it can count as lost."""

POLL_INTERVAL = 2.0
"""Seconds between two requests for a picture unless it is set."""

CONTROLS = ("lens_position", "focus_range", "exposure_time", "analogue_gain", "flicker")
"""Fields that are left to the camera unless they are set, and that not every camera has."""


@dataclass(frozen=True)
class CameraSettings:
    """What a camera is asked for; one that cannot do it gives what comes nearest.

    width, height: of the frames as they are taken, in pixels. frame_rate: frames per second. Recordings and pictures
    keep their own. timeout: seconds without a frame after which a live camera is closed and opened again, if they are
    enough for a few.

    rotate, flip, crop: see ``device.cameras.geometry``.

    lens_position: a fixed focus: dioptres with a Raspberry Pi camera, 0 being infinity; with a USB camera its own
    number. focus_range: where autofocus searches. exposure_time: seconds. analogue_gain: times with a Raspberry Pi
    camera, its own number with a USB camera. flicker: of the lamps' mains, in hertz. None leaves it to the camera.

    poll_interval: seconds between two requests to an address that answers with a single picture; None is
    ``POLL_INTERVAL``, or less if ``timeout`` is short. password_file: holds the password, alone, of the user in a
    source that is a URL.
    """

    width: int = field(default=1280, metadata={"least": 64, "most": 8192})
    height: int = field(default=960, metadata={"least": 64, "most": 8192})
    frame_rate: float = field(default=15.0, metadata={"least": 0.1, "most": 240})
    timeout: float = field(default=10.0, metadata={"least": 1.0, "most": 86400.0})
    rotate: Rotation = 0
    flip: Flip = "none"
    crop: Box | None = None
    lens_position: float | None = field(default=None, metadata={"least": 0.0, "most": 65535.0})
    focus_range: Literal["normal", "macro", "full"] | None = None
    exposure_time: float | None = field(default=None, metadata={"least": 1e-6, "most": 240.0})
    analogue_gain: float | None = field(default=None, metadata={"least": 0.0, "most": 65535.0})
    flicker: Literal[50, 60] | None = None
    poll_interval: float | None = field(default=None, metadata={"least": 0.1, "most": 86400.0})
    password_file: Path | None = None

    @property
    def longest_silence(self) -> float:
        """Seconds without a frame after which a live camera counts as lost: ``timeout``, but a slow camera that is
        well must not be taken for one."""
        return max(self.timeout, PATIENT_FRAMES / self.frame_rate, PATIENT_FRAMES * (self.poll_interval or 0.0))

    @property
    def seconds_between_polls(self) -> float:
        """``poll_interval``; without one, such that several come in ``timeout``."""
        return self.poll_interval or min(POLL_INTERVAL, self.timeout / PATIENT_FRAMES)

    @property
    def controls(self) -> dict[str, float | str]:
        """The fields named in ``CONTROLS`` that are set."""
        values = {name: getattr(self, name) for name in CONTROLS}
        return {name: value for name, value in values.items() if value is not None}
