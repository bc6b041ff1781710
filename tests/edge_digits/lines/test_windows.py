"""Strips wider than the model: nothing is lost or doubled at the seams."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.lines.ctc import Symbol
from edge_digits.lines.windows import LEAST_WIDTH, Window, together, windows
from edge_digits.types import Image

WIDTH = 256


def _strip(widths: list[int], gaps: list[int]) -> tuple[Image, list[float]]:
    """Blocks of ink with gaps between them, and where their middles are."""
    strip = np.zeros((32, sum(widths) + sum(gaps[: len(widths) - 1]) + 8), np.uint8)
    x, middles = 4, []
    for width, gap in zip(widths, [*gaps[: len(widths) - 1], 0], strict=True):
        # Thinner at its ends, as digits that touch are.
        strip[14:18, x : x + width] = 255
        strip[4:28, x + 2 : x + width - 2] = 255
        middles.append(x + width / 2)
        x += width + gap
    return strip, middles


def _seen(window: Window, middles: list[float], widths: list[int], shake: np.random.Generator) -> list[Symbol]:
    """What a model would read in a window: each digit that is whole in it, its place a bit off, and of those that are
    not, something or nothing."""
    found = []
    for value, (middle, width) in enumerate(zip(middles, widths, strict=True)):
        inside = middle - window.start
        if window.start <= middle - width / 2 and middle + width / 2 <= window.stop:
            found.append(Symbol(value % 10, 0.99, inside + shake.uniform(-2, 2)))
        elif 0 < inside < window.stop - window.start and shake.random() < 0.5:
            found.append(Symbol(int(shake.integers(10)), 0.6, inside + shake.uniform(-2, 2)))
    return found


@st.composite
def _lines(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    count = draw(st.integers(1, 40))
    widths = draw(st.lists(st.integers(9, 24), min_size=count, max_size=count))
    touching = draw(st.booleans())
    gaps = draw(st.lists(st.just(0) if touching else st.integers(0, 14), min_size=count, max_size=count))
    return widths, gaps


@given(_lines(), st.integers(0, 1000))
def test_nothing_is_lost_or_doubled_up_to_forty_digits(line: tuple[list[int], list[int]], seed: int) -> None:
    strip, middles = _strip(*line)
    shake = np.random.default_rng(seed)
    read = together([(window, _seen(window, middles, line[0], shake)) for window in windows(strip, WIDTH)])
    assert [symbol.value for symbol in read] == [value % 10 for value in range(len(middles))]


@given(_lines(), st.sampled_from([LEAST_WIDTH, 128, WIDTH]))
def test_windows_fit_the_model_and_cover_the_strip(line: tuple[list[int], list[int]], width: int) -> None:
    strip, _ = _strip(*line)
    found = windows(strip, width)
    assert all(0 < window.stop - window.start <= width for window in found)
    assert all(a.start < b.start for a, b in pairwise(found))
    assert found[0].first == 0 and found[-1].last == strip.shape[1]
    assert all(a.last == b.first for a, b in pairwise(found))
    assert all(window.start <= window.first <= window.last <= window.stop for window in found)


def test_a_strip_that_fits_is_one_window() -> None:
    assert windows(np.zeros((32, WIDTH), np.uint8), WIDTH) == [Window(0, WIDTH, 0.0, WIDTH)]


def test_a_gap_is_cut_rather_than_read_twice() -> None:
    strip, _ = _strip([20] * 16, [0] * 7 + [12] + [0] * 7)
    first, second = windows(strip, WIDTH)
    assert first.stop == second.start and not strip[:, first.stop].any()


def test_ones_that_stand_close_in_one_window_stay_two() -> None:
    window = Window(0, 40, 0, 40)
    assert len(together([(window, [Symbol(1, 0.9, 10), Symbol(1, 0.9, 15)])])) == 2
