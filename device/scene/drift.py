"""Drift: where the regions are now that the camera was nudged or what it looks at was moved, and whether that is sure.

Frames are compared with a reference picture, every few seconds and before a number counts that is another one than
before. A region whose place is not sure is not read.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from device.cameras.camera import Kind
from device.cameras.exposure import DARK, brightness
from device.config.regions import RegionRule
from device.config.settings import Config
from device.scene.kept import Kept, forget, load, reference_path, save
from device.scene.locating import Locator
from device.scene.motion import STILL, Motion
from device.scene.placing import Place, inside
from device.scene.registration import make_reference, register
from device.scene.status import DriftStatus, Outline, State
from edge_digits.types import Box, Frame

EVERY = 5.0
"""Seconds between two looks at a scene that is where it was."""

AGAIN = 1.0
"""Seconds between two looks while that is not sure, or a reference is being taken."""

SELDOM = 60.0
"""Seconds between two looks at a scene that has nothing to hold on to."""

TRIES = 3
"""Pictures that are no good reference before a scene counts as one that has nothing to hold on to."""

PATIENCE = 10.0
"""Seconds that a region's place may be unsure before that is a problem: people walk past."""

TOLERANCE = 0.003
"""Share of the picture's longer side by which a region's corners may be off."""

LEAST_SIDE = 48
"""Pixels of a picture that can be compared with another one."""

LEAST_POINTS = 12
"""Corners that a reference must have besides those that only noise made."""

WORN = 0.5
"""Share of the reference's points that are found, below which another reference is due."""

WORN_SECONDS = 600.0
"""For so long, because hands and shadows pass."""

logger = logging.getLogger(__name__)


def open_drift(config: Config, path: Path | None, kind: Kind) -> Drift | None:
    """What follows the regions of ``config``, of the file ``path``; None if nothing shall, or if there is no scene that
    stays, as in pictures of their own. kind: of the camera."""
    if not config.drift.follow or kind == "stills":
        return None
    # The next run of a recording begins where this one did.
    return Drift(config.region, reference_path(path, config.record_path) if kind == "live" else None)


class Drift:
    """Follows the regions of one camera. Times are those of frames, in seconds."""

    def __init__(self, regions: Sequence[RegionRule], path: Path | None = None) -> None:
        """path: where the reference picture is kept between two runs; None keeps it for this run alone."""
        self._path = path
        self._begin(regions, None if path is None or not regions else load(path))

    def renew(self, regions: Sequence[RegionRule]) -> None:
        """Follow other regions, all of them drawn in the present picture."""
        if self._path is not None:
            forget(self._path)
        self._begin(regions, None)

    def motion(self, region: RegionRule | None) -> Motion | None:
        """What has happened to a region since it was drawn; None if that is not sure. The whole picture stays."""
        return STILL if region is None else self._motions.get(region.box, STILL)

    def follow(self, frame: Frame) -> None:
        """Look at the scene, if it is time to. frame: its image (H, W)."""
        # A clock that was set back must not hold it up.
        if self._regions and abs(frame.time - self._looked_at) >= self._wait:
            self._look(frame)

    def is_sure(self, frame: Frame, region: RegionRule | None, motion: Motion | None) -> bool:
        """Whether ``motion`` is what has happened to the region in this very frame; True where that cannot be told."""
        if region is None or self._locator is None:
            return True
        if frame.number != self._looked_number:
            self._look(frame)
        return motion is not None and motion is self._motions[region.box]

    def may_have_moved(self, region: RegionRule | None) -> bool:
        """Whether the region may have moved and nothing has told it: there is no reference for it, or not yet."""
        is_known = self._locator is not None and region is not None and region.box in self._locator.kept.bases
        return region is not None and region.box in self._motions and not is_known

    def _begin(self, regions: Sequence[RegionRule], kept: Kept | None) -> None:
        self._regions = list(regions)
        bases = {} if kept is None else kept.bases
        # Where no box is left that was there when the reference was taken, it says nothing.
        is_of_use = kept is not None and any(region.box in bases for region in regions)
        self._locator = Locator(kept) if kept is not None and is_of_use else None
        self._motions: dict[Box, Motion | None] = {r.box: bases.get(r.box, STILL) for r in regions}
        self._candidate: Kept | None = None
        self._tries = 0
        self._looked_at, self._looked_number, self._wait = float("-inf"), -1, AGAIN
        self._worn_since: float | None = None
        self._unsure_since: float | None = None
        self._logged = False
        self.status = DriftStatus(outlines=self._outlines())

    def _look(self, frame: Frame) -> None:
        self._looked_at, self._looked_number = frame.time, frame.number
        # In the dark nothing is read either, and a camera that breaks may deliver a few pixels.
        if min(frame.image.shape) < LEAST_SIDE or brightness(frame.image) < DARK:
            return
        problem = None if self._locator is None else self._locate(self._locator, frame)
        if problem is None and (self._locator is None or self._is_outdated(self._locator, frame.time)):
            self._take(frame)
        self._tell(problem, frame.time)

    def _locate(self, locator: Locator, frame: Frame) -> str | None:
        """Find the regions; returns what is wrong with the first that cannot be found, if there is one."""
        problems = []
        for region, located in zip(self._regions, locator.locate(self._regions, frame.image), strict=True):
            before, now = self._motions[region.box], located.motion
            if before is not None and now is not None:
                box = inside(region.box, frame.image)
                if Place(box, before).distance(Place(box, now)) < TOLERANCE * max(frame.image.shape):
                    now = before
            self._motions[region.box] = now
            if located.problem is not None:
                problems.append(located.problem)
        return problems[0] if problems else None

    def _is_outdated(self, locator: Locator, time: float) -> bool:
        """Whether another reference is due: for other regions, or because ever less is left of this one."""
        if set(locator.kept.bases) != set(self._motions):
            return True
        if locator.whole is not None and locator.whole.share >= WORN:
            self._worn_since = None
        elif self._worn_since is None:
            self._worn_since = time
        return self._worn_since is not None and abs(time - self._worn_since) >= WORN_SECONDS

    def _take(self, frame: Frame) -> None:
        """Take another reference: a picture that the next one proves to stand still and to have enough to follow."""
        height, width = frame.image.shape
        candidate, self._candidate = self._candidate, None
        if candidate is not None:
            kept = _proven(candidate, frame)
            if kept is not None:
                self._adopt(kept)
                return
            self._tries += 1
        bases = {box: motion for box, motion in self._motions.items() if motion is not None}
        ignored = [Place(inside(box, frame.image), motion).bounds for box, motion in bases.items()]
        self._candidate = Kept(make_reference(frame.image, ignored), (width, height), bases)

    def _adopt(self, kept: Kept) -> None:
        self._locator = Locator(kept)
        self._tries, self._worn_since = 0, None
        if self._path is not None:
            try:
                save(self._path, kept)
            except OSError as error:
                logger.warning("%s: cannot be written (%s); the next run takes another", self._path, error.strerror)

    def _tell(self, problem: str | None, time: float) -> None:
        """Bring the status up to date. problem: what is wrong at the moment."""
        state: State = "following" if problem is None else "unsure"
        if self._locator is None:
            state = "cannot tell" if self._tries >= TRIES else "starting"
        if state == "cannot tell" and self.status.state != state:
            logger.warning("what is around the regions has too little to tell whether they move; they stay in place")
        self._wait = {"following": EVERY, "cannot tell": SELDOM}.get(state, AGAIN)
        if self._candidate is not None and self._tries < TRIES:
            self._wait = AGAIN
        lasting = self._lasting(problem, time)
        places = [Place(box, motion) for box, motion in self._motions.items() if motion is not None]
        furthest = max(places, key=_distance, default=Place(Box(0, 0, 0, 0)))
        self.status = DriftStatus(state, _shift(furthest), furthest.motion.turn, self._outlines(), lasting)

    def _outlines(self) -> dict[str, Outline]:
        outlines = {}
        for region in self._regions:
            motion = self._motions[region.box]
            corners = None if motion is None else np.round(Place(region.box, motion).corners, 1).tolist()
            outlines[region.name] = Outline(region.box, corners)
        return outlines

    def _lasting(self, problem: str | None, time: float) -> str | None:
        """The problem, once it has been there for some time; then the log says so, too, and when it is over."""
        if problem is None:
            if self._logged:
                logger.warning("the regions are found again, and read")
            self._unsure_since, self._logged = None, False
            return None
        if self._unsure_since is None:
            self._unsure_since = time
        if abs(time - self._unsure_since) < PATIENCE:
            return None
        if not self._logged:
            logger.warning("%s; what is not found is not read", problem)
            self._logged = True
        return problem


def _proven(candidate: Kept, frame: Frame) -> Kept | None:
    """The candidate with those of its points that ``frame`` has in the same place; None if they are too few."""
    height, width = frame.image.shape
    if candidate.frame != (width, height):
        return None
    registration = register(candidate.reference, frame.image)
    if registration is None or len(registration.matched) < LEAST_POINTS or not candidate.reference.is_distinct:
        return None
    picture = Box(0, 0, width, height)
    if Place(picture, registration.motion).distance(Place(picture)) >= TOLERANCE * max(width, height):
        return None
    points = np.asarray(registration.matched / candidate.reference.factor, np.float32)
    return replace(candidate, reference=replace(candidate.reference, points=points))


def _distance(place: Place) -> float:
    return place.distance(Place(place.box))


def _shift(place: Place) -> tuple[float, float]:
    x, y = (place.corners - Place(place.box).corners).mean(axis=0).tolist()
    return x, y
