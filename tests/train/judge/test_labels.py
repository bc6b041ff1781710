"""Labels of hypotheses, from the boxes of what was drawn."""

from __future__ import annotations

import numpy as np

from edge_digits.judge_classes import CLIPPED, MARK, NONE, SEVERAL
from train.data.page.canvas import CUT_OFF, DONT_CARE, TOO_SMALL, WRITING
from train.judge.labels import IGNORED, label_hypotheses, label_pieces

SIZE = (200, 300)


def _label(box: tuple[int, int, int, int], *drawn: tuple[tuple[int, int, int, int], int]) -> int:
    truth = np.array([b for b, _ in drawn], np.float32).reshape(-1, 4)
    kinds = np.array([kind for _, kind in drawn], np.int8)
    return int(label_hypotheses(np.array([box], np.float32), truth, kinds, SIZE)[0])


def test_a_hypothesis_is_the_digit_that_it_covers() -> None:
    assert _label((50, 50, 70, 90), ((51, 50, 70, 91), 7)) == 7


def test_half_a_digit_is_none() -> None:
    assert _label((50, 50, 70, 68), ((50, 50, 70, 90), 8)) == NONE


def test_what_is_neither_the_digit_nor_another_is_not_learned() -> None:
    assert _label((50, 50, 70, 77), ((50, 50, 70, 90), 8)) == IGNORED


def test_a_one_may_be_a_pixel_wider() -> None:
    assert _label((50, 50, 54, 90), ((51, 50, 53, 90), 1)) == 1


def test_digits_that_touch_are_several() -> None:
    assert _label((50, 50, 92, 90), ((50, 50, 70, 90), 3), ((71, 51, 92, 90), 4)) == SEVERAL


def test_digits_of_two_rows_are_none() -> None:
    assert _label((50, 50, 70, 135), ((50, 50, 70, 90), 3), ((50, 95, 70, 135), 4)) == NONE


def test_two_digits_and_much_else_are_none() -> None:
    assert _label((10, 10, 200, 90), ((50, 50, 70, 90), 3), ((71, 51, 92, 90), 4)) == NONE


def test_what_is_left_of_a_digit_at_the_edge_is_clipped() -> None:
    assert _label((0, 50, 12, 90), ((0, 50, 12, 90), CUT_OFF)) == CLIPPED


def test_a_sign_is_a_mark() -> None:
    assert _label((50, 68, 70, 72), ((49, 67, 71, 73), WRITING)) == MARK


def test_a_letter_of_a_word_is_a_mark() -> None:
    assert _label((60, 52, 70, 84), ((50, 50, 150, 90), WRITING)) == MARK


def test_a_dot_of_a_word_is_none() -> None:
    assert _label((60, 50, 64, 54), ((50, 50, 150, 90), WRITING)) == NONE


def test_a_digit_beside_a_word_stays_a_digit() -> None:
    assert _label((50, 50, 70, 90), ((50, 50, 70, 90), 5), ((80, 50, 150, 90), WRITING)) == 5


def test_what_nobody_asks_for_is_not_learned() -> None:
    assert _label((50, 50, 70, 90), ((50, 50, 70, 90), DONT_CARE)) == IGNORED
    assert _label((50, 50, 56, 57), ((50, 50, 55, 57), TOO_SMALL)) == IGNORED


def test_where_nothing_was_drawn_everything_is_none() -> None:
    assert _label((50, 50, 70, 90)) == NONE


def _piece(box: tuple[int, int, int, int], *drawn: tuple[tuple[int, int, int, int], int]) -> int:
    truth = np.array([b for b, _ in drawn], np.float32).reshape(-1, 4)
    kinds = np.array([kind for _, kind in drawn], np.int8)
    return int(label_pieces(np.array([NONE], np.int8), np.array([box], np.float32), truth, kinds)[0])


OVERLAPPING = (((50, 50, 80, 90), 3), ((66, 50, 96, 90), 4))


def test_what_a_cut_leaves_of_overlapping_digits_are_the_digits() -> None:
    assert [_piece(box, *OVERLAPPING) for box in ((50, 50, 73, 90), (73, 50, 96, 90))] == [3, 4]


def test_a_piece_of_two_digits_is_not_one_of_them() -> None:
    assert _piece((50, 50, 90, 90), *OVERLAPPING) == NONE


def test_half_a_digit_that_nothing_overlaps_is_none() -> None:
    assert _piece((50, 50, 66, 90), ((50, 50, 80, 90), 0), ((84, 50, 110, 90), 4)) == NONE


def test_another_row_takes_nothing_from_a_digit() -> None:
    assert _piece((50, 50, 65, 90), ((50, 50, 80, 90), 0), ((66, 85, 96, 125), 4)) == NONE
