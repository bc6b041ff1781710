"""Promises of train.confidence and train.pages: thresholds that keep a rate, on truth that is known to the pixel."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.model_spec import ModelSpec
from edge_digits.reader import open_reader
from edge_digits.synthesis.page import SyntheticPage
from edge_digits.types import Box, Digit, Line, Page
from train import confidence, pages
from train.confidence import Evidence
from train.crops import Crops
from train.pages import Answers


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


def test_a_digit_is_right_where_the_same_digit_was_written() -> None:
    written = [_digit(1, 0), _digit(2, 12), _digit(3, 24)]
    assert pages.digits_right(written, [_digit(1, 1), _digit(7, 12), _digit(3, 60), _digit(2, 24)]) == [
        True,
        False,
        False,
        False,
    ]


def test_a_written_digit_answers_for_one_read_digit_only() -> None:
    assert sorted(pages.digits_right([_digit(1, 0)], [_digit(1, 0), _digit(1, 1)])) == [False, True]


@pytest.mark.parametrize(
    ("read", "right"),
    [("12?5", True), ("125", False), ("12 ?5", True), ("1235", False), ("?", True), ("12?", True), ("?12?5?", True)],
)
def test_a_line_is_right_if_what_it_says_is_so(read: str, right: bool) -> None:
    assert pages.line_is_right(_line(read), [_line("99", 100), _line("12 ?5")]) == right


def test_what_was_read_of_a_cut_line_does_not_count() -> None:
    page = SyntheticPage(np.zeros((200, 200), np.uint8), (_line("12"),), (Box(0, 100, 50, 20),))
    found = pages.judged("plain", [(page, Page((_line("12"), _line("7", 100)), ()))])
    assert (found.written, found.found, len(found.digits), len(found.lines)) == (2, 2, 2, 1)
    assert found.lines.confidence.tolist() == pytest.approx([0.81])


def test_the_same_seed_reads_the_same_pages() -> None:
    reader = open_reader("cnn")
    first, second = (pages.read_all(reader, each=1) for _ in range(2))
    assert [k.kind for k in first] == list(pages.KINDS)
    for a, b in zip(first, second, strict=True):
        assert (a.written, a.found) == (b.written, b.found)
        assert np.array_equal(a.digits.confidence, b.digits.confidence)


def test_only_crops_that_are_read_are_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "EACH", 1)

    class Model:
        spec = ModelSpec("cnn", "tflite", "int8", "0")

        def scores(self, pixels: np.ndarray) -> np.ndarray:
            """Level 10 is a sure 1, 20 no digit, 30 an unsure 2; everything else is a 0."""
            out = np.zeros((len(pixels), 11), np.float32)
            level = pixels.reshape(len(pixels), -1).max(axis=1)
            out[level == 10, 1], out[level == 20, 10], out[level == 30, 2] = 9, 9, 0.1
            out[level > 30, 0] = 9
            return out

    images = np.stack([np.full((28, 28), level, np.uint8) for level in (10, 10, 20, 30)])
    found = confidence.gather(Model(), Crops("x", images, np.array([1, 7, 1, 2], np.uint8)))
    assert isinstance(found, Evidence)
    assert found.crops.right.tolist() == [True, False]
