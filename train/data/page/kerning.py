"""How near two digits stand when their ink meets, from their distance fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.data.glyphs.fields import PATH, SIDE, STEPS
from train.data.page.hand import drawn_width
from train.data.pool import Glyphs

_HEIGHTS = np.arange(-0.25, 1.25, 1 / 32)
"""Where profiles are taken, 0 a digit's top and 1 its foot."""


def room(glyphs: Glyphs, left: int, right: int, pen: float) -> float:
    """By how much nearer than edge to edge the rows ``left`` and ``right`` stand when their ink meets, in digit
    heights; 0 where it never does. pen: the line's width in digit heights."""
    after, before = _free(glyphs, left, pen)[1], _free(glyphs, right, pen)[0]
    # Ink that is a bit higher or lower is a neighbour's as well.
    padded = np.pad(after, 1, constant_values=np.inf)
    nearest = np.minimum(np.minimum(padded[:-2], padded[2:]), after)
    least = float((nearest + before).min())
    return least if np.isfinite(least) else 0.0


def _free(glyphs: Glyphs, row: int, pen: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Digit heights without ink from a path's left edge on, and up to its right edge, at each of ``_HEIGHTS``; infinite
    where there is no ink. Negative where a pen reaches over the edge."""
    unit = float(glyphs.units[row])
    rows = np.floor(SIDE / 2 + (_HEIGHTS - float(glyphs.centres[row])) / unit).astype(int)
    half = max(drawn_width(glyphs, row, pen) / 2 / unit, PATH)
    ink = np.asarray(glyphs.fields[row][np.clip(rows, 0, SIDE - 1)] < half * STEPS)
    ink[(rows < 0) | (rows >= SIDE)] = False
    edge = (SIDE - float(glyphs.sizes[row, 0])) / 2
    left, right = (np.where(ink.any(axis=1), side.argmax(axis=1) - edge, np.inf) for side in (ink, ink[:, ::-1]))
    return left * unit, right * unit
