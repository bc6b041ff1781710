"""A number changes before the camera: what is published then is right as often as its confidence says.

EDGE_DIGITS_CHANGES says how many changes are drawn; ``.ci/extended changes`` draws more.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from drawn_scenes import KINDS, Scene, draw_scene

from device.cameras.camera import Camera, Kind
from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.loop import run
from device.sinks.memory import ReadingsInMemory
from edge_digits.reader import DigitReader, open_reader
from edge_digits.synthesis.page import make_sheet
from edge_digits.types import Frame

CHANGES = int(os.environ.get("EDGE_DIGITS_CHANGES", "4"))
MANY = 100
"""So many changes are enough to compare shares with confidences; fewer only show what chance does not explain."""

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
BEFORE, AFTER = 10, 14
"""Frames."""

BEGAN = 1e9
"""Time of the first frame, in seconds since the epoch; each frame lasts one."""


@dataclass(frozen=True)
class Changing(Camera):
    """A recording of a number that is replaced by another one."""

    before: Scene
    after: Scene
    seed: int

    name = "changing"
    kind: Kind = "video"

    def __iter__(self) -> Iterator[Frame]:
        rng = np.random.default_rng([self.seed, 3])
        for number in range(BEFORE + AFTER):
            scene = self.before if number < BEFORE else self.after
            yield Frame(scene.photographed(rng), number, BEGAN + number)

    def close(self) -> None:
        """Let go of nothing."""


def draw(seed: int) -> tuple[Changing, str]:
    """A change, and the number after it: mostly its last digits are others, as on a counter."""
    rng = np.random.default_rng([2027, seed])
    kind = KINDS[seed % len(KINDS)]
    scene = draw_scene(rng, kind)
    count = int(rng.integers(2, 6))
    kept = int(rng.integers(0, count))
    before = rng.integers(0, 10, count).tolist()
    after = before[:kept] + [(digit + int(rng.integers(1, 10))) % 10 for digit in before[kept:]]
    texts = ["".join(map(str, digits)) for digits in (before, after)]
    paper = "board" if kind == "board" else "plain"
    height = float(rng.uniform(24.0, 52.0))
    first, second = [
        scene.with_number(make_sheet(rng, 240, 84, texts=[text], digit_height=height, kind=paper).reflectance)
        for text in texts
    ]
    return Changing(first, second, seed), texts[1]


def published(reader: DigitReader, camera: Changing) -> list[tuple[float, str]]:
    """Confidences and texts of what is published from the change on."""
    memory = ReadingsInMemory()
    regions = [RegionRule("a", camera.before.region)]
    run(camera, reader.read, TrackingRule(), [memory], stop=threading.Event(), regions=regions)
    return [(r.confidence, r.text) for r in memory.readings if r.time >= BEGAN + BEFORE and not r.is_gone]


def chance_of(wrong: int, count: int, share: float) -> float:
    """That of ``count`` so many or more are wrong, if each is with the probability ``share``."""
    return sum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(wrong, count + 1))


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_what_is_published_after_a_change_is_right_as_often_as_it_says() -> None:
    reader = open_reader()
    found: list[tuple[float, bool]] = []
    silent = 0
    for seed in range(CHANGES):
        camera, number = draw(seed)
        events = published(reader, camera)
        silent += not events
        found += [(confidence, text == number) for confidence, text in events]
    print(f"{CHANGES} changes, {len(found)} numbers published after them, nothing after {silent}")
    failures: list[str] = []
    for level in LEVELS:
        right = [is_right for confidence, is_right in found if confidence >= level]
        if not right:
            continue
        share = sum(right) / len(right)
        print(f"at {level:.0%} or more: {len(right)} numbers, {share:.1%} right")
        is_chance = chance_of(len(right) - sum(right), len(right), 1 - level) > 0.001
        if not (share >= level if CHANGES >= MANY else is_chance):
            failures.append(f"{share:.1%} of {len(right)} at {level:.0%} or more")
    assert not failures
