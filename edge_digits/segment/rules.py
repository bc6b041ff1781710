"""Ruled lines, table lines and boxes: found as long thin ink, and taken out without cutting the strokes that cross them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.segment.components import INK_THRESHOLD
from edge_digits.types import Image


@dataclass(frozen=True)
class _Segments:
    """Thin nearly horizontal pieces of ink: (N,) left and right end, level at each end, all in pixels; and labels."""

    left: NDArray[np.float32]
    right: NDArray[np.float32]
    level_left: NDArray[np.float32]
    level_right: NDArray[np.float32]
    label: NDArray[np.int32]
    labels: NDArray[np.int32]


def without_rules(ink: Image, digit_height: float) -> Image:
    """``ink`` (H, W) without ruled lines; the same array if there are none.

    digit_height: typical height of a digit in pixels. A rule is thin, nearly straight, hardly interrupted, and more
    than four digits long, or goes through most of the picture. What is thick where a rule passes is a stroke that
    crosses it, and stays.
    """
    half = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    binary = cv2.threshold(half, INK_THRESHOLD // 2, 255, cv2.THRESH_BINARY)[1]
    across = _rule_pixels(binary, digit_height / 2)
    down = _rule_pixels(np.ascontiguousarray(binary.T), digit_height / 2).T
    rules = cv2.bitwise_or(across, down)
    if not rules.any():
        return ink
    grown = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    # Not into the strokes that cross: what is thick in both directions belongs to writing.
    thick = cv2.morphologyEx(binary, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    grown = cv2.bitwise_or(rules, cv2.bitwise_and(grown, cv2.bitwise_not(thick)))
    full = cv2.resize(grown, (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_NEAREST)
    return cv2.bitwise_and(ink, cv2.bitwise_not(full))


def _rule_pixels(binary: Image, digit_height: float) -> Image:
    """Pixels (255) of nearly horizontal rules in ``binary`` (h, w), 0 or 255."""
    width = binary.shape[1]
    thickest = max(3, round(0.008 * max(binary.shape)))
    thick = cv2.morphologyEx(binary, cv2.MORPH_OPEN, np.ones((thickest + 1, 1), np.uint8))
    segments = _segments(cv2.bitwise_and(binary, cv2.bitwise_not(thick)))
    chosen: list[int] = []
    for chain in _chains(segments, most_gap=0.04 * width):
        covered = float(sum(segments.right[i] - segments.left[i] for i in chain))
        span = float(segments.right[chain[-1]] - segments.left[chain[0]])
        long = span > 0.7 * width or (span > 4.5 * digit_height and span > 0.12 * width)
        if long and covered > 0.7 * span:
            chosen += [int(segments.label[i]) for i in chain]
    table = np.zeros(int(segments.labels.max()) + 1, np.uint8)
    table[chosen] = 255
    return table[segments.labels]


def _segments(thin: Image) -> _Segments:
    """Components of ``thin`` that are at least three times as wide as tall."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thin, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(labels, np.int32)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    keep = np.flatnonzero((width >= 8) & (width >= 3 * height))
    keep = keep[keep != 0]
    keep = keep[np.argsort(stats[keep, cv2.CC_STAT_LEFT], kind="stable")]
    ends = np.zeros((4, len(keep)), np.float32)
    for row, label in enumerate(keep):
        x, y, w, h = stats[label, :4]
        own = labels[y : y + h, x : x + w] == label
        reach = max(1, min(w // 2, 6))
        levels = np.arange(h, dtype=np.float32)
        ends[:, row] = (
            x,
            x + w,
            y + _mean_level(own[:, :reach], levels),
            y + _mean_level(own[:, -reach:], levels),
        )
    return _Segments(ends[0], ends[1], ends[2], ends[3], keep.astype(np.int32), labels)


def _mean_level(own: NDArray[np.bool_], levels: NDArray[np.float32]) -> float:
    counts = own.sum(axis=1)
    return float((counts * levels).sum() / max(int(counts.sum()), 1))


def _chains(segments: _Segments, most_gap: float) -> list[list[int]]:
    """Segments, each chain from left to right, that continue one another at the same level."""
    chains: list[list[int]] = []
    for index in range(len(segments.left)):
        for chain in chains:
            last = chain[-1]
            gap = float(segments.left[index] - segments.right[last])
            slope = float(
                (segments.level_right[last] - segments.level_left[chain[0]])
                / max(segments.right[last] - segments.left[chain[0]], 1.0)
            )
            expected = segments.level_right[last] + slope * gap
            if -3 <= gap <= most_gap and abs(float(segments.level_left[index] - expected)) <= 2.0 + 0.05 * max(
                gap, 0.0
            ):
                chain.append(index)
                break
        else:
            chains.append([index])
    return chains
