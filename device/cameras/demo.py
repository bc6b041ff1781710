"""A camera for machines without one: it looks at pages of made-up handwriting, laid under it one after another.

Its pictures depend on the seed and the frame's number alone. It knows what is written, so a run can say what was read
rightly.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from device.cameras.camera import Camera, Kind
from device.config.camera import CameraSettings
from edge_digits.synthesis.camera import Shot, random_shot
from edge_digits.synthesis.light import random_light
from edge_digits.synthesis.page import Sheet, SyntheticPage, make_sheet, photograph_sheet
from edge_digits.types import Box, Frame, Image

PAGE_SECONDS = 4.0
"""How long a page and the empty desk before it are in the picture together."""

DESK_SECONDS = 0.6
"""How long the desk is empty before each page."""

MOST_SHOWN = 200
"""Pages that are remembered; a demo that runs for days forgets the first."""

DESK = 150
"""Grey of the empty desk."""


@dataclass(frozen=True)
class WrittenLine:
    """A number on a page, and where it stands at first, in the pixels of the frames; it moves by a few."""

    text: str
    box: Box


@dataclass(frozen=True)
class WrittenPage:
    """What one page holds, and when it was in the picture: times of its first and last frame, seconds since the
    epoch."""

    lines: tuple[WrittenLine, ...]
    begin: float
    end: float


@dataclass(frozen=True, eq=False)
class _Scene:
    """A sheet on the desk, under the light and before the camera that it is seen with. phase: of its movement."""

    sheet: Sheet
    light: Image
    shot: Shot
    phase: float


class DemoCamera(Camera):
    """A live camera, paced by the clock: a frame that is not ready in its time is missed, as with a real one."""

    kind: Kind = "live"

    def __init__(self, settings: CameraSettings, seed: int = 0) -> None:
        self.name = f"demo:{seed}"
        self.settings = settings
        self._seed = seed
        self._closed = threading.Event()
        self._page_frames = max(2, round(PAGE_SECONDS * settings.frame_rate))
        self._desk_frames = round(DESK_SECONDS * settings.frame_rate)
        self._scene: tuple[int, _Scene] | None = None
        self._shown: dict[int, WrittenPage] = {}

    def __iter__(self) -> Iterator[Frame]:
        period = 1.0 / self.settings.frame_rate
        began = time.monotonic()
        number = 0
        while not self._closed.is_set():
            started = time.monotonic()
            self._lay(number // self._page_frames)
            # Writing a page stops the camera's clock, or slow machines would miss whole pages.
            began += time.monotonic() - started
            page = self.photograph(number)
            if self._closed.wait(max(0.0, began + number * period - time.monotonic())):
                return
            taken = time.time()
            self._note(number, page, taken)
            yield Frame(page.image, number, taken)
            number = max(number + 1, math.floor((time.monotonic() - began) / period))

    def photograph(self, number: int) -> SyntheticPage:
        """Frame ``number`` with its truth: image (height, width) uint8, and the lines in it (none on the empty desk).

        Depends on seed, settings and number only.
        """
        index, place = divmod(number, self._page_frames)
        scene = self._lay(index)
        rng = np.random.default_rng([self._seed, index, place])
        seconds = number / self.settings.frame_rate
        flicker = 1.0 + 0.03 * math.sin(1.7 * seconds + scene.phase)
        shot = replace(scene.shot, exposure=scene.shot.exposure * flicker)
        if place < self._desk_frames:
            desk = Sheet(np.full_like(scene.light, DESK), (), scene.sheet.stroke)
            return photograph_sheet(rng, desk, light=scene.light, shot=shot)
        view = self._view(seconds, scene.phase)
        return photograph_sheet(rng, scene.sheet, light=scene.light, shot=shot, view=view)

    def shown(self) -> list[WrittenPage]:
        """The pages so far that could be seen for at least half of their time; once no thread iterates."""
        least = (PAGE_SECONDS - DESK_SECONDS) / 2
        return [page for _, page in sorted(self._shown.items()) if page.end - page.begin >= least]

    def _lay(self, index: int) -> _Scene:
        """Put page ``index`` on the desk, if it is not there yet."""
        if self._scene is None or self._scene[0] != index:
            width, height = self.settings.width, self.settings.height
            rng = np.random.default_rng([self._seed, index])
            digit_height = float(rng.uniform(0.09, 0.15)) * height
            sheet = make_sheet(rng, width, height, texts=_numbers(rng), digit_height=digit_height)
            shot = replace(random_shot(rng, sheet.stroke), motion=0.0, jpeg=0)
            self._scene = index, _Scene(sheet, random_light(rng, height, width), shot, float(rng.uniform(0, 6.28)))
        return self._scene[1]

    def _view(self, seconds: float, phase: float) -> NDArray[np.float64]:
        """How the sheet drifts under the camera: some pixels and tenths of a degree in some seconds, (3, 3)."""
        width, height = self.settings.width, self.settings.height
        turn = 0.5 * math.sin(0.6 * seconds + phase)
        view = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 0.95)
        view[:, 2] += 0.008 * width * np.array([math.sin(0.9 * seconds + phase), math.cos(1.1 * seconds + phase)])
        return np.vstack([view, [0.0, 0.0, 1.0]])

    def _note(self, number: int, page: SyntheticPage, taken: float) -> None:
        """Remember what is in the picture, and since when."""
        index = number // self._page_frames
        if index in self._shown:
            self._shown[index] = replace(self._shown[index], end=taken)
        elif page.lines:
            lines = tuple(WrittenLine(line.text, line.box) for line in page.lines)
            self._shown[index] = WrittenPage(lines, taken, taken)
            self._shown.pop(index - MOST_SHOWN, None)

    def close(self) -> None:
        """Ends the wait for the next frame too."""
        self._closed.set()


def _numbers(rng: np.random.Generator) -> list[str]:
    """Rows for a page: two to four of one number, some of two."""
    rows = []
    for _ in range(int(rng.integers(2, 5))):
        count = 2 if rng.random() < 0.2 else 1
        lengths = rng.integers(2, 7 - 2 * (count - 1), count).tolist()
        rows.append(" ".join("".join(map(str, rng.integers(0, 10, length).tolist())) for length in lengths))
    return rows
