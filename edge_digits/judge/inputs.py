"""Hypotheses -> what the judge's networks see: the only maker of their input, in training and in reading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge.context import OUTSIDE, Pyramid, cut_views, outside, own_ink, scaled, strengths, windows
from edge_digits.proposals.hypotheses import Hypotheses


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


def thresholds_of(found: Hypotheses, index: NDArray[np.integer]) -> NDArray[np.int32]:
    """(N,) int32: the contrast above which each hypothesis's pixels are its own."""
    return np.array(found.tree.thresholds, np.int32)[found.level[index]]


def first_views(
    found: Hypotheses, of: Pyramid, index: NDArray[np.integer], beyond: int = OUTSIDE
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The first stage's input, (N, 2, size, size) uint8: near and far; and each one's own contrast, (N,) float32.

    beyond: what shows where the picture ends.
    """
    s = SETTINGS
    near, far = (windows(found, index, times, s.first_size) for times in (s.first_near, s.first_far))
    close = cut_views(of, near)
    strength = strengths(close, thresholds_of(found, index))
    views = np.empty((len(index), 2, s.first_size, s.first_size), np.uint8)
    views[:, 0] = scaled(close, strength, outside(of, near), beyond)
    views[:, 1] = scaled(cut_views(of, far), strength, outside(of, far), beyond)
    return views, strength


def second_views(
    found: Hypotheses,
    of: Pyramid,
    index: NDArray[np.integer],
    strength: NDArray[np.float32],
    beyond: int = OUTSIDE,
) -> NDArray[np.uint8]:
    """The second stage's surroundings, (N, 3, size, size) uint8: near, its own pixels there, and far."""
    s = SETTINGS
    near, far = (windows(found, index, times, s.size) for times in (s.near, s.far))
    views = np.empty((len(index), 3, s.size, s.size), np.uint8)
    views[:, 0] = scaled(cut_views(of, near), strength, outside(of, near), beyond)
    views[:, 1] = own_ink(found, index, near)
    views[:, 2] = scaled(cut_views(of, far), strength, outside(of, far), beyond)
    return views


def judge_input(ink: NDArray[np.uint8], views: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The second stage's input, (N, 4, size, size) uint8: ink (N, 28, 28) in the middle of a channel of its own, and
    the surroundings (N, 3, size, size)."""
    margin = (SETTINGS.size - ink.shape[-1]) // 2
    around = ((0, 0), (margin, margin), (margin, margin))
    return np.concatenate([np.pad(ink, around)[:, None], views], axis=1)
