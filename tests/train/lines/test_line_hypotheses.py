"""Strips of synthesized tiles show the digits that they are labelled with."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge_digits.charset import REJECT
from train.data.tiles import DONT_CARE, WRITING, Tile
from train.lines.hypotheses import tile_strips

Mark = tuple[int, tuple[int, int, int, int]]


def _tile(marks: list[Mark], turn: float = 0.0, labels: dict[int, int] | None = None) -> Tile:
    """Black bars (0) and rings (1) on white, by their boxes; labels: of some, by their number."""
    image = np.full((256, 256), 235, np.uint8)
    for value, (x0, y0, x1, y1) in marks:
        if value == 0:
            cv2.rectangle(image, (x0, y0), (x1 - 1, y1 - 1), (30,), -1)
        else:
            cv2.rectangle(image, (x0 + 2, y0 + 2), (x1 - 3, y1 - 3), (30,), 5)
    boxes = np.array([box for _, box in marks], np.float32).reshape(-1, 4)
    said = [(labels or {}).get(number, value) for number, (value, _) in enumerate(marks)]
    return Tile(image, boxes, np.array(said, np.int8), "rows", turn)


TOUCHING: list[Mark] = [(0, (60, 100, 70, 140)), (1, (70, 100, 98, 140)), (1, (98, 100, 126, 140))]
APART: list[Mark] = [(0, (60, 100, 70, 140)), (1, (80, 100, 108, 140)), (1, (118, 100, 146, 140))]


def _texts(tile: Tile) -> set[tuple[int, ...]]:
    return {tuple(labels) for seed in range(6) for _, labels in tile_strips(tile, np.random.default_rng(seed))}


def test_digits_that_touch_are_a_strip_from_left_to_right() -> None:
    assert _texts(_tile(TOUCHING)) - {(REJECT,)} == {(0, 1, 1)}


def test_neighbours_in_a_row_are_pasted_together() -> None:
    assert _texts(_tile(APART)) - {(REJECT,)} == {(0, 1, 1), (0, 1), (1, 1)}


def test_strips_are_model_input() -> None:
    for marks in (TOUCHING, APART):
        for strip, _ in tile_strips(_tile(marks), np.random.default_rng(0)):
            assert strip.shape[0] == 32 and strip.dtype == np.uint8 and strip.max() > 200


def test_a_row_ends_where_something_else_is_written() -> None:
    assert _texts(_tile(APART, labels={1: WRITING})) - {(REJECT,)} <= {(0,), (1,)}


def test_what_holds_a_digit_that_nobody_asks_for_is_no_line() -> None:
    assert not _texts(_tile(TOUCHING, labels={1: DONT_CARE})) & {(0, 1, 1), (0, 1), (1, 1)}


@pytest.mark.parametrize("turn", [90.0, -90.0, 180.0])
def test_a_tile_that_lies_on_its_side_gives_no_lines(turn: float) -> None:
    assert _texts(_tile(APART, turn)) == set()
