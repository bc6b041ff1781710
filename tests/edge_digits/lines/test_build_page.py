"""A page of hypotheses: rows of those that stand, and a question mark for writing that was not read."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.judge_classes import CLASSES, CLIPPED, MARK, NONE
from edge_digits.lines.build_page import build_page
from edge_digits.lines.grouping import group_lines
from edge_digits.lines.skew import estimate_skew
from edge_digits.page import Page
from edge_digits.selection.candidates import Candidates

Entry = tuple[int, tuple[int, int, int, int], float]


def _page(*entries: Entry, least: float = 0.0) -> Page:
    """The page of hypotheses (class, box, confidence); all digits stand."""
    kinds = np.array([kind for kind, _, _ in entries])
    chances = np.full((len(entries), CLASSES), 0.001, np.float32)
    chances[np.arange(len(entries)), kinds] = 1 - 0.001 * (CLASSES - 1)
    digits = np.full((len(entries), 10), 0.001, np.float32)
    is_digit = kinds < 10
    digits[is_digit, kinds[is_digit]] = 0.991
    count = len(entries)
    candidates = Candidates(
        boxes=np.array([box for _, box, _ in entries], np.float32),
        chances=chances,
        digits=digits,
        log_odds=np.zeros(count, np.float32),
        strength=np.full(count, 100, np.float32),
        is_piece=np.zeros(count, np.bool_),
        transcribed=np.zeros((count, 3), np.float32),
        ink=np.zeros((count, 28, 28), np.uint8),
        map=np.zeros(count, np.intp),
        place=np.arange(count),
        size=(200, 400),
    )
    confidence = np.array([c for _, _, c in entries])
    sure, doubtful = np.flatnonzero(is_digit & (confidence >= least)), np.flatnonzero(is_digit & (confidence < least))
    skew = estimate_skew(candidates.boxes[sure])
    rows = [sure[row].tolist() for row in group_lines(candidates.boxes[sure], skew)]
    marks = np.zeros((0, 4), np.float32)
    return build_page(candidates, digits, confidence, rows, doubtful, marks, skew, 1.0)


def _digit(value: int, column: int, row: int = 0, confidence: float = 0.99) -> Entry:
    x, y = 20 + 26 * column, 20 + 70 * row
    return value, (x, y, x + 20, y + 32), confidence


def _texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


def test_rows_are_read_from_top_to_bottom_and_left_to_right() -> None:
    assert _texts(_page(_digit(4, 1, 1), _digit(2, 1), _digit(3, 0, 1), _digit(1, 0))) == ["12", "34"]


def test_a_sign_between_digits_is_a_question_mark_and_a_speck_is_not() -> None:
    for box, text in (((67, 30, 72, 46), "12?5"), ((68, 46, 72, 52), "125")):
        assert _texts(_page(_digit(1, 0), _digit(2, 1), (MARK, box, 0.0), _digit(5, 2))) == [text]


def test_a_clipped_digit_at_the_end_is_a_question_mark() -> None:
    page = _page(_digit(1, 0), _digit(2, 1), (CLIPPED, (72, 20, 80, 52), 0.0))
    assert _texts(page) == ["12?"]
    assert [r.reason for r in page.rejected] == ["clipped"]


def test_what_is_less_sure_than_asked_for_is_a_question_mark_and_listed() -> None:
    page = _page(_digit(1, 0), _digit(7, 1, confidence=0.6), _digit(2, 2), least=0.9)
    assert _texts(page) == ["1?2"]
    assert [r.reason for r in page.rejected] == ["low-confidence"]


def test_what_is_no_writing_is_not_listed() -> None:
    page = _page(_digit(1, 0), (NONE, (46, 20, 66, 52), 0.0), _digit(2, 2))
    assert _texts(page) == ["12"] and page.rejected == ()


def test_writing_elsewhere_does_not_show_in_a_row() -> None:
    page = _page(_digit(1, 0), _digit(2, 1), (MARK, (300, 150, 320, 180), 0.0))
    assert _texts(page) == ["12"] and len(page.rejected) == 1


def test_a_lines_confidence_is_its_digits_product() -> None:
    page = _page(_digit(1, 0, confidence=0.9), _digit(2, 1, confidence=0.8))
    assert page.lines[0].confidence == pytest.approx(0.72)


def test_a_page_without_digits_has_no_lines() -> None:
    assert _page((NONE, (46, 20, 66, 52), 0.0)).lines == ()


def test_each_reason_is_told_for_what_it_says() -> None:
    large, small = (300, 100, 330, 140), (300, 150, 306, 158)
    page = _page((7, large, 0.0), (MARK, small, 0.0), (CLIPPED, (390, 20, 400, 60), 0.0), least=0.5)
    assert {(r.reason, r.box.height) for r in page.rejected} == {
        ("low-confidence", 40),
        ("clipped", 40),
        ("too-small", 8),
    }
