"""What is read in a hypothesis, aligned to its pieces."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.judge.alignment import align, likeliest

LEFT, RIGHT = np.array([0, 0, 10, 14, 10, 0]), np.array([10, 14, 30, 30, 14, 30])
"""Pieces of a hypothesis that is cut at columns 10 and 14, itself the last."""


def _log(*chances: tuple[float, ...]) -> np.ndarray:
    return np.log(np.array(chances))


def test_digits_are_the_pieces_that_look_like_them() -> None:
    """Both cuts part it in two."""
    early = _log((0.9, 0.1), (0.2, 0.1), (0.1, 0.9), (0.1, 0.2), (0.1, 0.1), (0.1, 0.1))
    late = _log((0.2, 0.1), (0.9, 0.1), (0.1, 0.2), (0.1, 0.9), (0.1, 0.1), (0.1, 0.1))
    for chances, path in ((early, [0, 2]), (late, [1, 3])):
        found = align(LEFT, RIGHT, chances)
        assert found is not None and found.tolist() == path


def test_the_whole_path_counts_and_no_piece_begins_inside_another() -> None:
    """The likeliest first piece leaves only one that nothing speaks for."""
    chances = _log((0.6, 0.1), (0.8, 0.1), (0.1, 0.9), (0.1, 0.01), (0.1, 0.1), (0.1, 0.1))
    found = align(LEFT, RIGHT, chances)
    assert found is not None and found.tolist() == [0, 2]


def test_as_many_pieces_as_digits_make_the_path() -> None:
    found = align(LEFT, RIGHT, np.zeros((6, 3)))
    assert found is not None and found.tolist() == [0, 4, 3]


def test_more_digits_than_pieces_have_no_path() -> None:
    assert align(LEFT, RIGHT, np.zeros((6, 4))) is None
    assert align(LEFT[:0], RIGHT[:0], np.zeros((0, 2))) is None


def test_the_likeliest_path_has_any_number_of_pieces() -> None:
    assert likeliest(LEFT, RIGHT, np.log([0.9, 0.5, 0.9, 0.5, 0.9, 0.1])) == pytest.approx(np.log(0.81))
    assert likeliest(LEFT, RIGHT, np.log([0.9, 0.5, 0.1, 0.9, 0.9, 0.1])) == pytest.approx(3 * np.log(0.9))
    assert likeliest(LEFT[:1], RIGHT[:1], np.log([0.5])) == pytest.approx(np.log(0.5))
    assert likeliest(LEFT[:0], RIGHT[:0], np.zeros(0)) == -np.inf
