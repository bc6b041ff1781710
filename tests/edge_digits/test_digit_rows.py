"""Rows read digit by digit: what the model is asked, and that the rest would not count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_digits import digit_rows
from edge_digits.charset import REJECT
from edge_digits.digit_rows import Classify, read_row
from edge_digits.segment.pieces import Piece
from edge_digits.segment.rows import Row
from edge_digits.types import Box

HEIGHT = 24
JOINT = 3


def _piece(blocks: int, x: int, component: int) -> Piece:
    """Blocks of ink that touch by a stroke, each 14 pixels wide."""
    ink = np.zeros((HEIGHT, blocks * (14 + JOINT) - JOINT), np.uint8)
    ink[10:13] = 255
    for index in range(blocks):
        ink[:, index * (14 + JOINT) :][:, :14] = 255
    return Piece(Box(x, 5, ink.shape[1], HEIGHT), ink, float(ink.sum()) / 255, component)


def _pieces(blocks: list[int], gap: int) -> list[Piece]:
    pieces: list[Piece] = []
    for component, count in enumerate(blocks):
        pieces.append(_piece(count, pieces[-1].box.right + gap if pieces else 10, component))
    return pieces


def _read(pieces: list[Piece], classify: Classify) -> list[tuple[bool, int, float, Box]]:
    count = len(pieces)
    row = Row(np.arange(count), np.zeros(count, np.bool_), float(HEIGHT))
    found = read_row(0, row, pieces, np.full((60, 600), 200, np.uint8), classify)
    return [(c.span.is_digit, c.span.value, c.span.confidence, c.box) for c in found]


def _chances(value: int, chance: float) -> NDArray[np.float32]:
    out = np.full(REJECT + 1, (1.0 - chance) / REJECT, np.float32)
    out[value] = chance
    return out


def test_a_component_that_costs_less_whole_than_a_cut_is_asked_about_once() -> None:
    asked: list[Box] = []

    def classify(boxes: list[Box], pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked.extend(boxes)
        return np.stack([_chances(8, 0.7) for _ in boxes])

    pieces = _pieces([2], gap=40)
    assert [box for *_, box in _read(pieces, classify)] == [pieces[0].box]
    assert asked == [pieces[0].box]


def test_a_component_that_is_surely_no_digit_is_cut_into_sure_digits() -> None:
    asked: list[Box] = []

    def classify(boxes: list[Box], pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked.extend(boxes)
        return np.stack([_chances(0, 0.999) if box.width < 20 else _chances(REJECT, 0.999) for box in boxes])

    found = _read(_pieces([1, 3, 1], gap=40), classify)
    assert [value for _, value, *_ in found] == [0] * 5
    assert len(asked) == len(set(asked)), "nothing is asked twice"


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(1, 30), st.integers(0, 2**31), st.booleans())
def test_what_is_not_asked_would_change_nothing(blocks: list[int], gap: int, seed: int, wide_is_none: bool) -> None:
    def classify(boxes: list[Box], pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        out = []
        for box in boxes:
            rng = np.random.default_rng((seed, box.x, box.width))
            sure = _chances(int(rng.integers(0, REJECT + 1)), float(rng.choice([0.5, 0.9, 0.97, 0.999])))
            out.append(_chances(REJECT, 0.99) if wide_is_none and box.width > 20 else sure)
        return np.stack(out)

    pieces = _pieces(blocks, gap)
    found = _read(pieces, classify)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digit_rows._Asked, "_worth_asking", lambda self, pieces, weights, runs: runs)
        assert _read(pieces, classify) == found
