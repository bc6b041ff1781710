"""Newest frame -> views -> sinks. The only place where the time of a run is measured."""

from __future__ import annotations

import logging
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from device.cameras.camera import Camera
from device.capture import Capture
from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.guard.memory import GuardStore, MemoriesOfOneRun
from device.guard.values import in_words
from device.scene.drift import Drift
from device.sinks.sink import LATEST_TIME, Sink
from device.system.clock import ClockWatch
from device.system.memory import give_back, keep_one_heap
from device.timing.turns import Turns
from device.tracking.orientation import OrientationNotice
from device.tracking.views import View, merged, open_views
from edge_digits.errors import EdgeDigitsError
from edge_digits.io.image import to_grey
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Image, Reading, Refusal

POLL = 0.1
"""Seconds between two looks at the stop flag while no frame comes."""

MOST_FAILURES = 30
"""Frames in a row that the reader may fail on; one is an odd frame, this many are a broken reader."""

GIVE_BACK_EVERY = 1000
"""Frames between two times that memory which holds nothing is given back."""

SILENCE = 60.0
"""Seconds between two complaints about frames that cannot be read."""

CLOCK_ERROR = 60.0
"""Seconds that the time of a live frame may differ from the clock, before the clock is believed."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """What a run came to.

    frames: taken. unchanged: of these, not read because they show what was read before, or no reading was due. skipped:
    frames of the camera that were not taken, because a newer one had come. seconds: from the first frame to the end.
    median_ms: time of one reading, over the last thousand, NaN if there was none. failure: why the camera stopped
    delivering, if it did.
    lost: readings and refusals that a sink did not take.
    """

    frames: int
    unchanged: int
    skipped: int
    seconds: float
    median_ms: float
    failure: Exception | None = None
    lost: int = 0

    @property
    def frame_rate(self) -> float:
        """Frames taken per second."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0


def run(
    camera: Camera,
    read: Callable[[Image], Page],
    rule: TrackingRule,
    sinks: Sequence[Sink],
    watchers: Sequence[Callable[[Frame, Page], None]] = (),
    *,
    stop: threading.Event,
    duration: float | None = None,
    regions: Sequence[RegionRule] = (),
    reopen: Callable[[], Camera] | None = None,
    timeout: float = 10.0,
    beat: Callable[[], None] = lambda: None,
    new_regions: Callable[[], Sequence[RegionRule] | None] = lambda: None,
    memories: GuardStore | None = None,
    drift: Drift | None = None,
    wall_clock: ClockWatch | None = None,
    turns: Turns | None = None,
    orientation: OrientationNotice | None = None,
    looks: Callable[[Sequence[View], Sequence[bool]], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Run:
    """Read from ``camera`` until it ends, ``stop`` is set, or ``duration`` seconds after the first frame; closes it.

    Frames in colour are made grey. read: (H, W) uint8 grey -> Page. rule: when a number is published; a picture of its
    own has nothing to agree with, so what is read in it counts at once. watchers: called with every frame and what was
    last read. regions: only they are read; none is the whole picture. A live camera's frames are skipped while a
    reading takes longer than a frame lasts; a recording's never. reopen, timeout: see ``device.capture.Capture``; a
    failure of a camera that is not opened again ends the run and stands in the result. beat: called again and again as
    long as the loop goes round, at least every POLL seconds and after each frame. new_regions: asked as often; what it
    returns is read from then on. memories: what the regions' guards remember, and values that are set by hand; None is
    of this run. drift: follows the regions where the scene moves; None leaves them in place. wall_clock: says which
    times can be believed. turns: which frames are read; None is all of them. orientation: is shown what
    was read; None knows of no setting that turns the picture. looks: is shown the views, and which of them were read,
    before what settles is handed to the sinks. clock: seconds, only differences count.
    """
    keep_one_heap()
    memories = memories or MemoriesOfOneRun()
    stills = camera.kind == "stills"
    views = open_views(read, rule, regions, stills, memories)
    scene = drift or Drift(())
    turns = turns or Turns()
    live = camera.kind == "live"
    # The times of a recording are from when it was taken.
    outlet = _Outlet(sinks, None if camera.kind == "video" else wall_clock or ClockWatch())
    capture = Capture(camera, reopen, timeout, clock)
    opened = clock()
    began: float | None = None
    frames = unchanged = failures = 0
    logged_at: float | None = None
    outside, orientation = _Outside(), orientation or OrientationNotice()
    took_ms: deque[float] = deque(maxlen=1000)
    try:
        while not (stop.is_set() or capture.finished):
            beat()
            changed = new_regions()
            if changed is not None:
                views = open_views(read, rule, changed, stills, memories)
                if drift is not None:
                    drift.renew(changed)
                turns.renew(views)
            _set_values(views, memories)
            if duration is not None and clock() - (opened if began is None else began) >= duration:
                break
            turns.begin(views)
            frame = capture.take(POLL)
            if frame is None:
                continue
            if outlet.clock is not None:
                outlet.clock.look()
            frame = _with_sound_time(frame, live)
            started = clock()
            began = started if began is None else began
            try:
                if frame.image.ndim != 2:
                    frame = replace(frame, image=to_grey(frame.image))
                outside.say(views, frame.image)
                looked: list[bool] = []
                is_read = turns.is_reading
                if is_read:
                    scene.follow(frame)
                    looked = [view.look(frame.image, scene.motion(view.region)) for view in views]
                    if looks is not None:
                        looks(views, looked)
                    failures = 0
            except Exception as error:
                failures += 1
                if failures == MOST_FAILURES:
                    raise
                if logged_at is None or started - logged_at >= SILENCE:
                    logger.warning("frame %d, %s, cannot be read: %s", frame.number, frame.image.shape, error)
                    logged_at = started
                continue
            frames += 1
            if frames % GIVE_BACK_EVERY == 0:
                give_back()
            if any(looked):
                orientation.say(views)
                took_ms.append((clock() - started) * 1000)
            else:
                unchanged += 1
            if is_read:
                for view in views:
                    is_sure = partial(scene.is_sure, frame, view.region)
                    for event in view.settle(frame.time, is_sure, scene.may_have_moved(view.region)):
                        turns.take(view, outlet.deliver(event, frame.image))
                turns.count()
            if watchers:
                page = merged(views)
                for watcher in watchers:
                    watcher(frame, page)
    finally:
        seconds = 0.0 if began is None else clock() - began
        turns.close()
        capture.close()
    median = statistics.median(took_ms) if took_ms else float("nan")
    return Run(frames, unchanged, capture.skipped, seconds, median, capture.failure, outlet.lost)


def _set_values(views: Sequence[View], memories: GuardStore) -> None:
    """Tell the views of values that people have set."""
    values = memories.take_values()
    for view in views:
        if view.region is not None and view.region.name in values:
            value = values[view.region.name]
            view.set_value(value, time.time())
            logger.warning("%s: the last value is %s, set by hand", view.region.name, in_words(value))


class _Outlet:
    """Hands events to every sink; one that fails does not keep them from the others. clock: the one of their times."""

    def __init__(self, sinks: Sequence[Sink], clock: ClockWatch | None) -> None:
        self._sinks, self.clock = sinks, clock
        self._failing: dict[int, str] = {}
        self.lost = 0

    def deliver(self, event: Reading | Refusal, image: Image) -> Reading | Refusal:
        """Returns the event as the sinks have it."""
        if self.clock is not None:
            event = replace(event, clock=self.clock.doubt(event.time))
        picture = _surroundings(event.box).cut(image)
        for number, sink in enumerate(self._sinks):
            try:
                if isinstance(event, Reading):
                    sink.publish(event, picture)
                else:
                    sink.refuse(event, picture)
            except EdgeDigitsError as error:
                self.lost += 1
                # Once, not with every reading of a night on which the disk is full.
                if self._failing.get(number) != str(error):
                    logger.error("%s; reading goes on without it", error)
                self._failing[number] = str(error)
            else:
                if self._failing.pop(number, None) is not None:
                    logger.warning("a sink that had failed takes readings again")
        return event


class _Outside:
    """Warns of regions that leave the picture: of each once, and again where the picture has another size."""

    def __init__(self) -> None:
        self._logged: set[str] = set()
        self._views: Sequence[View] = ()
        self._shape: tuple[int, ...] = ()

    def say(self, views: Sequence[View], image: Image) -> None:
        if views is self._views and image.shape == self._shape:
            return
        self._views, self._shape = views, image.shape
        texts = {text for view in views if (text := view.outside(image)) is not None}
        for text in sorted(texts - self._logged):
            logger.warning("%s", text)
        self._logged |= texts


def _surroundings(box: Box) -> Box:
    """The box with half its height of paper on each side."""
    margin = box.height // 2
    return Box(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin)


def _with_sound_time(frame: Frame, live: bool) -> Frame:
    """The frame, with the present as its time if its own cannot be right."""
    now = time.time()
    sound = abs(frame.time - now) <= CLOCK_ERROR if live else 0.0 <= frame.time <= LATEST_TIME
    return frame if sound else replace(frame, time=now)
