"""One part of the picture: read when it has changed, tracked, and held against what is expected there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from device.cameras.exposure import DARK, brightness
from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.guard.guard import Guard
from device.guard.memory import GuardStore, MemoriesOfOneRun
from device.guard.values import number_of, with_point
from device.scene.cut_off import REASON, may_be_cut
from device.scene.motion import STILL, Motion
from device.scene.placing import Place, inside
from device.tracking.changes import ChangeDetector
from device.tracking.tracker import Tracker
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Image, Reading, Refusal

NOTHING = Page((), ())


class View:
    """The whole picture, or one region of it."""

    def __init__(
        self,
        read: Callable[[Image], Page],
        rule: TrackingRule,
        region: RegionRule | None = None,
        stills: bool = False,
        memories: GuardStore | None = None,
    ) -> None:
        """read: (H, W) uint8 grey -> Page. stills: every frame is a picture of its own, and there is nothing to vote
        over. memories: where the region's guard goes on from and what it remembers is kept; None is of this view."""
        self.region = region
        self.page = NOTHING
        """What was read last, boxes in pixels of the frame."""
        self._read = read
        self._stills = stills
        if stills:
            rule = replace(rule, settle=1)
        if region is not None:
            # A region holds one number, wherever in it that stands.
            rule = replace(rule, overlap=0.0)
            if region.min_confidence is not None:
                rule = replace(rule, min_confidence=region.min_confidence)
        self._tracker = Tracker(rule)
        self._memories = memories or MemoriesOfOneRun()
        self._guard = None if region is None else Guard(region, self._memories.recall(region.name))
        self._changes = ChangeDetector()
        self._motion: Motion | None = STILL
        self.window = rule.window
        """Pictures in which what is there settles."""
        self._left = 0
        self._fresh = False
        self._asked = 0
        self._again = False
        self._blank = 0
        self._forget = rule.forget
        self._near_edge = 0
        """How many more pictures are to be read until the number counts as one that is not at the region's edge."""

    def ask(self, again: bool) -> None:
        """Read the next pictures whatever they show, and let them alone decide. again: whether what settles is news
        even if it is what was."""
        self._left = self._asked = self.window
        self._again, self._blank = again, 0
        self._tracker.ask(again)

    @property
    def has_answered(self) -> bool:
        """Whether what was asked for has settled, or was looked for in as many pictures as that may take."""
        return not self._asked or self._tracker.has_answered

    def ask_no_more(self) -> None:
        """Only what is new is news again."""
        self._asked, self._again = 0, False
        self._tracker.ask_no_more()

    def look(self, image: Image, motion: Motion | None = STILL) -> bool:
        """Read the view's part of ``image``, (H, W) uint8, unless it shows what was read often enough to settle.

        motion: what has happened to the region since it was drawn; None, if that is not sure, reads nothing. Returns
        whether it was read.
        """
        if motion is not self._motion:
            self._motion, self._left = motion, self.window
        if motion is None:
            self.page, self._fresh = NOTHING, False
            return False
        whole = Box(0, 0, image.shape[1], image.shape[0])
        place = Place(whole if self.region is None else inside(self.region.box, image), motion)
        part = place.cut(image) if place.box.width and place.box.height else image[:0, :0]
        if not part.size:
            self.page, self._fresh = NOTHING, True
            self._asked = max(self._asked - 1, 0)
            return False
        if not self._stills and brightness(part) < DARK:
            self._fresh = False
            return False
        if self._changes.changed(part) or self._stills:
            self._left = self.window
        self._fresh = self._left > 0
        if not self._fresh:
            return False
        self._left -= 1
        self._asked = max(self._asked - 1, 0)
        page = self._read(part)
        if self.region is None:
            self.page = page
            return True
        page = _number(page, self.region)
        self._near_edge = self.window if may_be_cut(page, part) else max(self._near_edge - 1, 0)
        self.page = place.put_back(page)
        return True

    def outside(self, image: Image) -> str | None:
        """What of the region lies outside of ``image``, (H, W), in words; None if nothing does."""
        if self.region is None or (part := inside(self.region.box, image)) == self.region.box:
            return None
        height, width = image.shape
        read = "only the part inside is read" if part.width and part.height else "nothing is read there"
        return f"region {self.region.name}: {self.region.box.as_list()} leaves the picture of {width}x{height}; {read}"

    def settle(
        self,
        time: float,
        is_sure: Callable[[Motion | None], bool] = lambda _: True,
        may_have_moved: bool = False,
    ) -> list[Reading | Refusal]:
        """What the last look settles. time: of its frame, seconds since the epoch. is_sure: whether the motion that it
        was read with is right; asked where something else was read than before. may_have_moved: whether the region may
        be somewhere else without anybody knowing; then a number at its edge may be a part of one."""
        if self._motion is None or (self._fresh and self._is_news() and not is_sure(self._motion)):
            return []
        if self._stills:
            self._tracker.clear()
        events = self._tracker.update(self.page, time) if self._fresh else []
        if self._guard is None:
            return [replace(event, value=number_of(event.text)) for event in events]
        doubt = REASON if may_have_moved and self._near_edge else None
        judged = [self._judge(self._guard, event, doubt) for event in events]
        judged.append(self._gone_before(self._guard, time))
        if not any(isinstance(event, Reading) for event in events):
            judged += [self._guard.still(reading, doubt) for reading in self._tracker.standing(time)]
        self._memories.remember(self._guard.rule.name, self._guard.memory)
        return [event for event in judged if event is not None]

    def set_value(self, value: float, time: float) -> None:
        """Compare the region's next numbers with ``value``, which was set by hand at ``time``."""
        if self._guard is not None:
            self._guard.set_value(value, time)
            self._memories.remember(self._guard.rule.name, self._guard.memory)

    def _judge(self, guard: Guard, event: Reading | Refusal, doubt: str | None) -> Reading | Refusal | None:
        if isinstance(event, Refusal):
            value = number_of(event.text, guard.rule.decimals)
            return replace(event, region=guard.rule.name, value=value)
        return guard.gone(event) if event.is_gone else guard.judge(event, self._again, doubt)

    def _gone_before(self, guard: Guard, time: float) -> Reading | None:
        """The news that a number is gone that was never seen here: it stood there when an earlier run ended, or before
        the regions were saved, and was wiped since."""
        if self._fresh:
            self._blank = 0 if self.page.lines else self._blank + 1
        if self._stills or self._blank < self._forget or self._tracker.published():
            return None
        return guard.gone(Reading("", 1.0, guard.rule.box, time, self._blank))

    def _is_news(self) -> bool:
        """Whether the last look shows something else than what was published."""
        return {line.text for line in self.page.lines} != self._tracker.published()


def open_views(
    read: Callable[[Image], Page],
    rule: TrackingRule,
    regions: Sequence[RegionRule],
    stills: bool = False,
    memories: GuardStore | None = None,
) -> list[View]:
    """One view for each region, or one for the whole picture if there are none."""
    return [View(read, rule, region, stills, memories) for region in regions] or [View(read, rule, None, stills)]


def look_once(
    frame: Frame, read: Callable[[Image], Page], regions: Sequence[RegionRule]
) -> tuple[Page, list[Reading | Refusal]]:
    """What is read in a frame alone, and what would be published or refused if it stayed so."""
    views = open_views(read, TrackingRule(), regions, stills=True)
    for view in views:
        view.look(frame.image)
    return merged(views), [event for view in views for event in view.settle(frame.time)]


def merged(views: Sequence[View]) -> Page:
    """What was read last, in all views."""
    if len(views) == 1:
        return views[0].page
    lines = [line for view in views for line in view.page.lines]
    rejected = tuple(rejected for view in views for rejected in view.page.rejected)
    return Page(tuple(lines), rejected, max((view.page.turn for view in views), key=abs))


def _number(page: Page, region: RegionRule) -> Page:
    """The page with the largest line alone, and the decimal point of that."""
    if not page.lines:
        return page
    line = max(page.lines, key=lambda line: line.box.width * line.box.height)
    return replace(page, lines=(with_point(line, page.rejected, region.decimals),))
