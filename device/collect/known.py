"""What was collected already: a number that stands for hours is collected once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from device.collect.looks import SAME_PLACE
from edge_digits.types import Box, intersection_over_union

REMEMBERED = 500
"""Numbers; who rewrites the same one later than so many others may have it collected again."""


@dataclass
class Known:
    """A number of which something was collected: the region it stands in, what was read, where it stands in the frame.
    files: names of samples by their place in the picture that was read."""

    region: str | None
    text: str
    box: Box
    files: dict[Box, str] = field(default_factory=dict)

    def file_at(self, box: Box) -> str | None:
        """The sample of what stands in ``box``; its edges move by a pixel from frame to frame."""
        near = [(intersection_over_union(box, place), file) for place, file in self.files.items()]
        overlap, file = max(near, default=(0.0, ""))
        return file if overlap >= SAME_PLACE else None


class KnownNumbers:
    """The last ``REMEMBERED`` of them."""

    def __init__(self) -> None:
        self._known: deque[Known] = deque(maxlen=REMEMBERED)

    def find(self, region: str | None, text: str, box: Box) -> Known | None:
        """The number that was read as ``text`` in ``box``, pixels of the frame; None if nothing of it was collected."""
        for known in reversed(self._known):
            is_same = (known.region, known.text) == (region, text)
            if is_same and intersection_over_union(known.box, box) >= SAME_PLACE:
                return known
        return None

    def add(self, known: Known) -> None:
        """Remember it."""
        self._known.append(known)
