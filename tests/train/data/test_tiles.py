"""Tiles: the same from the same seed, boxes around the ink, labels as promised. Needs no data and no network."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from train.data.build_pool import tiny_pool
from train.data.page import numbers
from train.data.page.canvas import CUT_OFF, DONT_CARE, SMALLEST, TOO_SMALL, WRITING, Canvas, turned
from train.data.page.hand import Hand, drawn_width
from train.data.page.writing import Sheet, put_digit, put_number
from train.data.pool import Pool
from train.data.tiles import SIDE, Tile, make_page, make_tile, page_turn

HAND = Hand("strokes", 0.5, 0.0, 1, 0.08, 0.0, 1.0, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def pool() -> Pool:
    return tiny_pool()


@pytest.fixture(scope="module")
def tiles(pool: Pool) -> list[Tile]:
    return [make_tile(pool, np.random.default_rng([5, number])) for number in range(60)]


def _sheet(pool: Pool, height: int = SIDE, width: int = SIDE) -> Sheet:
    return Sheet(Canvas(height, width), pool, (0.0, 0.0, float(width), float(height)))


def test_the_same_seed_makes_the_same_tile(pool: Pool) -> None:
    one, again = (make_tile(pool, np.random.default_rng(11)) for _ in range(2))
    other = make_tile(pool, np.random.default_rng(12))
    assert np.array_equal(one.image, again.image) and np.array_equal(one.boxes, again.boxes)
    assert not np.array_equal(one.image, other.image)


def test_a_tile_is_a_grey_square_with_a_label_for_every_box(tiles: list[Tile]) -> None:
    for tile in tiles:
        assert tile.image.shape == (SIDE, SIDE) and tile.image.dtype == np.uint8
        assert tile.boxes.dtype == np.float32 and tile.labels.dtype == np.int8
        assert tile.boxes.shape == (len(tile.labels), 4)
        assert np.isin(tile.labels, [CUT_OFF, WRITING, DONT_CARE, TOO_SMALL, *range(10)]).all()


def test_boxes_lie_in_the_picture(tiles: list[Tile]) -> None:
    for tile in tiles:
        assert (tile.boxes[:, :2] >= 0).all() and (tile.boxes[:, 2:] <= SIDE).all()
        assert (tile.boxes[:, 2:] > tile.boxes[:, :2]).all()


def test_digits_of_all_sizes_and_values_are_asked_for(tiles: list[Tile]) -> None:
    asked = np.concatenate([tile.boxes[tile.labels >= 0] for tile in tiles])
    labels = np.concatenate([tile.labels for tile in tiles])
    tall = (asked[:, 2:] - asked[:, :2]).max(axis=1)
    assert set(range(10)) <= set(labels.tolist())
    assert tall.min() >= SMALLEST and tall.min() < 16 and tall.max() > 120


def test_many_tiles_hold_nothing_to_read(tiles: list[Tile]) -> None:
    empty = sum(not (tile.labels >= 0).any() for tile in tiles)
    assert 0.05 < empty / len(tiles) < 0.5


def test_a_digits_box_covers_its_visible_ink_and_no_more(pool: Pool) -> None:
    for value in range(10):
        sheet = _sheet(pool)
        put_digit(sheet, value, 90.0, 120.0, 80.0, HAND, np.random.default_rng(value))
        ((x0, y0, x1, y1, label),) = sheet.canvas.boxes
        rows, columns = np.nonzero(sheet.canvas.digits > 0.5)
        assert label == value
        assert (x0, y0) == pytest.approx((columns.min(), rows.min()), abs=1)
        assert (x1, y1) == pytest.approx((columns.max() + 1, rows.max() + 1), abs=1)
        assert y1 - y0 == pytest.approx(80, rel=0.2)


def test_a_digit_that_the_edge_cuts_is_cut_off(pool: Pool) -> None:
    sheet = _sheet(pool)
    put_digit(sheet, 8, -25.0, 120.0, 80.0, HAND, np.random.default_rng(0))
    assert [box[4] for box in sheet.canvas.boxes] == [CUT_OFF]


def test_a_digit_beyond_the_edge_has_no_box(pool: Pool) -> None:
    sheet = _sheet(pool)
    put_digit(sheet, 8, SIDE + 30.0, 120.0, 80.0, HAND, np.random.default_rng(0))
    assert sheet.canvas.boxes == [] and sheet.canvas.ink.max() == 0


def test_a_speck_of_a_digit_is_too_small_to_ask_for(pool: Pool) -> None:
    sheet = _sheet(pool)
    put_digit(sheet, 8, 90.0, 120.0, 5.0, HAND, np.random.default_rng(0))
    assert [box[4] for box in sheet.canvas.boxes] == [TOO_SMALL]


def test_digits_that_touch_keep_a_box_each(pool: Pool) -> None:
    sheet = _sheet(pool)
    put_number(sheet, "0808", 20.0, 120.0, 60.0, Hand(**{**HAND.__dict__, "gap": -0.12}), np.random.default_rng(0))
    boxes = sorted(sheet.canvas.boxes)
    assert [box[4] for box in boxes] == [0, 8, 0, 8]
    assert all(left[2] > right[0] for left, right in pairwise(boxes))


def test_the_ink_of_a_hand_that_joins_its_digits_meets(pool: Pool) -> None:
    """Their boxes alone do not tell: a 7 has room below, a 4 beside its stem."""
    hand, parted = replace(HAND, touching=1.0), 0
    for seed in range(20):
        sheet = _sheet(pool, width=600)
        put_number(sheet, "747140", 20.0, 120.0, 80.0, hand, np.random.default_rng(seed))
        assert [box[4] for box in sorted(sheet.canvas.boxes)] == [7, 4, 7, 1, 4, 0]
        parted += cv2.connectedComponents((sheet.canvas.ink > 0.3).view(np.uint8))[0] - 2
    # A corner of a digit may be drawn elsewhere than its field says.
    assert parted < 0.2 * 20 * 5


def test_a_scanned_stroke_keeps_about_its_own_width_and_a_skeleton_takes_any_pen(pool: Pool) -> None:
    scanned = replace(pool.glyphs, halves=np.full_like(pool.glyphs.halves, 4.0))
    stroke = 2 * 4.0 * float(pool.glyphs.units[0])
    assert [drawn_width(scanned, 0, pen) for pen in (0.1 * stroke, stroke, 9.0 * stroke)] == pytest.approx(
        [0.6 * stroke, stroke, 1.5 * stroke]
    )
    drawn = replace(pool.glyphs, halves=np.zeros_like(pool.glyphs.halves))
    assert drawn_width(drawn, 0, 0.3) == 0.3


def test_signs_and_letters_of_an_equation_are_writing(pool: Pool) -> None:
    sheet = _sheet(pool)
    put_number(sheet, "3x+√(5)", 5.0, 120.0, 20.0, HAND, np.random.default_rng(0))
    assert [box[4] for box in sheet.canvas.boxes] == [3, WRITING, WRITING, WRITING, WRITING, 5, WRITING]


def test_a_crossed_out_number_is_dont_care(pool: Pool) -> None:
    sheet, random = _sheet(pool), np.random.default_rng(0)
    wide = put_number(sheet, "47", 60.0, 120.0, 60.0, HAND, random)
    numbers.cross_out(sheet, 60.0, 120.0, wide, 60.0, HAND, random)
    assert [box[4] for box in sheet.canvas.boxes] == [DONT_CARE, DONT_CARE]


def test_what_a_desk_covers_is_gone_and_what_it_cuts_is_dont_care(pool: Pool) -> None:
    sheet = _sheet(pool)
    for x in (20.0, 100.0, 190.0):
        put_digit(sheet, 0, x, 120.0, 60.0, HAND, np.random.default_rng(0))
    mask = np.zeros((SIDE, SIDE), np.float32)
    x0, _, x1, _, _ = sheet.canvas.boxes[1]
    mask[:, (x0 + x1) // 2 :] = 1
    sheet.canvas.cover(mask)
    assert [box[4] for box in sheet.canvas.boxes] == [0, DONT_CARE]


def test_a_turned_page_turns_its_digits() -> None:
    view = turned(200, 300, 90.0)
    canvas = Canvas(200, 300, view)
    right, up = canvas.to_pixels(np.array([[200.0, 100.0], [150.0, 50.0]]))
    assert right == pytest.approx((150, 50), abs=1e-3)
    assert up == pytest.approx((100, 100), abs=1e-3)


@pytest.mark.parametrize("size", [(28, 28), (140, 90), (300, 420)])
def test_pages_have_the_size_asked_for(pool: Pool, size: tuple[int, int]) -> None:
    for seed in range(3):
        page = make_page(pool, np.random.default_rng(seed), *size)
        assert page.image.shape == size
        assert (page.boxes[:, 2] <= size[1]).all() and (page.boxes[:, 3] <= size[0]).all()


def test_pages_are_turned_by_up_to_thirty_degrees_or_by_quarters() -> None:
    turns = np.array([page_turn(np.random.default_rng(seed)) for seed in range(300)])
    near = np.abs(turns) <= 30
    assert near.mean() > 0.75 and np.abs(turns[near]).max() > 25
    assert (np.abs(turns[~near]) > 80).all() and (~near).any()
