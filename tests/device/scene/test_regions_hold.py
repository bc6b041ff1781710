"""Regions hold: the camera is nudged, the number changes, and it is published whole; no part of one ever is.

EDGE_DIGITS_SHIFTS says how many shifts are drawn; ``.ci/extended drift`` draws 200.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from drawn_scenes import HEIGHT, KINDS, WIDTH, Scene, draw_scene, random_motion

from device.cameras.camera import Camera, Kind
from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.loop import run
from device.scene.drift import Drift
from device.scene.motion import STILL, Motion
from device.sinks.memory import ReadingsInMemory
from edge_digits.reader import DigitReader, open_reader
from edge_digits.synthesis.page import make_sheet
from edge_digits.types import Frame

SHIFTS = int(os.environ.get("EDGE_DIGITS_SHIFTS", "4"))

FRAME_RATE = 4.0


@dataclass(frozen=True)
class Nudged(Camera):
    """A recording of a scene that is moved in it, and whose number changes then."""

    before: Scene
    after: Scene
    motion: Motion
    seed: int

    name = "nudged"
    kind: Kind = "video"

    def __iter__(self) -> Iterator[Frame]:
        rng = np.random.default_rng([self.seed, 1])
        shares = [0.0] * 8 + [0.3, 0.7] + [1.0] * 16
        for number, share in enumerate(shares):
            scene = self.before if number < 17 else self.after
            a, b, x, y = ((1.0 - share) * _parts(STILL) + share * _parts(self.motion)).tolist()
            motion = Motion(a, b, x, y)
            yield Frame(scene.photographed(rng, motion), number, 1e9 + number / FRAME_RATE)

    def close(self) -> None:
        """Let go of nothing."""


def _parts(motion: Motion) -> np.ndarray:
    return np.array([motion.a, motion.b, motion.shift_x, motion.shift_y])


def _draw(reader: DigitReader, seed: int) -> tuple[Nudged, list[str]]:
    """A nudged scene and both its numbers; of those that are read well where nothing moves, for others say nothing of
    moves."""
    rng = np.random.default_rng([2026, seed])
    kind = KINDS[seed % len(KINDS)]
    scene, motion = draw_scene(rng, kind), random_motion(rng)
    scenes: list[Scene] = []
    numbers: list[str] = []
    while len(numbers) < 2:
        text = "".join(map(str, rng.integers(0, 10, int(rng.integers(3, 6))).tolist()))
        paper = "board" if kind == "board" else "plain"
        patch = make_sheet(rng, 240, 84, texts=[text], digit_height=40.0, kind=paper).reflectance
        written = scene.with_number(patch)
        lines = reader.read(scene.region.cut(written.photographed(rng))).lines
        if len(lines) == 1 and lines[0].text == text and lines[0].confidence > 0.9:
            scenes.append(written)
            numbers.append(text)
    before, after = scenes
    return Nudged(before, after, motion, seed), numbers


def _published(reader: DigitReader, camera: Nudged, follow: bool) -> list[str]:
    memory = ReadingsInMemory()
    regions = [RegionRule("a", camera.before.region)]
    drift = Drift(regions) if follow else None
    run(camera, reader.read, TrackingRule(), [memory], stop=threading.Event(), regions=regions, drift=drift)
    return [reading.text for reading in memory.readings]


def _is_misread(text: str, numbers: list[str]) -> bool:
    """Whether a text is one of the numbers, whole, with one digit taken for another or a ``?`` too many: the reader's
    doing, and not the region's."""
    if text.replace("?", "", 1) in numbers:
        return True
    return text.isdigit() and any(
        len(text) == len(number) and sum(a != b for a, b in zip(text, number, strict=True)) == 1 for number in numbers
    )


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_regions_hold_and_no_shorter_number_is_published() -> None:
    reader = open_reader()
    held = paused = lost_without = 0
    wrong: list[str] = []
    misread: list[str] = []
    for seed in range(SHIFTS):
        camera, numbers = _draw(reader, seed)
        texts = _published(reader, camera, follow=True)
        others = [text for text in texts if text not in numbers]
        said = f"drawing {seed}: {' and '.join(numbers)} were published as {', '.join(texts)}"
        if texts == numbers:
            held += 1
        elif not others:
            paused += 1
        elif all(_is_misread(text, numbers) for text in others):
            misread.append(said)
        else:
            wrong.append(said)
        if SHIFTS > 4:
            lost_without += _published(reader, camera, follow=False) != numbers
    print(
        f"{SHIFTS} shifts of up to a tenth of a picture of {WIDTH}x{HEIGHT}, with turns of up to 5 degrees:\n"
        f"both numbers were published {held} times, not all of them {paused} times, one of them with a sign misread "
        f"{len(misread)} times, a part of one or another number {len(wrong)} times"
    )
    print("\n".join(misread + wrong))
    if SHIFTS > 4:
        print(f"with regions that do not follow, something else than both numbers {lost_without} times")
    assert not wrong
    assert len(misread) <= 0.02 * SHIFTS
    assert held >= 0.95 * SHIFTS
