"""What was read last in each view, with what the reader saw, until it is read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from device.tracking.views import View
from edge_digits.page import Page
from edge_digits.trace import Observe, Seen
from edge_digits.types import Box, Image, Line, intersection_over_union

SAME_PLACE = 0.5
"""Least intersection over union of two boxes of the same writing."""


class Read(Protocol):
    """Reads (H, W) uint8, and tells ``observe`` what was seen."""

    def __call__(self, image: Image, /, observe: Observe | None = None) -> Page:
        """What stands in it."""
        ...


@dataclass(frozen=True)
class Look:
    """region: name, None is the whole picture. lines: each as it is published, in pixels of the frame, and as it was
    read, in pixels of the picture that ``seen`` is of; ``page`` is all that was read there."""

    region: str | None
    lines: tuple[tuple[Line, Line], ...]
    page: Page
    seen: Seen


class Looks:
    """Keeps a look of each view. One takes some five times the memory of its picture, and goes with the next."""

    def __init__(self) -> None:
        self._reads: list[tuple[Page, Seen]] = []
        self._looks: dict[str | None, Look] = {}

    def reading(self, read: Read) -> Callable[[Image], Page]:
        """``read``, noted."""

        def noted(image: Image) -> Page:
            if len(self._looks) == 1:
                # It is about to be replaced; two at once would need the memory twice.
                self._looks.clear()
            seen: list[Seen] = []
            try:
                page = read(image, observe=seen.append)
            except BaseException:
                # The whole frame is given up.
                self._reads.clear()
                raise
            self._reads += [(page, one) for one in seen]
            return page

        return noted

    def looked(self, views: Sequence[View], is_read: Sequence[bool]) -> None:
        """A frame's views have been looked at. is_read: which of them were read; in the order in which they were."""
        names = {_name(view) for view in views}
        self._looks = {name: look for name, look in self._looks.items() if name in names}
        read = [view for view, was_read in zip(views, is_read, strict=True) if was_read]
        for view, (page, seen) in zip(read, self._reads[-len(read) :], strict=False):
            lines = page.lines
            if view.region is not None and lines:
                # A region holds one number, the largest line.
                lines = (max(lines, key=lambda line: line.box.width * line.box.height),)
            pairs = tuple(zip(view.page.lines, lines, strict=False))
            self._looks[_name(view)] = Look(_name(view), pairs, page, seen)
        self._reads.clear()

    def find(self, region: str | None, box: Box) -> tuple[Look, Line] | None:
        """The look and, as it was read, the line that stands in ``box``, pixels of the frame; None if none does."""
        look = self._looks.get(region)
        return None if look is None else _best([(look, *pair) for pair in look.lines], box)

    def find_text(self, text: str, box: Box) -> tuple[Look, Line] | None:
        """The same in any view, of a line that is published as ``text``."""
        looks = self._looks.values()
        return _best([(look, *pair) for look in looks for pair in look.lines if pair[0].text == text], box)


def _best(lines: Sequence[tuple[Look, Line, Line]], box: Box) -> tuple[Look, Line] | None:
    scored = [(intersection_over_union(shown.box, box), number) for number, (_, shown, _) in enumerate(lines)]
    overlap, number = max(scored, default=(0.0, 0))
    return (lines[number][0], lines[number][2]) if overlap >= SAME_PLACE else None


def _name(view: View) -> str | None:
    return None if view.region is None else view.region.name
