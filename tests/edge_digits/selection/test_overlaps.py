"""Boxes that overlap."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.selection.overlaps import OverlapSettings, shared, without_overlaps


def test_the_share_is_that_of_the_smaller_box() -> None:
    boxes = np.array([[0, 0, 10, 20], [5, 10, 25, 40], [50, 0, 60, 10]], np.float32)
    assert shared(boxes[:1], boxes).tolist() == [pytest.approx([1.0, 0.25, 0.0])]


def test_of_two_that_overlap_the_worthier_stands() -> None:
    boxes = np.array([[0, 0, 10, 20], [2, 0, 12, 20], [30, 0, 40, 20]], np.float32)
    kept = without_overlaps(boxes, np.array([1.0, 2.0, 0.5]), np.arange(3))
    assert kept.tolist() == [1, 2]


def test_what_is_gone_takes_nobody_with_it_among_hundreds_of_boxes() -> None:
    left = 6.0 * np.arange(600, dtype=np.float32)
    boxes = np.stack([left, np.zeros(600), left + 10, np.full(600, 10.0)], axis=1).astype(np.float32)
    worth = np.linspace(2.0, 1.0, 600)
    kept = without_overlaps(boxes, worth, np.arange(600), OverlapSettings(most_shared=0.3))
    assert kept.tolist() == list(range(0, 600, 2))
