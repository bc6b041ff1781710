"""What the judge has seen in one map of a picture, it is not asked about again."""

from __future__ import annotations

import numpy as np

from edge_digits.judge.cascade import Judged
from edge_digits.judge.classes import CLASSES
from edge_digits.judge.context import pyramid
from edge_digits.judge.unseen import changed_nodes, covered_nodes
from edge_digits.proposals.hypotheses import find_nodes
from edge_digits.types import Image


def _map(*bars: tuple[int, int, int, int]) -> Image:
    """Contrast (100, 200) with bars x, y, width, height."""
    contrast = np.zeros((100, 200), np.uint8)
    for x, y, width, height in bars:
        contrast[y : y + height, x : x + width] = 200
    return contrast


def test_only_what_a_line_hung_on_has_changed_where_the_line_is_gone() -> None:
    ruled = find_nodes(_map((20, 20, 8, 40), (60, 20, 8, 40), (50, 55, 40, 3)))
    cleaned = find_nodes(_map((20, 20, 8, 40), (60, 20, 8, 40)))
    changed = changed_nodes(cleaned, ruled)
    assert cleaned.x[changed].tolist() == [60]


def test_nothing_is_changed_where_there_is_nothing() -> None:
    assert changed_nodes(find_nodes(_map()), find_nodes(_map((20, 20, 8, 40)))).tolist() == []


def test_what_lies_where_digits_were_found_is_covered() -> None:
    contrast = _map((20, 20, 20, 40), (100, 20, 20, 40), (120, 38, 60, 4))
    found = find_nodes(contrast)
    chances = np.zeros((1, CLASSES), np.float32)
    chances[0, 7] = 1.0
    digit = np.flatnonzero(found.x == 20)
    judged = Judged(found, pyramid(contrast), digit, chances, np.zeros((1, 28, 28), np.uint8), np.ones(1, np.float32))
    small = find_nodes(np.ascontiguousarray(contrast[::2, ::2]))
    assert small.x[covered_nodes(small, 0.5, [judged])].tolist() == [10]
    assert small.x[~covered_nodes(small, 0.5, [judged])].tolist() == [50]
