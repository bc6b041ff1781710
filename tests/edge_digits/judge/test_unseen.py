"""What the judge has seen in one map of a picture, it is not asked about again."""

from __future__ import annotations

import numpy as np

from edge_digits.judge.unseen import changed_nodes
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
