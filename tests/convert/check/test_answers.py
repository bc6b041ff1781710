"""What scores say, and when two answers are the same."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from convert.check.parity import accuracy, answers, same


def _line(path: list[int], classes: int) -> NDArray[np.float32]:
    """Scores (1, steps, classes) whose best path is ``path``."""
    return np.eye(classes, dtype=np.float32)[path][None]


def test_of_digits_the_best_class_is_the_answer() -> None:
    assert answers(np.array([[0, 2, 1], [3, 0, 0]], np.float32)).tolist() == [1, 0]


def test_of_lines_repeats_become_one_and_the_last_class_nothing() -> None:
    assert answers(_line([2, 2, 4, 2, 0, 4], 5)).tolist() == [[2, 2, 0, -1, -1, -1]]


@pytest.mark.parametrize("longest", [2, 4, 12])
def test_labels_of_lines_end_in_255_whatever_their_length(longest: int) -> None:
    truth = np.full((1, longest), 255, np.uint8)
    truth[0, :2] = 2, 0
    assert accuracy(_line([2, 4, 0, 4], 5), truth) == 1.0
    assert accuracy(_line([2, 4, 0, 1], 5), truth) == 0.0


def test_a_longer_line_is_another_one() -> None:
    assert same(np.array([[1, 2, -1]]), np.array([[1, 2], [1, 3]])).tolist() == [True, False]
