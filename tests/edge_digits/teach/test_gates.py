"""What is taken, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.judge_classes import NONE
from edge_digits.teach.examples import Examples, answers, errors, logits_of
from edge_digits.teach.gates import folds
from edge_digits.teach.teach import learn
from tests.edge_digits.teach import made_up

DIGITS = [*range(10)]


def test_a_hand_that_writes_its_sevens_like_ones_is_learned_and_nobody_else_loses() -> None:
    replay, lesson = made_up.replay(), made_up.examples(DIGITS * 3, look={7: 1})
    layers, figures = learn(replay, lesson)
    assert layers is not None
    assert (figures.wrong_before, figures.wrong_after) == (3, 0)
    assert figures.others_after == figures.others_before
    later = made_up.examples(DIGITS * 3, seed=9, look={7: 1})
    assert errors(logits_of(layers, later), later.labels) == 0


def test_a_sign_that_is_read_as_a_digit_is_learned_to_be_none() -> None:
    lesson = made_up.examples([*DIGITS, NONE, NONE, NONE, NONE], look={NONE: 0})
    layers, figures = learn(made_up.replay(), lesson)
    assert layers is not None
    assert figures.wrong_after == 0


def test_a_digit_that_is_taken_for_none_is_learned_to_be_one() -> None:
    lesson = made_up.examples([*DIGITS, 3, 3, 3, 3], look={3: NONE})
    layers, figures = learn(made_up.replay(), lesson)
    assert layers is not None
    assert (figures.wrong_before, figures.wrong_after) == (5, 0)


def test_where_nothing_is_wrong_nothing_is_taken() -> None:
    layers, figures = learn(made_up.replay(), made_up.examples(DIGITS * 2))
    assert layers is None
    assert not figures.wins


def test_labels_that_all_say_one_class_are_not_taken() -> None:
    lesson = made_up.examples(DIGITS * 4)
    wrong = Examples(lesson.judge, lesson.cnn, np.full(len(lesson), 7))
    layers, figures = learn(made_up.replay(), wrong)
    assert layers is None
    assert not figures.keeps


def test_labels_at_random_are_not_taken() -> None:
    lesson = made_up.examples(DIGITS * 4)
    wrong = Examples(lesson.judge, lesson.cnn, np.random.default_rng(3).integers(0, 10, len(lesson)))
    layers, _ = learn(made_up.replay(), wrong)
    assert layers is None


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_a_few_wrong_labels_cost_nobody_else(share: float) -> None:
    replay, lesson = made_up.replay(), made_up.examples(DIGITS * 5, look={7: 1})
    labels = lesson.labels.copy()
    wrong = np.random.default_rng(4).permutation(len(labels))[: round(share * len(labels))]
    labels[wrong] = (labels[wrong] + 3) % 10
    layers, _ = learn(replay, Examples(lesson.judge, lesson.cnn, labels))
    assert layers is not None
    held_out, later = replay.held_out, made_up.examples(DIGITS * 5, seed=9, look={7: 1})
    assert errors(logits_of(layers, held_out), held_out.labels) <= 0.001 * len(held_out)
    assert errors(logits_of(layers, later), later.labels) < errors(logits_of(replay.shipped, later), later.labels)


def test_confidence_means_as_much_as_before() -> None:
    replay, lesson = made_up.replay(), made_up.examples(DIGITS * 3, look={7: 1})
    layers, _ = learn(replay, lesson)
    assert layers is not None
    chances = [
        answers(logits_of(one, replay.held_out), replay.held_out.labels)[1].mean() for one in (replay.shipped, layers)
    ]
    assert chances[1] == pytest.approx(chances[0], abs=0.02)


def test_every_fold_has_some_of_each_class_that_is_frequent_enough() -> None:
    labels = np.array(DIGITS * 5)
    fold = folds(labels)
    assert all(set(labels[fold == number]) == set(DIGITS) for number in range(5))
