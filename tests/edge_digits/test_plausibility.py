"""Promises of edge_digits.plausibility: what only shows beside the page's sure digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_digits.charset import REJECT
from edge_digits.decode import Span, opinions
from edge_digits.plausibility import Candidate, Limits, contrast_of_texture, judge, rests_of_lines
from edge_digits.types import Box


def _candidate(
    x: int, value: int, confidence: float = 0.99, height: int = 40, contrast: float = 100, width: int = 24, row: int = 0
) -> Candidate:
    chances = np.full(REJECT + 1, (1 - confidence) / REJECT, np.float32)
    chances[value] = confidence
    return Candidate(row, Span(0, 1, opinions(chances[None])[0]), Box(x, 0, width, height), contrast, 40.0)


SURE = [_candidate(0, 5), _candidate(40, 8), _candidate(80, 3)]


def _reason_of(candidate: Candidate) -> str | None:
    return judge([*SURE, candidate], Limits())[-1]


def test_sure_digits_are_read() -> None:
    assert judge(SURE, Limits()) == [None, None, None]


def test_ink_that_is_no_digit_is_rejected_as_such() -> None:
    assert _reason_of(_candidate(120, REJECT)) == "not-a-digit"


def test_an_unsure_digit_is_rejected_for_its_confidence() -> None:
    assert _reason_of(_candidate(120, 4, confidence=0.4)) == "low-confidence"


def test_a_speck_is_too_small_whatever_it_reads_as() -> None:
    assert _reason_of(_candidate(120, 1, height=12)) == "too-small"


@pytest.mark.parametrize("height", [30, 40, 55])
def test_a_one_of_about_the_others_height_is_read(height: int) -> None:
    assert _reason_of(_candidate(120, 1, height=height, width=5)) is None


def test_a_bracket_that_reads_as_one_is_taller_than_the_digits() -> None:
    assert _reason_of(_candidate(120, 1, height=70, width=8)) == "not-a-digit"


@pytest.mark.parametrize(
    ("lean", "height", "reason"),
    [(30, 50, "not-a-digit"), (30, 40, None), (8, 50, None), (-30, 50, None)],
)
def test_a_one_that_leans_and_is_taller_is_a_slash(lean: float, height: int, reason: str | None) -> None:
    assert _reason_of(replace(_candidate(120, 1, height=height), lean=lean)) == reason


def test_slashes_are_no_letters() -> None:
    slashes = [replace(_candidate(120 + 30 * i, 1, height=50), lean=30) for i in range(4)]
    assert judge([*SURE, *slashes], Limits()) == [None] * 3 + ["not-a-digit"] * 4


def test_a_streak_of_shadow_that_reads_as_one_is_fainter_than_the_digits() -> None:
    assert _reason_of(_candidate(120, 1, contrast=30)) == "not-a-digit"
    assert _reason_of(_candidate(120, 7, contrast=40)) is None


def test_grain_that_looks_like_more_digits_than_there_are_is_none_beside_taller_ones() -> None:
    grain = [
        replace(_candidate(40 * i, 7, height=12, contrast=22, row=1 + i), row_height=12.0) for i in range(2 * len(SURE))
    ]
    reasons = judge([*SURE, *grain], Limits())
    assert reasons[: len(SURE)] == [None] * len(SURE)
    assert set(reasons[len(SURE) :]) == {"not-a-digit"}


def test_pencil_beside_a_few_digits_of_a_strong_pen_is_read() -> None:
    pencil = [_candidate(40 * i, 7, contrast=25, row=1) for i in range(2 * len(SURE))]
    assert judge([*SURE, *pencil], Limits()) == [None] * 3 * len(SURE)


def _texture(count: int, value: int = REJECT) -> list[Candidate]:
    return [_candidate(40 * i, value, height=30, contrast=30, row=1) for i in range(count)]


def test_what_is_far_fainter_than_the_digits_and_hardly_one_of_them_is_texture() -> None:
    contrast = contrast_of_texture([*SURE, *_texture(20), *_texture(2, value=8)], Limits())
    assert contrast is not None
    assert 30 < contrast < 100


@pytest.mark.parametrize(
    "beside",
    [_texture(9), _texture(12, value=8), [*_texture(12), *SURE * 4], [replace(c, contrast=60.0) for c in _texture(20)]],
    ids=["a few specks", "pencil", "less than the digits", "another pen"],
)
def test_nothing_else_is_texture(beside: list[Candidate]) -> None:
    assert contrast_of_texture([*SURE, *beside], Limits()) is None


def test_ink_without_digits_says_nothing_of_texture() -> None:
    assert contrast_of_texture(_texture(20), Limits()) is None


def _ones(count: int) -> list[Candidate]:
    return [_candidate(40 * i, 1, height=20, width=5, row=1 + i % 4) for i in range(count)]


def test_many_small_ones_beside_larger_ink_are_what_is_left_of_squares() -> None:
    ones = _ones(40)
    beside = [_candidate(0, REJECT, height=80), _candidate(60, 7, height=20)]
    assert rests_of_lines([*ones, *beside], Limits(), heights=[20] * 41 + [80]) == ones


@pytest.mark.parametrize(
    ("ones", "others", "tallest"),
    [(40, [], 24), (12, [], 80), (40, [_candidate(0, 7, height=20)] * 20, 80)],
    ids=["tallies", "a few", "numbers"],
)
def test_other_ones_are_writing(ones: int, others: list[Candidate], tallest: int) -> None:
    assert rests_of_lines([*_ones(ones), *others], Limits(), heights=[20] * ones + [tallest]) == []


def test_ones_alone_are_read() -> None:
    ones = [_candidate(30 * i, 1, width=4) for i in range(4)]
    assert judge(ones, Limits()) == [None] * 4


def test_the_o_in_a_word_is_not_a_zero() -> None:
    word = [_candidate(0, REJECT), _candidate(26, 0), _candidate(52, REJECT), _candidate(78, REJECT)]
    assert set(judge(word, Limits())) == {"not-a-digit"}


def test_what_may_be_a_digit_may_be_a_letter_beside_one() -> None:
    word = [_candidate(0, REJECT), *(_candidate(26 * i, value, 0.7) for i, value in enumerate((0, 1, 2), 1))]
    assert set(judge(word, Limits())) == {"not-a-digit"}
    assert judge(word[1:], Limits()) == [None] * 3
    number = [_candidate(0, REJECT), *(_candidate(26 * i, value) for i, value in enumerate((0, 1, 2), 1))]
    assert judge(number, Limits())[1:] == [None] * 3


def test_digits_beside_a_bracket_or_an_operator_are_read() -> None:
    bracket = _candidate(0, REJECT, width=8, height=60)
    plus = _candidate(60, REJECT, width=22, height=22)
    reasons = judge([bracket, _candidate(14, 6), plus, _candidate(100, 3)], Limits())
    assert [reason is None for reason in reasons] == [False, True, False, True]


def test_no_candidates_no_reasons() -> None:
    assert judge([], Limits()) == []


def test_small_ones_that_are_left_beside_letters_are_specks() -> None:
    word = [_candidate(30 * i, REJECT, row=1) for i in range(3)] + [_candidate(90, 5, row=1)]
    specks = [_candidate(200 + 60 * i, 1, height=20, width=4) for i in range(3)]
    assert judge([*word, *specks], Limits(), (0, 10))[-3:] == [None] * 3
    assert judge([*word, *specks], Limits(), (0, 30))[-3:] == ["too-small"] * 3


def test_a_doubtful_digit_does_not_speak_for_small_ones() -> None:
    specks = [_candidate(200 + 60 * i, 1, height=20, width=4) for i in range(3)]
    with_doubtful, with_sure = (
        judge([*specks, _candidate(0, 4, confidence=confidence, height=20)], Limits(), (0, 30))
        for confidence in (0.65, 0.95)
    )
    assert with_doubtful == ["too-small"] * 4
    assert with_sure == [None] * 4


def _at(candidate: Candidate, y: int, row: int) -> Candidate:
    return replace(candidate, box=replace(candidate.box, y=y), row=row)


def test_digits_scattered_among_letters_are_text_even_in_a_row_of_their_own() -> None:
    letters = [_at(_candidate(60 * i, REJECT), y, row) for row, y in enumerate((0, 120)) for i in range(5)]
    digits = [_at(_candidate(60 * i, 0), 60, 2) for i in range(3)]
    assert set(judge([*letters, *digits], Limits())[-3:]) == {"not-a-digit"}


def test_doubtful_digits_count_as_letters_near_three_letters_and_nowhere_else() -> None:
    letters = [_at(_candidate(60 * i, REJECT), 0, 0) for i in range(3)]
    sure = [_at(_candidate(60 * i, value), 60, 1) for i, value in enumerate((0, 6, 8))]
    doubtful = [_at(_candidate(60 * i, value, 0.6), 120, 2) for i, value in enumerate((9, 2))]
    digits = [*sure, *doubtful]
    assert set(judge([*letters, *digits], Limits())[-5:]) == {"not-a-digit"}
    assert judge([*letters, *sure], Limits())[-3:] == [None] * 3
    far = [_at(digit, 400 + digit.box.y, digit.row) for digit in digits]
    assert judge([*letters, *far], Limits())[-5:] == [None] * 5
    for some in (digits, [sure[0], *doubtful]):
        assert set(judge([*letters[:2], *some], Limits())[2:]) == {None}, "two letters may be blots"


def test_a_table_is_read_beside_its_headings_and_on_a_rough_wall() -> None:
    heading = [_candidate(60 * i, REJECT) for i in range(5)]
    table = [_at(_candidate(60 * i, 5), 60 * row, row) for row in range(1, 5) for i in range(5)]
    wall = [_at(_candidate(x, REJECT), 50 * row, 9 + row) for row in range(9) for x in range(800, 1600, 40)]
    assert judge([*heading, *table, *wall], Limits())[5:25] == [None] * 20


def test_a_speck_alone_on_a_page_is_no_digit_whatever_it_looks_like() -> None:
    speck = replace(_candidate(0, 4, height=10), row_height=10.0)
    assert judge([speck], Limits(), (12, 32)) == ["too-small"]
    assert judge([speck], Limits(), (9, 24)) == [None]
    assert judge([speck, _candidate(40, 2), _candidate(80, 3)], Limits(), (12, 32))[1:] == [None, None]
