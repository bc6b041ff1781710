"""Promises of edge_digits.segment: rows in reading order, rules taken out, regions with their own masks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.ink import PageInk
from edge_digits.segment.clean import writing
from edge_digits.segment.components import find_components, region_mask
from edge_digits.segment.cuts import cut_columns
from edge_digits.segment.pieces import Piece, in_parts, lean, mean_contrast, possible_runs, row_pieces
from edge_digits.segment.rows import Row, clipped, could_be_digit, find_rows, typical_height
from edge_digits.segment.rules import without_rules
from edge_digits.segment.sides import sides_between_lines
from edge_digits.types import Box, as_image


def _ink(*rows: str, height: int = 40, gap: int = 30, size: tuple[int, int] = (600, 800)) -> np.ndarray:
    """Rows of block digits: each character is a ring, so that it is one component."""
    ink = np.zeros(size, np.uint8)
    for r, row in enumerate(rows):
        for c, character in enumerate(row):
            if character != " ":
                x, y = 60 + c * (height // 2 + gap), 60 + r * 2 * height
                cv2.ellipse(ink, (x, y), (height // 4, height // 2), 0, 0, 360, (255,), 4)
    return ink


def _turned(ink: np.ndarray, degrees: float) -> np.ndarray:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 0.8)
    return cv2.warpAffine(ink, matrix, (width, height))


def _pieces(ink: np.ndarray) -> list[Piece]:
    """All components of ``ink`` as one row."""
    components = find_components(ink)
    members = np.arange(len(components))
    return row_pieces(Row(members, np.zeros(len(members), np.bool_), 40.0), components, ink)


def test_rows_come_from_top_to_bottom_and_left_to_right() -> None:
    components = find_components(_ink("000", "00", "0000"))
    rows = find_rows(components)
    assert [len(row.members) for row in rows] == [3, 2, 4]
    for row in rows:
        assert (np.diff(components.x[row.members]) > 0).all()


def test_a_row_is_one_row_whatever_the_gaps_in_it() -> None:
    assert len(find_rows(find_components(_ink("00        00")))) == 1


@given(degrees=st.floats(-14, 14))
@settings(max_examples=25, deadline=None)
def test_pictures_turned_by_up_to_fourteen_degrees_keep_their_rows(degrees: float) -> None:
    rows = find_rows(find_components(_turned(_ink("0000000", "0000000", "0000000"), degrees)))
    assert [len(row.members) for row in rows] == [7, 7, 7]


@given(seed=st.integers(0, 10_000), height=st.integers(1, 60), width=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_components_measure_what_opencv_says_they_do(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    ink = np.where(rng.random((height, width)) < rng.uniform(0, 0.6), 255, 0).astype(np.uint8)
    c = find_components(ink, least_size=1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    assert np.array_equal(c.labels, labels)
    assert np.array_equal(np.stack([c.x, c.y, c.width, c.height, c.area], axis=1), stats[1:])


def test_a_detached_bar_belongs_to_its_row_as_a_small_part() -> None:
    ink = _ink("000")
    cv2.line(ink, (128, 38), (134, 34), (255,), 3)
    (row,) = find_rows(find_components(ink))
    assert len(row.members) == 4
    assert row.small.sum() == 1


def test_specks_alone_are_no_row() -> None:
    ink = np.zeros((300, 300), np.uint8)
    ink[50:54, 50:54] = ink[200:203, 100:104] = 255
    assert find_rows(find_components(ink)) == []


def test_nothing_has_no_rows_and_no_digit_height() -> None:
    components = find_components(np.zeros((100, 120), np.uint8))
    assert find_rows(components) == []
    assert typical_height(components) == 10


def test_digit_height_is_not_decided_by_specks() -> None:
    ink = _ink("00000")
    rng = np.random.default_rng(0)
    for x, y in rng.integers(300, 580, (30, 2)):
        ink[y : y + 11, x : x + 4] = 255
    assert 35 <= typical_height(find_components(ink)) <= 50


@pytest.mark.parametrize("slope", [0.0, 0.03, -0.1])
@pytest.mark.parametrize("thickness", [2, 4])
def test_rules_are_taken_out_and_digits_stay(slope: float, thickness: int) -> None:
    ink = _ink("0000", "0000")
    ruled = ink.copy()
    for level in (100, 180, 300):
        cv2.line(ruled, (0, level), (799, round(level + slope * 799)), (255,), thickness)
    cleaned = without_rules(ruled, 40, 1 / 12)
    assert len(find_rows(find_components(cleaned))) == 2
    assert (cleaned[ink > 0] > 0).mean() > 0.9
    assert ((cleaned > 0) & (ink == 0)).sum() < 0.15 * ((ruled > 0) & (ink == 0)).sum()


def test_a_grid_is_taken_out() -> None:
    ink = _ink("0000", "0000", gap=50)
    ruled = ink.copy()
    for level in range(20, 600, 80):
        ruled[level : level + 2] = 255
    for column in range(25, 800, 70):
        ruled[:, column : column + 2] = 255
    assert [len(r.members) for r in find_rows(find_components(without_rules(ruled, 40, 1 / 12)))] == [4, 4]


def test_a_column_of_ones_is_not_a_rule() -> None:
    ink = np.zeros((900, 300), np.uint8)
    for top in range(20, 880, 80):
        ink[top : top + 45, 150:154] = 255
    assert without_rules(ink, 45, 1 / 12) is ink


def test_what_is_left_of_a_sheet_s_edge_does_not_say_how_tall_digits_are() -> None:
    ink = _ink("00000", "00000")
    cv2.line(ink, (700, 30), (660, 560), (255,), 5)
    cv2.polylines(ink, [np.array([(40, 300), (30, 570), (600, 580)])], False, (255,), 5)
    assert typical_height(find_components(ink)) == pytest.approx(45, abs=5)


def test_one_tall_one_is_not_a_rule() -> None:
    ink = np.zeros((900, 700), np.uint8)
    cv2.line(ink, (340, 200), (320, 700), (255,), 14)
    assert without_rules(ink, typical_height(find_components(ink)), 1 / 3) is ink


def test_the_sides_of_a_row_of_boxes_go_with_its_lines() -> None:
    boxed = _ink("00000000", gap=50)
    cv2.line(boxed, (30, 30), (590, 30), (255,), 2)
    cv2.line(boxed, (30, 95), (590, 95), (255,), 2)
    for side in range(9):
        cv2.line(boxed, (30 + 70 * side, 30), (30 + 70 * side, 95), (255,), 2)
    cv2.line(boxed, (70, 78), (74, 95), (255,), 4)
    _, components = writing(PageInk(boxed, boxed))
    assert sorted(components.width.tolist())[-8:] == sorted(w for w in components.width if w > 15)
    assert not ((components.width < 6) & (components.height > 50)).any()


@pytest.mark.parametrize("degrees", [-15, -13, 13, 15])
@pytest.mark.parametrize("apart", [95, 110, 125])
def test_columns_of_two_digits_keep_their_rows_on_a_turned_page(degrees: int, apart: int) -> None:
    page = np.zeros((900, 900), np.uint8)
    for row in range(9):
        for column in range(3):
            for digit in range(2):
                cv2.circle(page, (280 + apart * column + 34 * digit, 260 + 46 * row), 12, (255,), 3)
    turn = cv2.getRotationMatrix2D((450, 450), degrees, 1)
    rows = find_rows(find_components(as_image(cv2.warpAffine(page, turn, (900, 900)))))
    assert [len(row.members) for row in rows] == [6] * 9


@pytest.mark.parametrize("torn", [0, 20])
def test_the_sides_of_boxes_whose_lines_were_divided_out_go_too(torn: int) -> None:
    ink = _ink("0000", gap=50)
    ruling = np.zeros_like(ink)
    cv2.line(ruling, (30, 30), (310, 30), (255,), 2)
    cv2.line(ruling, (30, 95), (310, 95), (255,), 2)
    for side in range(5):
        cv2.line(ink, (30 + 70 * side, 32), (30 + 70 * side, 93), (255,), 2)
        ink[55 : 55 + torn, 28 + 70 * side : 33 + 70 * side] = 0
    _, components = writing(PageInk(ink, ink, ruling))
    assert len(components) == 4 and components.width.min() > 15
    assert len(writing(PageInk(ink, ink))[1]) > 4


@pytest.mark.parametrize(
    ("top", "thickness", "of_lines"), [(45, 3, 255), (22, 9, 255), (22, 3, 150)], ids=["shorter", "thicker", "darker"]
)
def test_a_one_between_the_lines_of_ruled_paper_is_no_side(top: int, thickness: int, of_lines: int) -> None:
    ink = _ink("0000", gap=50)
    ruling = np.zeros_like(ink)
    for level in (20, 95):
        cv2.line(ruling, (0, level), (799, level), (of_lines,), 2)
    cv2.line(ink, (65, top), (63, 92), (255,), thickness)
    assert len(writing(PageInk(ink, ink, ruling))[1]) == len(writing(PageInk(ink, ink))[1])


@given(slope=st.floats(-0.2, 0.2), flipped=st.booleans(), above=st.sampled_from(["ruling", "frame", "side"]))
@settings(max_examples=60, deadline=None)
def test_an_upright_line_goes_to_its_end_where_the_squares_end(slope: float, flipped: bool, above: str) -> None:
    ink, ruling, frame = (np.zeros((400, 500), np.uint8) for _ in range(3))
    cv2.circle(ink, (150, 130), 15, (255,), 3)
    for level in (100, 220):
        cv2.line(frame if above == "frame" else ruling, (20, level), (480, level), (255,), 2)
    for x in (60, 230, 400):
        top, bottom, begin, end = ((round(x + slope * y), y) for y in (103, 217, 223, 263))
        cv2.line({"ruling": ruling, "frame": frame, "side": ink}[above], top, bottom, (255,), 2)
        cv2.line(ink, begin, end, (255,), 2)
    if flipped:
        ink, ruling, frame = (picture[::-1].copy() for picture in (ink, ruling, frame))
    components = find_components(ink)
    page = PageInk(ink, np.maximum(ink, frame), ruling)
    found = sides_between_lines(components, page, ruling, frame if above == "frame" else None)
    assert components.only(~found).width.tolist() == [35]


@given(degrees=st.floats(-80, 80), thickness=st.integers(1, 9), torn=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_straight_stroke_leans_as_it_was_drawn(degrees: float, thickness: int, torn: bool) -> None:
    ink = np.zeros((300, 300), np.uint8)
    across, up = 60 * np.sin(np.radians(degrees)), 60 * np.cos(np.radians(degrees))
    ends = ((round(150 - across), round(150 + up)), (round(150 + across), round(150 - up)))
    cv2.line(ink, *ends, (255,), thickness, cv2.LINE_AA)
    if torn:
        cv2.circle(ink, (150, 150), 8, (0,), -1)
    assert lean(_pieces(ink)) == pytest.approx(degrees, abs=1.5)


def test_what_is_bent_or_thick_leans_nowhere() -> None:
    ink = np.zeros((300, 600), np.uint8)
    cv2.ellipse(ink, (100, 150), (40, 60), 20, 0, 360, (255,), 5)
    cv2.polylines(ink, [np.array([(250, 210), (290, 90), (330, 210)])], False, (255,), 5)
    cv2.line(ink, (450, 170), (480, 130), (255,), 21)
    assert [lean([piece]) for piece in _pieces(ink)] == [0.0] * 3


def test_ones_that_stand_below_one_another_on_ruled_paper_stay() -> None:
    ink = np.zeros((400, 500), np.uint8)
    ruling = np.zeros_like(ink)
    for level in (100, 160, 220, 280):
        cv2.line(ruling, (0, level), (499, level), (255,), 2)
        for x in (100, 200, 300):
            cv2.line(ink, (x, level - 42), (x - 2, level - 3), (255,), 3)
    assert len(writing(PageInk(ink, ink, ruling))[1]) == 12


def test_a_one_of_a_fine_pen_stands_in_its_row() -> None:
    ink = _ink("00 00", height=80)
    ink[20:98, 200:203] = 255
    (row,) = find_rows(find_components(ink))
    assert len(row.members) == 5


def test_a_row_that_drifts_stays_one_row() -> None:
    ink = np.zeros((600, 800), np.uint8)
    for row in range(2):
        for place in range(9):
            cv2.ellipse(ink, (60 + 80 * place, 150 + 160 * row - 3 * place**2 // 2), (15, 28), 0, 0, 360, (255,), 4)
    assert [len(found.members) for found in find_rows(find_components(ink))] == [9, 9]


def test_a_digit_that_a_dry_pen_tore_apart_is_one_component() -> None:
    ink = _ink("00000")
    ink[58:62, 95:125] = 0
    assert len(find_components(ink)) == 6
    _, components = writing(PageInk(ink, ink))
    assert len(components) == 5
    assert len(np.unique(components.labels[40:80, 95:125])) == 2


def test_digits_in_two_rows_stay_two_components() -> None:
    ink = _ink("000", height=40)
    ink[100:140] = ink[40:80]
    ink[80:100] = 0
    _, components = writing(PageInk(ink, ink))
    assert len(components) == 6


def test_faint_ink_joins_the_strong_ink_it_continues() -> None:
    ink = np.zeros((200, 200), np.uint8)
    ink[40:70, 100:104] = ink[72:100, 100:104] = 255
    ink[70:72, 100:104] = 50
    assert len(find_components(ink)) == 1


def test_ink_at_the_pictures_edge_is_clipped_and_stands_in_no_row() -> None:
    ink = _ink("0000")
    ink[0:30, 300:304] = 255
    components = find_components(ink)
    (index,) = clipped(components, 40)
    assert components.box(int(index)).y == 0
    assert all(index not in row.members for row in find_rows(components))


def test_mask_holds_a_regions_own_ink_and_not_its_neighbours() -> None:
    ink = _ink("00", gap=8)
    components = find_components(ink)
    box = Box(0, 0, 200, 150)
    first, second = (region_mask(components, [i], box) for i in (0, 1))
    assert first.any()
    assert second.any()
    assert not (first & second & (box.cut(ink) >= 96)).any()


def test_touching_digits_can_be_cut_between_them() -> None:
    ink = np.zeros((50, 70), np.uint8)
    cv2.ellipse(ink, (18, 25), (12, 20), 0, 0, 360, (255,), 4)
    cv2.ellipse(ink, (46, 25), (13, 20), 0, 0, 360, (255,), 4)
    assert any(28 <= column <= 36 for column in cut_columns(ink, 44))


def test_the_parts_of_a_piece_hold_its_ink_side_by_side() -> None:
    ink = np.zeros((80, 160), np.uint8)
    for middle in (40, 64, 90):
        cv2.ellipse(ink, (middle, 40), (13, 22), 0, 0, 360, (255,), 4)
    components = find_components(ink)
    (row,) = find_rows(components)
    (piece,) = row_pieces(row, components, ink)
    parts = in_parts(piece, 44)
    assert len(parts) > 1
    assert np.array_equal(np.hstack([part.pixels for part in parts]), piece.pixels)
    assert sum(part.ink for part in parts) == pytest.approx(piece.ink) == pytest.approx(ink.sum() / 255)


def test_the_contrast_of_pieces_is_that_of_their_own_ink() -> None:
    ink = _ink("00", gap=8)
    contrast = np.where(np.arange(ink.shape[1]) < 74, 100, 40).astype(np.uint8) * np.ones_like(ink)
    components = find_components(ink)
    (row,) = find_rows(components)
    left, right = row_pieces(row, components, ink)
    assert mean_contrast([left], contrast) == pytest.approx(100)
    assert mean_contrast([right], contrast) == pytest.approx(40)
    assert mean_contrast([left, right], contrast) == pytest.approx(70)


def test_runs_hold_each_piece_and_join_only_near_ones() -> None:
    ink = _ink("0000")
    cv2.line(ink, (128, 38), (134, 36), (255,), 3)
    components = find_components(ink)
    (row,) = find_rows(components)
    pieces = row_pieces(row, components, ink)
    runs = possible_runs(pieces, row.height)
    singles = [(run.first, run.last) for run in runs if run.last == run.first + 1]
    assert singles == [(i, i + 1) for i in range(len(pieces))]
    joined = [(run.first, run.last) for run in runs if run.last > run.first + 1]
    assert joined
    assert all(run.box.width < 1.4 * row.height for run in runs)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_any_ink_can_be_segmented(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = np.where(rng.random((80, 100)) < rng.uniform(0, 0.6), 255, 0).astype(np.uint8)
    components = find_components(without_rules(ink, 20, 1 / 12))
    for row in find_rows(components):
        assert possible_runs(row_pieces(row, components, ink), row.height)


def test_digits_that_touch_may_be_as_wide_as_the_picture_but_a_frame_may_not() -> None:
    digits, frame = np.zeros((60, 300), np.uint8), np.zeros((60, 300), np.uint8)
    for x in range(20, 270, 25):
        cv2.ellipse(digits, (x + 12, 30), (12, 18), 0, 0, 360, (255,), 4)
    cv2.rectangle(frame, (20, 5), (280, 55), (255,), 1)
    assert find_components(digits).width.tolist() == [pytest.approx(255, abs=8)]
    assert could_be_digit(find_components(digits)).all()
    assert not could_be_digit(find_components(frame)).any()


@pytest.mark.parametrize(("size", "count"), [((480, 640), 800), ((1200, 1600), 1600), ((1500, 2000), 2500)])
def test_a_large_page_may_hold_more_digits_than_a_frame_and_specks_take_no_place_of_theirs(
    size: tuple[int, int], count: int
) -> None:
    ink = np.zeros(size, np.uint8)
    for index in range(count):
        row, column = divmod(index, 60)
        ink[8 + 25 * row : 18 + 25 * row, 4 + 10 * column : 10 + 10 * column] = 255
        ink[22 + 25 * row : 25 + 25 * row, 4 + 10 * column : 7 + 10 * column] = 255
    found = find_components(ink)
    assert len(found) == count
    assert (found.height == 10).all()
