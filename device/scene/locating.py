"""Where the regions are in a frame, or why that is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from device.config.regions import RegionRule
from device.scene.kept import Kept
from device.scene.motion import Motion
from device.scene.placing import Place, inside
from device.scene.registration import LEAST_MATCHED, Reference, Registration, is_near, register
from edge_digits.types import Box, Image

MOST_SHIFT = 0.1
"""Share of the picture by which regions follow."""

MOST_TURN = 5.0
"""Degrees by which regions follow."""

MOST_SCALE = 0.1
"""Share by which the scene may become larger or smaller."""

SLACK = 1.05
"""Times the limits that are still within them, because motions are measured."""

NEAR = 0.1
"""Share of the picture's longer side around a region in which what is seen must have moved with it."""

AGREEING = 0.5
"""Share of the points found around a region, against that in the whole picture, for it to have moved like the rest."""


@dataclass(frozen=True)
class Located:
    """A region in a frame. motion: what has happened to it since it was drawn, None if that is not sure; then problem
    says why, in words."""

    motion: Motion | None
    problem: str | None = None


class Locator:
    """Finds the regions of one reference."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.whole: Registration | None = None
        """How the last frame lay over the reference; None if that was not to be told."""
        self._guess = Motion()
        self._near: dict[Box, Reference] = {}

    def locate(self, regions: Sequence[RegionRule], image: Image) -> list[Located]:
        """One after another; image: (H, W) uint8. Regions that the reference knows nothing of are where they were
        drawn."""
        height, width = image.shape
        if (width, height) != self.kept.frame:
            before = f"{self.kept.frame[0]}x{self.kept.frame[1]}"
            return [Located(None, f"the picture is {width}x{height}, and was {before} when regions were drawn")] * len(
                regions
            )
        self.whole = register(self.kept.reference, image, self._guess)
        if self.whole is not None:
            self._guess = self.whole.motion
        return [self._locate(region, image) for region in regions]

    def _locate(self, region: RegionRule, image: Image) -> Located:
        base = self.kept.bases.get(region.box)
        if base is None:
            return Located(Motion())
        drawn = Place(inside(region.box, image), base)
        motion = self._motion(drawn.bounds, region.box, image)
        if motion is None:
            return Located(None, "this is not the scene that regions were drawn in, or it has moved far, or is covered")
        place = Place(drawn.box, base.then(motion))
        problem = _beyond_limits(motion, drawn.bounds, self.whole, image)
        if problem is None and not place.is_within(image.shape[1], image.shape[0]):
            problem = "has moved out of the picture"
        return Located(place.motion) if problem is None else Located(None, f"region {region.name}: {problem}")

    def _motion(self, around: Box, box: Box, image: Image) -> Motion | None:
        """Since the reference was taken: what has happened to what is around the region, if that has moved by itself;
        else, or where that is not there any more, to the whole picture. around: the region in the reference."""
        margin = NEAR * max(image.shape)
        if box not in self._near:
            self._near[box] = self.kept.reference.near(around, margin)
        near, whole = self._near[box], self.whole
        if whole is not None:
            seen = int(is_near(whole.seen, around, margin).sum())
            there = int(is_near(whole.matched, around, margin).sum())
            if seen < LEAST_MATCHED or there > AGREEING * whole.share * seen:
                return whole.motion
        registration = (register(near, image, self._guess) if near.is_distinct else None) or whole
        return None if registration is None else registration.motion


def _beyond_limits(motion: Motion, region: Box, whole: Registration | None, image: Image) -> str | None:
    """In words, if a motion since the reference is further than regions follow. region: in the reference."""
    height, width = image.shape
    middle = region.x + region.width / 2, region.y + region.height / 2
    if whole is not None and motion is whole.motion:
        middle = width / 2, height / 2
    [(x, y)] = (motion.of_points([middle]) - middle).tolist()
    share = max(abs(x) / width, abs(y) / height)
    if share <= SLACK * MOST_SHIFT and abs(motion.turn) <= SLACK * MOST_TURN:
        return None if abs(motion.scale - 1.0) <= SLACK * MOST_SCALE else "is of another size than it was"
    return (
        f"has moved by {100 * share:.0f} % of the picture and turned by {abs(motion.turn):.0f} degrees, "
        f"and regions follow {100 * MOST_SHIFT:.0f} % and {MOST_TURN:.0f} degrees"
    )
