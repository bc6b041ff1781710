"""Hands that are taught in simulation, and what it comes to."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.judge_classes import NONE
from edge_digits.reader import CNN_FILE, JUDGE_FILE, MODELS, open_reader
from edge_digits.runtime.load import load_model
from train.adapt.figures import figures, table
from train.adapt.hands import drawn_writers
from train.adapt.lessons import WRONG, Score, lesson, score
from train.adapt.simulate import LABELS, Outcome, open_classroom, teach_writer


def outcome(before: int, after: int, others: int = 0, name: str = "0", kind: str = "drawn") -> Outcome:
    scores = Score(100, before, 0), Score(100, after, 0)
    return Outcome(kind, name, 20, after < before, *scores, 10_000, 50, 50 + others)


def test_a_hand_writes_the_same_pages_again_and_another_hand_others() -> None:
    first, again, other = (drawn_writers(2, 3)[number].page(np.random.default_rng(1)).image for number in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_errors_removed_are_a_share_of_all_errors_and_costs_are_points() -> None:
    of = figures([outcome(10, 4, others=2), outcome(2, 2, name="1")])
    assert of.removed[0] == pytest.approx(0.5)
    assert of.removed[1] <= of.removed[0] <= of.removed[2]
    assert (of.others[0], of.most) == pytest.approx((0.0001, 0.0002))
    assert of.others[1] <= of.others[0] <= of.others[2]
    assert of.taken == 1


def test_the_table_has_a_row_for_each_kind_and_number_of_labels_and_those_that_want_teaching_apart() -> None:
    outcomes = [outcome(1, 1)] * len(LABELS) + [outcome(10, 5, name="1")] * len(LABELS)
    rows = [line for line in table(outcomes).splitlines() if line.startswith("| drawn")]
    assert [row.split(" | ")[1:4] for row in rows] == [
        [which, str(count), hands] for which, hands in (("all", "2"), ("from 3 % of errors", "1")) for count in LABELS
    ]


def test_a_lesson_has_the_digits_of_a_page_and_asks_first_for_what_was_misread() -> None:
    writer = drawn_writers(5, 7)[4]
    page = writer.page(np.random.default_rng(0))
    judge, cnn = (load_model(MODELS / name) for name in (JUDGE_FILE, CNN_FILE))
    reader = open_reader("cnn")
    of_page = lesson(page, reader, judge, cnn)
    digits = sorted(digit.value for line in page.lines for digit in line.digits)
    labels = sorted(of_page.examples.labels[of_page.examples.labels != NONE].tolist())
    assert 0.8 * len(digits) <= len(labels) <= len(digits)
    is_wrong = (of_page.doubt == WRONG) & (of_page.examples.labels != NONE)
    assert 0 < is_wrong.sum() <= score(page, reader).wrong


@pytest.mark.slow
def test_a_hand_that_is_taught_is_read_no_worse_and_nobody_else_loses_much() -> None:
    classroom = open_classroom(drawn_writers(3, 99), 99)
    outcomes = teach_writer(classroom, drawn_writers(5, 7)[4], np.random.default_rng(2))
    assert [one.labels for one in outcomes] == list(LABELS)
    most = outcomes[-1]
    assert most.taken
    assert most.after.error < most.before.error
    assert most.others_after - most.others_before <= 0.02 * most.others
