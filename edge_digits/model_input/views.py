"""Hypotheses -> what the judge's networks see: the only maker of their input, in training and in reading."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.model_input.context import OUTSIDE, Pyramid, cut_views, joined, mask_views, shown, strengths, windows
from edge_digits.proposals.hypotheses import Hypotheses
from edge_digits.types import as_image


@dataclass(frozen=True)
class ViewSettings:
    """What the judge sees. first_near, first_far: sides of the first stage's views, in longer sides of the hypothesis;
    near, far: of the second's. first_size, size: samples across."""

    first_near: float = 1.6
    first_far: float = 5.0
    first_size: int = 20
    near: float = 2.6
    far: float = 7.0
    size: int = 32


SETTINGS = ViewSettings()


def thresholds_of(hypotheses: Hypotheses, index: NDArray[np.integer]) -> NDArray[np.int32]:
    """(N,) int32: the contrast above which each hypothesis's pixels are its own."""
    return np.array(hypotheses.tree.thresholds, np.int32)[hypotheses.level[index]]


def first_views(
    hypotheses: Hypotheses, of: Pyramid, index: NDArray[np.integer], beyond: int = OUTSIDE
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The first stage's input, (N, 2, size, size) uint8: near and far; and each one's own contrast, (N,) float32.

    beyond: what shows where the picture ends.
    """
    s = SETTINGS
    at = joined(*(windows(hypotheses, index, times, s.first_size) for times in (s.first_near, s.first_far)))
    views = cut_views(of, at)
    strength = strengths(views[: len(index)], thresholds_of(hypotheses, index))
    near, far = np.split(shown(views, of, at, np.tile(strength, 2), beyond), 2)
    return as_channels(near, far), strength


def second_views(
    hypotheses: Hypotheses,
    of: Pyramid,
    index: NDArray[np.integer],
    strength: NDArray[np.float32],
    beyond: int = OUTSIDE,
) -> NDArray[np.uint8]:
    """The second stage's surroundings, (N, 3, size, size) uint8: near, its own pixels there, and far."""
    s = SETTINGS
    close, wide = (windows(hypotheses, index, times, s.size) for times in (s.near, s.far))
    at = joined(close, wide)
    near, far = np.split(shown(cut_views(of, at), of, at, np.tile(strength, 2), beyond), 2)
    return np.stack([near, mask_views(hypotheses, index, close), far]).transpose(1, 0, 2, 3)


def judge_input(ink: NDArray[np.uint8], views: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The second stage's input, (N, 4, size, size) uint8: ink (N, 28, 28) in the middle of a channel of its own, and
    the surroundings (N, 3, size, size)."""
    margin = (SETTINGS.size - ink.shape[-1]) // 2
    ink_channel = np.zeros((len(ink), SETTINGS.size, SETTINGS.size), np.uint8)
    ink_channel[:, margin : margin + ink.shape[1], margin : margin + ink.shape[2]] = ink
    return as_channels(ink_channel, *views.transpose(1, 0, 2, 3))


def as_channels(*planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Planes (N, size, size) as channels of pictures (N, channels, size, size), which lie in memory as TensorFlow's
    networks take them, the channels last."""
    count, size = planes[0].shape[:2]
    if not count:
        return np.zeros((0, len(planes), size, size), np.uint8)
    merged = cv2.merge([np.ascontiguousarray(plane).reshape(-1, size) for plane in planes])
    return as_image(merged).reshape(count, size, size, len(planes)).transpose(0, 3, 1, 2)
