"""Promises of train.evaluate.confidence: thresholds that keep a rate, on truth that is known to the pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.types import Box, Digit, Line
from train.data.build_pool import tiny_pool
from train.data.tiles import CUT_OFF, EMPTY, LAYOUTS, WRITING, Tile
from train.evaluate import confidence, pages
from train.evaluate.pages import Answers


def _calibrated(count: int, seed: int = 0) -> Answers:
    """Answers that are right as often as they say."""
    random = np.random.default_rng(seed)
    sure = 1 - 0.5 * random.random(count) ** 6
    return Answers(sure, random.random(count) < sure)


def _digit(value: int, x: int, sure: float = 0.9) -> Digit:
    return Digit(value, sure, Box(x, 0, 10, 20))


def _line(text: str, y: int = 0) -> Line:
    digits = tuple(_digit(int(c), 12 * i) for i, c in enumerate(text) if c.isdigit())
    return Line(text, 0.5, Box(0, y, 12 * len(text), 20), digits)


def test_a_threshold_keeps_its_rate_on_every_part() -> None:
    parts = [_calibrated(20_000, 0), _calibrated(20_000, 1)]
    table = confidence.thresholds(parts)
    assert {"0.02", "0.01", "0.005"} <= set(table)
    for rate, least in table.items():
        for part in parts:
            kept = part.right[part.confidence >= least]
            assert (~kept).mean() <= float(rate)
    assert list(table.values()) == sorted(table.values()), "a smaller rate never asks for less"


def test_what_few_answers_cannot_show_is_left_out() -> None:
    assert confidence.thresholds([Answers(np.full(50, 0.9), np.ones(50, bool))]) == {"0.05": 0.9, "0.02": 0.9}
    assert confidence.thresholds([Answers(np.empty(0), np.empty(0, bool))]) == {}


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
def test_the_line_exponent_that_was_put_in_is_found(power: float) -> None:
    answers = _calibrated(20_000)
    assert confidence.line_exponent(Answers(answers.confidence ** (1 / power), answers.right)) == pytest.approx(
        power, rel=0.1
    )


def test_without_lines_the_exponent_changes_nothing() -> None:
    assert confidence.line_exponent(Answers(np.empty(0), np.empty(0, bool))) == 1.0


def _page(*rows: str, labels: dict[int, int] | None = None) -> Tile:
    """Digits 10×20, 12 apart, in rows 100 apart; labels: other ones of some digits, by their number."""
    boxes = [(12 * i, 100 * j, 12 * i + 10, 100 * j + 20) for j, row in enumerate(rows) for i in range(len(row))]
    values = [(labels or {}).get(number, int(c)) for number, c in enumerate("".join(rows))]
    return Tile(np.zeros((200, 200), np.uint8), np.array(boxes, np.float32), np.array(values, np.int8), "rows")


def _judged(page: Tile, *lines: Line) -> pages.KindResult:
    return pages.judged("rows", [(page, Page(lines, ()))])


def test_a_digit_is_right_where_the_same_digit_was_written() -> None:
    line = Line("1732", 0.5, Box(0, 0, 70, 20), (_digit(1, 1), _digit(7, 12), _digit(3, 60), _digit(2, 24)))
    found = _judged(_page("123"), line)
    assert found.digits.right.tolist() == [True, False, False, False]
    assert (found.written, found.read_right) == (3, 1)


def test_a_written_digit_answers_for_one_read_digit_only() -> None:
    line = Line("11", 0.5, Box(0, 0, 12, 20), (_digit(1, 0), _digit(1, 1)))
    assert _judged(_page("1"), line).digits.right.tolist() == [True, False]


@pytest.mark.parametrize(
    ("read", "right"), [("125", True), ("12", False), ("12?", True), ("135", False), ("1257", False)]
)
def test_a_line_is_right_if_all_its_digits_are_and_none_is_missing_unsaid(read: str, right: bool) -> None:
    assert _judged(_page("125"), _line(read)).lines.right.tolist() == [right]


def test_a_line_s_confidence_is_the_product_of_its_digits() -> None:
    assert _judged(_page("12"), _line("12")).lines.confidence.tolist() == pytest.approx([0.81])


def test_what_nobody_asks_for_does_not_count_nor_does_its_line() -> None:
    page = _page("12", "7", labels={2: CUT_OFF})
    found = _judged(page, _line("12"), Line("7", 0.5, Box(0, 100, 10, 20), (Digit(7, 0.9, Box(0, 100, 10, 20)),)))
    assert (found.written, found.read_right, len(found.digits), len(found.lines)) == (2, 2, 2, 1)


def test_what_is_read_in_a_word_is_wrong() -> None:
    assert _judged(_page("1", labels={0: WRITING}), _line("1")).digits.right.tolist() == [False]


@pytest.mark.slow
def test_the_same_pages_are_written_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "open_pool", lambda *_: tiny_pool())
    first, second = (list(pages.written(tmp_path, 4)) for _ in range(2))
    assert first and all(np.array_equal(a.image, b.image) for a, b in zip(first, second, strict=True))
    found = pages.read_all(open_reader("cnn"), first)
    assert [kind.kind for kind in found] == [k for k in (*LAYOUTS, *EMPTY) if any(p.kind == k for p in first)]
    assert sum(kind.written for kind in found) == sum(int((page.labels >= 0).sum()) for page in first)
