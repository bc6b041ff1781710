"""What a peer is: it reads whole pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge_digits.types import Image


@dataclass(frozen=True, eq=False)
class Sight:
    """A picture as a reader may see it. grey: (H, W) uint8; colour: (H, W, 3) uint8 BGR."""

    path: str
    grey: Image
    colour: Image


class PictureReader(Protocol):
    """Reads pictures."""

    def read(self, sight: Sight) -> list[str]:
        """The text of each line, top to bottom; what is no digit in it does not count."""
        ...
