"""What the reader saw and was told while it read a picture, for people to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge.cascade import Judged
from edge_digits.lines.ctc import Symbol
from edge_digits.selection.candidates import Candidates
from edge_digits.types import Image


@dataclass(frozen=True)
class Seen:
    """One picture as it was read.

    size: (height, width) of the picture. grey: (H, W) uint8, it at the size and turned as it was read. scale: pixels of
    that for one of the picture's. turns: by how many quarters it was turned counter-clockwise. contrast: (H, W) uint8,
    255 = all of the paper's light is missing. candidates: what the judge was asked about closely, boxes in pixels of
    ``grey``. chosen: indices of those that stand. judged: the candidates map by map. strips: (32, W) uint8 that the
    line reader was given, and what it read in each.
    """

    size: tuple[int, int]
    grey: Image
    scale: float
    turns: int
    contrast: Image
    candidates: Candidates
    chosen: NDArray[np.intp]
    judged: tuple[Judged, ...] = ()
    strips: tuple[tuple[Image, tuple[Symbol, ...]], ...] = ()


Observe = Callable[[Seen], None]
"""Is told once for each picture that is read."""
