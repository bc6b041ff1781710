"""Calibration of line models: the digits of the calibration set side by side, as strips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convert.quantize.calibration import CalibrationSet
from edge_digits.errors import DataError
from edge_digits.model_input import normalize
from edge_digits.types import Image
from train.lines.glyphs import random_spacings
from train.lines.spacing import beside

COUNT = 200
"""Strips: the study of the calibration set says how many are enough."""
MOST = 10
"""Digits in a strip."""
_SEED = 17


def strips(calibration_set: CalibrationSet, width: int, count: int = COUNT) -> NDArray[np.uint8]:
    """``count`` strips (count, 32, width) uint8, filled up with paper on the right; the same for the same set.

    Each is written with digits, and ink that is none, of one sheet, so with one pen and in one light: 1 to ``MOST`` of
    them, as many as the strip has room for, apart, touching and overlapping as in training. Raises DataError if there
    is no ink, or if the values do not reach from 0 to 255.
    """
    sheets = [inked for sheet in calibration_set.ink if (inked := [glyph for glyph in sheet if glyph.any()])]
    if not sheets:
        raise DataError("no ink in the calibration set to make lines of")
    random = np.random.default_rng(_SEED)
    made = np.zeros((count, normalize.LINE_PARAMETERS.height, width), np.uint8)
    for index in range(count):
        made[index] = written(random, sheets[index % len(sheets)], width)
    if made.min() != 0 or made.max() != 255:
        raise DataError(f"calibration strips reach from {made.min()} to {made.max()}, not 0 to 255")
    return made


def written(random: np.random.Generator, glyphs: Sequence[Image], width: int) -> Image:
    """One strip (32, width) uint8 of some of ``glyphs``, each (h, w) uint8 ink cut to it."""
    wanted = int(random.integers(1, MOST + 1))
    chosen = [glyphs[i] for i in random.integers(0, len(glyphs), wanted)]
    spacings = random_spacings(wanted - 1, random)
    strip, _ = normalize.line(beside(chosen, spacings, random))
    while strip.shape[1] > width and len(chosen) > 1:
        chosen, spacings = chosen[:-1], spacings[:-1]
        strip, _ = normalize.line(beside(chosen, spacings, random))
    made = np.zeros((strip.shape[0], width), np.uint8)
    made[:, : strip.shape[1]] = strip[:, :width]
    return made
