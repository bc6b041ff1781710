"""What the judge has seen in one map of a picture, it is not asked about again."""

from __future__ import annotations

import numpy as np

from edge_digits.judge.cascade import Judged
from edge_digits.judge.unseen import unseen_nodes
from edge_digits.judge_classes import CLASSES, NONE
from edge_digits.model_input.context import pyramid
from edge_digits.proposals.hypotheses import Hypotheses, find_nodes
from edge_digits.types import Image

BARS = ((20, 20, 8, 40), (60, 20, 8, 40))


def _map(*bars: tuple[int, int, int, int], scale: int = 1) -> Image:
    """Contrast (100, 200) times ``scale``, with bars x, y, width, height."""
    contrast = np.zeros((100 * scale, 200 * scale), np.uint8)
    for x, y, width, height in (tuple(scale * side for side in bar) for bar in bars):
        contrast[y : y + height, x : x + width] = 200
    return contrast


def _judged(nodes: Hypotheses, sevens: float = 0.0) -> Judged:
    """All ``nodes`` asked about, each a 7 with that chance."""
    count = len(nodes)
    chances = np.zeros((count, CLASSES), np.float32)
    chances[:, 7], chances[:, NONE] = sevens, 1 - sevens
    ink = np.zeros((count, 28, 28), np.uint8)
    strength = np.full(count, 200, np.float32)
    return Judged(nodes, pyramid(nodes.contrast), np.arange(count), chances, ink, strength)


def test_only_what_a_line_hung_on_is_asked_about_where_the_line_is_gone() -> None:
    ruled = find_nodes(_map(*BARS, (50, 55, 40, 3)))
    cleaned = find_nodes(_map(*BARS))
    unseen = unseen_nodes(cleaned, _judged(ruled))
    assert cleaned.x[unseen].tolist() == [60]


def test_what_was_surely_a_digit_is_not_asked_about_in_a_copy_of_another_size() -> None:
    large, small = find_nodes(_map(*BARS, scale=4)), find_nodes(_map(*BARS, (150, 20, 8, 40)))
    unseen = unseen_nodes(small, _judged(large, sevens=0.99), 0.25)
    assert small.x[unseen].tolist() == [150]


def test_what_may_be_a_digit_is_asked_about_again() -> None:
    large, small = find_nodes(_map(*BARS, scale=4)), find_nodes(_map(*BARS))
    assert len(unseen_nodes(small, _judged(large, sevens=0.9), 0.25)) == len(small)


def test_nothing_is_unseen_where_there_is_nothing() -> None:
    assert unseen_nodes(find_nodes(_map()), _judged(find_nodes(_map(BARS[0])))).tolist() == []
