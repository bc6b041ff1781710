"""Measures agree with their definitions, on cases small enough to count by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.evaluation import metrics

words = st.text("0123456789", max_size=8)


def test_accuracy_is_the_share_of_right_answers() -> None:
    assert metrics.accuracy([1, 2, 3, 4], [1, 2, 0, 0]) == 0.5
    assert math.isnan(metrics.accuracy([], []))


def test_answers_that_do_not_pair_with_the_truth_are_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        metrics.accuracy([1, 2], [1])
    with pytest.raises(ValueError, match="differ"):
        metrics.confusion_matrix([1, 2], [1], 3)
    with pytest.raises(ValueError, match="outside"):
        metrics.confusion_matrix([0], [3], 3)


def test_a_confusion_matrix_counts_truth_by_row_and_reading_by_column() -> None:
    counts = metrics.confusion_matrix([0, 0, 1, 2], [0, 1, 1, 1], 3)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_precision_recall_and_f1_follow_from_the_confusion_matrix() -> None:
    counts = metrics.confusion_matrix([0, 0, 1, 2], [0, 1, 1, 1], 3)
    np.testing.assert_allclose(metrics.precision(counts), [1, 1 / 3, 0])
    np.testing.assert_allclose(metrics.recall(counts), [1 / 2, 1, 0])
    np.testing.assert_allclose(metrics.f1(counts), [2 / 3, 1 / 2, 0])


@pytest.mark.parametrize(
    ("written", "read", "distance"),
    [("", "", 0), ("123", "", 3), ("123", "23", 1), ("123", "1123", 1), ("123", "143", 1)],
)
def test_edit_distance_counts_what_must_be_changed(written: str, read: str, distance: int) -> None:
    assert metrics.edit_distance(written, read) == distance


@given(words, words, words)
def test_edit_distance_is_a_distance(a: str, b: str, c: str) -> None:
    assert (metrics.edit_distance(a, b) == 0) == (a == b)
    assert metrics.edit_distance(a, b) == metrics.edit_distance(b, a)
    assert metrics.edit_distance(a, c) <= metrics.edit_distance(a, b) + metrics.edit_distance(b, c)


def test_confidence_that_comes_true_has_no_calibration_error() -> None:
    assert metrics.expected_calibration_error([0.75] * 4, [1, 1, 1, 0]) == pytest.approx(0)
    assert metrics.expected_calibration_error([1.0, 1.0], [1, 0]) == pytest.approx(0.5)
    assert math.isnan(metrics.expected_calibration_error([], []))


def test_calibration_error_weighs_bins_by_their_answers() -> None:
    # Three sure and right; one at 0.2 that should have been wrong four times out of five, but is right.
    assert metrics.expected_calibration_error([1, 1, 1, 0.2], [1, 1, 1, 1]) == pytest.approx(0.8 / 4)


def test_risk_is_what_is_wrong_among_the_accepted() -> None:
    coverage, risk, threshold = metrics.risk_coverage([0.9, 0.5, 0.7, 0.6], [True, False, True, False])
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(risk, [0, 0, 1 / 3, 1 / 2])
    np.testing.assert_allclose(threshold, [0.9, 0.7, 0.6, 0.5])


def test_equal_confidences_are_accepted_together() -> None:
    coverage, risk, threshold = metrics.risk_coverage([0.5, 0.9, 0.5], [True, True, False])
    np.testing.assert_allclose(coverage, [1 / 3, 1])
    np.testing.assert_allclose(risk, [0, 1 / 3])
    np.testing.assert_allclose(threshold, [0.9, 0.5])


def test_the_threshold_for_an_error_accepts_as_much_as_that_error_allows() -> None:
    confidence, right = [0.9, 0.8, 0.7, 0.6], [True, False, True, True]
    assert metrics.threshold_for_error(confidence, right, 0.25) == 0.6
    assert metrics.threshold_for_error(confidence, right, 0.0) == 0.9
    assert metrics.threshold_for_error([0.9], [False], 0.1) == math.inf
    assert metrics.threshold_for_error([], [], 0.1) == math.inf
