"""One part of the picture: read when it has changed, tracked, and held against what is expected there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from device.cameras.exposure import brightness
from device.changes import ChangeDetector
from device.regions import Guard, RegionRule
from device.tracking import Tracker, TrackingRule
from edge_digits.types import Box, Image, Line, Page, Reading, Refusal, Rejected

NOTHING = Page((), ())


DARK = 20.0
"""Grey level; a camera whose picture is all below it looks into the dark, where there is nothing but noise to read, and
what was read before has not changed."""


class View:
    """The whole picture, or one region of it."""

    def __init__(
        self, read: Callable[[Image], Page], rule: TrackingRule, region: RegionRule | None = None, stills: bool = False
    ) -> None:
        """read: (H, W) uint8 grey -> Page. stills: every frame is a picture of its own, and there is nothing to vote
        over."""
        self.region = region
        self.page = NOTHING
        """What was read last, boxes in pixels of the frame."""
        self._read = read
        self._stills = stills
        if stills:
            rule = replace(rule, settle=1)
        # A region holds one number, wherever in it that stands.
        self._tracker = Tracker(rule if region is None else replace(rule, overlap=0.0))
        self._guard = None if region is None else Guard(region)
        self._changes = ChangeDetector()
        self._window = rule.window
        self._left = 0
        self._fresh = False

    def look(self, image: Image) -> bool:
        """Read the view's part of ``image``, (H, W) uint8, unless it shows what was read often enough to settle.

        Returns whether it was read.
        """
        box = Box(0, 0, image.shape[1], image.shape[0]) if self.region is None else _inside(self.region.box, image)
        part = box.cut(image)
        if not part.size:
            self.page, self._fresh = NOTHING, True
            return False
        if not self._stills and brightness(part) < DARK:
            self._fresh = False
            return False
        if self._changes.changed(part) or self._stills:
            self._left = self._window
        self._fresh = self._left > 0
        if not self._fresh:
            return False
        self._left -= 1
        page = self._read(part)
        self.page = page if self.region is None else _largest_line(_moved(page, box.x, box.y))
        return True

    def outside(self, image: Image) -> str | None:
        """What of the region lies outside of ``image``, (H, W), in words; None if nothing does."""
        if self.region is None or (inside := _inside(self.region.box, image)) == self.region.box:
            return None
        height, width = image.shape
        read = "only the part inside is read" if inside.width and inside.height else "nothing is read there"
        return f"region {self.region.name}: {self.region.box.as_list()} leaves the picture of {width}x{height}; {read}"

    def settle(self, time: float) -> list[Reading | Refusal]:
        """What the last look settles. time: of its frame, seconds since the epoch."""
        if self._stills:
            self._tracker.clear()
        readings = self._tracker.update(self.page, time) if self._fresh else []
        if self._guard is None:
            return list(readings)
        if readings:
            return [event for event in map(self._guard.judge, readings) if event is not None]
        events = [self._guard.still(text, time) for text in self._tracker.settled()]
        return [event for event in events if event is not None]


def open_views(
    read: Callable[[Image], Page], rule: TrackingRule, regions: Sequence[RegionRule], stills: bool = False
) -> list[View]:
    """One view for each region, or one for the whole picture if there are none."""
    return [View(read, rule, region, stills) for region in regions] or [View(read, rule, None, stills)]


def merged(views: Sequence[View]) -> Page:
    """What was read last, in all views."""
    if len(views) == 1:
        return views[0].page
    lines = [line for view in views for line in view.page.lines]
    return Page(tuple(lines), tuple(rejected for view in views for rejected in view.page.rejected))


def _inside(box: Box, image: Image) -> Box:
    """The part of ``box`` that lies in the image; of no size if none does."""
    height, width = image.shape
    left, top = min(max(box.x, 0), width), min(max(box.y, 0), height)
    right, bottom = min(max(box.right, 0), width), min(max(box.bottom, 0), height)
    return Box(left, top, max(0, right - left), max(0, bottom - top))


def _largest_line(page: Page) -> Page:
    if len(page.lines) < 2:
        return page
    return Page((max(page.lines, key=lambda line: line.box.width * line.box.height),), page.rejected)


def _moved(page: Page, x: int, y: int) -> Page:
    """The page in a picture that begins ``x``, ``y`` pixels further left and up."""

    def moved(box: Box) -> Box:
        return Box(box.x + x, box.y + y, box.width, box.height)

    def moved_line(line: Line) -> Line:
        digits = tuple(replace(digit, box=moved(digit.box)) for digit in line.digits)
        return replace(line, box=moved(line.box), digits=digits)

    rejected = tuple(Rejected(moved(item.box), item.reason) for item in page.rejected)
    return Page(tuple(map(moved_line, page.lines)), rejected)
