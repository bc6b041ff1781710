"""When a camera's automatic exposure is locked, and when it may settle anew.

Automatic exposure makes the whole picture breathe whenever a hand or a white sheet comes into it, and every breath
looks like a change. So it is locked once it has settled, and let go again when the light in the room leaves the range
that the locked exposure is good for. What is settled is judged by the exposure that the frames' metadata tell, since
what cameras say of the state of their automatic differs between versions of libcamera.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from edge_digits.types import Image

WARM_UP = 5
"""Frames at the start, and after each change of the controls, that say nothing yet."""

STEADY_FRAMES = 8
"""Frames over which exposure must not change to count as settled."""

STEADY_SHARE = 0.02
"""Change of exposure time × gain between frames that is none."""

LONGEST_SETTLING = 90
"""Frames after which exposure is locked even if it has not settled, as in flickering light."""

LIGHT_RANGE = 0.25
"""Change of the brightness of the paper, as a share, that the locked exposure is good for."""

LEAST_CHANGE = 10.0
"""Grey levels that it must change by as well: in the dark, a share is little."""

DARK = 20.0
"""Grey level; a camera whose picture is all below it looks into the dark, where there is nothing but noise to read, and
what was read before has not changed."""

WHITE = 250
"""From this grey level a pixel is overexposed."""

SAMPLING = 8
"""Every so many rows and columns of the picture are looked at."""


class Exposure:
    """Follows the frames of one camera."""

    def __init__(self, known: Mapping[str, Any], frame_rate: float, fixed: Collection[str] = ()) -> None:
        """known: the camera's controls by name. frame_rate: frames per second. fixed: controls that were set for good;
        with any of them, the rest is left to the camera."""
        self.locked = False
        self.seconds: float | None = None
        self.gain: float | None = None
        self._lockable = {"AeEnable", "ExposureTime"} <= known.keys() and not fixed
        self._set = len(fixed) == 2
        self._with_gain = "AnalogueGain" in known
        self._patience = max(3, round(frame_rate))
        self._reference: float | None = None
        self._frames = self._steady = self._outside = 0
        self._before = 0.0

    def update(self, image: Image, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Take in a frame, (H, W) uint8, and its metadata. Returns the controls to set now, mostly none."""
        time = metadata.get("ExposureTime")
        if not isinstance(time, int | float) or time <= 0:
            return {}
        gain = metadata.get("AnalogueGain", 1.0)
        self.seconds, self.gain = time / 1e6, float(gain)
        if not self._lockable:
            return {}
        self._frames += 1
        if self._frames <= WARM_UP:
            return {}
        return self._watch(image) if self.locked else self._settle(time, gain)

    def describe(self) -> str:
        """In words, "" if the camera does not tell."""
        if self.seconds is None:
            return ""
        state = "locked" if self.locked else "settling" if self._lockable else "set" if self._set else "automatic"
        return f"exposure {self.seconds * 1000:.1f} ms, gain {self.gain:.1f}, {state}"

    def _settle(self, time: float, gain: float) -> dict[str, Any]:
        now = time * gain
        self._steady = self._steady + 1 if abs(now - self._before) <= STEADY_SHARE * now else 0
        self._before = now
        if self._steady < STEADY_FRAMES and self._frames < LONGEST_SETTLING:
            return {}
        self._change(locked=True)
        self._reference = None
        return {"AeEnable": False, "ExposureTime": int(time)} | ({"AnalogueGain": gain} if self._with_gain else {})

    def _watch(self, image: Image) -> dict[str, Any]:
        level = brightness(image)
        if self._reference is None:
            self._reference = level
        change = abs(level - self._reference)
        blinded = level >= WHITE > self._reference
        outside = blinded or change > max(LIGHT_RANGE * self._reference, LEAST_CHANGE)
        # A hand before the camera goes away again; the light of another hour does not.
        self._outside = self._outside + 1 if outside else 0
        if self._outside < self._patience:
            return {}
        self._change(locked=False)
        return {"AeEnable": True}

    def _change(self, locked: bool) -> None:
        self.locked = locked
        self._frames = self._steady = self._outside = 0


def brightness(image: Image) -> float:
    """Grey level that nine of ten pixels do not exceed: that of the paper, whatever is written on it."""
    sample = image[::SAMPLING, ::SAMPLING].ravel()
    place = (sample.size * 9) // 10
    return float(np.partition(sample, place)[place])
