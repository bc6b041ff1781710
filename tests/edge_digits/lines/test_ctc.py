"""Best-path decoding of a line model's scores."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.charset import BLANK, REJECT
from edge_digits.lines.ctc import greedy


def _chances(classes: list[int], sure: float = 0.9) -> np.ndarray:
    """Each step's class as likely as ``sure``, the others alike."""
    out = np.full((len(classes), BLANK + 1), (1 - sure) / BLANK, np.float32)
    out[np.arange(len(classes)), classes] = sure
    return out


def test_repeats_are_one_digit_and_a_blank_parts_two() -> None:
    read = greedy(_chances([BLANK, 1, 1, BLANK, 1, 7, 7, BLANK]), 4.0)
    assert [symbol.value for symbol in read] == [1, 1, 7]


def test_a_digit_stands_in_the_middle_of_its_steps() -> None:
    read = greedy(_chances([BLANK, 3, 3, BLANK, 5]), 4.0)
    assert [symbol.position for symbol in read] == pytest.approx([8.0, 18.0])


def test_a_digit_is_as_sure_as_its_surest_step() -> None:
    chances = _chances([4, 4])
    chances[1] = _chances([4], 0.6)[0]
    assert greedy(chances, 4.0)[0].confidence == pytest.approx(0.9)


def test_ink_that_is_no_digit_is_told_apart() -> None:
    assert [symbol.is_digit for symbol in greedy(_chances([2, BLANK, REJECT]), 4.0)] == [True, False]


def test_nothing_but_blanks_reads_as_nothing() -> None:
    assert greedy(_chances([BLANK] * 5), 4.0) == []


@given(st.lists(st.integers(0, BLANK), min_size=1, max_size=64))
def test_what_is_read_is_the_path_without_repeats_and_blanks(path: list[int]) -> None:
    read = greedy(_chances(path), 4.0)
    assert [symbol.value for symbol in read] == [value for value, _ in groupby(path) if value != BLANK]
    places = [symbol.position for symbol in read]
    assert places == sorted(places) and all(0 < place < 4 * len(path) for place in places)
