"""What a peer is: it reads whole pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from edge_digits.io.image import load_grey
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


def load_sight(path: str) -> Sight:
    """A picture as every reader may see it: grey, and in colour where the file has colours that OpenCV reads."""
    grey = load_grey(path)
    colour = cv2.imread(path, cv2.IMREAD_COLOR)
    if colour is None or colour.shape[:2] != grey.shape:
        colour = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    return Sight(path, grey, np.asarray(colour, np.uint8))
