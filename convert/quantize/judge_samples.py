"""Calibration of the judge's networks: hypotheses on the photographed sheets of the calibration set."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.quantize.calibration import CalibrationSet
from edge_digits.errors import DataError
from edge_digits.model_input.context import pyramid
from edge_digits.model_input.ink import normalized_ink
from edge_digits.model_input.views import first_views, judge_input, second_views
from edge_digits.proposals.cuts import wide_nodes
from edge_digits.proposals.hypotheses import find_nodes, with_pieces
from edge_digits.proposals.maps import full_maps, small_map
from edge_digits.types import Image, as_image

COUNT = 500
"""Hypotheses: about as many of each sheet."""
_SEED = 19


def samples(calibration_set: CalibrationSet, task: str) -> NDArray[np.uint8]:
    """``COUNT`` inputs of the first stage ("judge-first") or the second ("judge"), (COUNT, channels, height, width)
    uint8; the same for the same set.

    Raises DataError if the set's sheets hold fewer hypotheses, or if the values do not reach from 0 to 255.
    """
    if not calibration_set.pictures:
        raise DataError("no photographed sheet in the calibration set to find hypotheses on")
    random = np.random.default_rng(_SEED)
    each = -(-COUNT // len(calibration_set.pictures))
    made = np.concatenate([of_sheet(picture, task, each, random) for picture in calibration_set.pictures])
    made = made[np.sort(random.permutation(len(made))[:COUNT])]
    if len(made) < COUNT:
        raise DataError(f"only {len(made)} hypotheses on the calibration set's sheets, {COUNT} are needed")
    if made.min() != 0 or made.max() != 255:
        raise DataError(f"calibration samples reach from {made.min()} to {made.max()}, not 0 to 255")
    return made


def of_sheet(picture: Image, task: str, count: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """About ``count`` inputs of the hypotheses on one photographed sheet (H, W) uint8, or all where there are fewer, of
    all maps in which a reader looks: (N, channels, height, width) uint8."""
    # Both ways: which of them it is, only the digits show.
    ways = (picture, as_image(cv2.bitwise_not(picture)))
    maps = [one.contrast for grey in ways for one in (*full_maps(grey), small_map(grey))]
    return np.concatenate([_of_map(contrast, task, -(-count // len(maps)), random) for contrast in maps])


def _of_map(contrast: Image, task: str, count: int, random: np.random.Generator) -> NDArray[np.uint8]:
    nodes = find_nodes(contrast)
    # Of pieces the second stage alone is asked.
    hypotheses = nodes if task == "judge-first" else with_pieces(nodes, wide_nodes(nodes.tree))
    index = np.sort(random.permutation(len(hypotheses))[:count])
    of = pyramid(contrast)
    first, strength = first_views(hypotheses, of, index)
    if task == "judge-first":
        return first
    return judge_input(normalized_ink(hypotheses, of, index, strength), second_views(hypotheses, of, index, strength))
