"""Digits are written in many ways and stay what they are; what is no digit cannot be taken for a 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.model_input import normalize
from edge_digits.synthesis import pen
from edge_digits.synthesis.strokes import digit_strokes, extent, other_strokes, random_hand

seeds = st.integers(0, 2**32 - 1)
values = st.integers(0, 9)


def pictures(rng: np.random.Generator, value: int, count: int) -> np.ndarray:
    """(count, 784) float32 of one digit, each by another hand and pen, as a network would see it, blurred a
    little."""
    drawn = []
    for _ in range(count):
        ink = pen.draw(rng, digit_strokes(rng, value), 40, pen.random_pen(rng, 40, "felt")).ink
        drawn.append(normalize.digit(ink).astype(np.float32).ravel())
    return np.stack(drawn)


@given(seeds, values)
def test_digit_spans_one_in_height_and_begins_at_the_left(seed: int, value: int):
    strokes = digit_strokes(np.random.default_rng(seed), value)
    low, high = extent(strokes)
    assert all(stroke.dtype == np.float32 and stroke.shape[1] == 2 for stroke in strokes)
    np.testing.assert_allclose([*low, high[1]], [0, 0, 1], atol=1e-5)
    assert 0 < high[0] < 3


@given(seeds, values)
def test_same_seed_writes_the_same_digit(seed: int, value: int):
    first, second = (digit_strokes(np.random.default_rng(seed), value) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_one_hand_writes_more_alike_than_many():
    rng = np.random.default_rng(1)

    def spread(hands: list) -> float:
        widths = [float(extent(digit_strokes(rng, 2, hand))[1][0]) for hand in hands]
        return float(np.std(widths))

    hand = random_hand(rng)
    assert spread([hand] * 200) < 0.5 * spread([random_hand(rng) for _ in range(200)])


@pytest.mark.slow
def test_digits_look_like_their_value():
    rng = np.random.default_rng(2)
    known = [pictures(rng, value, 150) for value in range(10)]
    right = 0
    for value in range(10):
        for picture in pictures(rng, value, 30):
            nearest = [float(((other - picture) ** 2).sum(axis=1).min()) for other in known]
            right += int(np.argmin(nearest)) == value
    assert right > 0.9 * 300


@given(seeds)
def test_what_is_no_digit_is_no_lone_upright_stroke(seed: int):
    strokes = other_strokes(np.random.default_rng(seed))
    low, high = extent(strokes)
    assert low[0] == 0 and np.isfinite(high).all()
    if len(strokes) == 1:
        points = strokes[0].astype(np.float64)
        points -= points.mean(axis=0)
        sizes, (along, _) = np.linalg.svd(points, full_matrices=False)[1:]
        straight = sizes[1] < 0.03 * sizes[0]
        tilt = np.degrees(np.arctan2(abs(along[0]), abs(along[1])))
        assert not (straight and tilt < 45)
