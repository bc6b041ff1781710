"""A page's truth is what stands on it, where it stands, however it is photographed."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.synthesis import page
from edge_digits.synthesis.camera import Shot
from edge_digits.synthesis.page import SyntheticPage, make_page, make_sheet, photograph_sheet

TEXTS = ["12 345", "9?0", "7"]
CLEAR = Shot()


def moved(x: float, y: float) -> np.ndarray:
    return np.array([(1, 0, x), (0, 1, y), (0, 0, 1)], float)


@pytest.mark.parametrize("kind", page.KINDS)
def test_given_texts_are_written_from_top_to_bottom(kind: str):
    sheet = make_sheet(np.random.default_rng(1), texts=TEXTS, kind=kind)
    assert [line.text for line in sheet.lines] == TEXTS
    tops = [line.box.y for line in sheet.lines]
    assert tops == sorted(tops)
    for line in sheet.lines:
        assert "".join(str(digit.value) for digit in line.digits) == line.text.replace(" ", "").replace("?", "")


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 24), st.integers(1, 8), st.sampled_from(page.KINDS))
def test_given_texts_are_made_small_enough_to_fit(seed: int, length: int, rows: int, kind: str):
    rng = np.random.default_rng(seed)
    texts = ["".join(map(str, rng.integers(0, 10, length))) for _ in range(rows)]
    sheet = make_sheet(rng, 640, 480, texts=texts, digit_height=100, kind=kind)
    assert [line.text for line in sheet.lines] == texts
    assert all(line.box.x > 0 and line.box.right < 640 for line in sheet.lines)
    assert all(line.box.y > 0 and line.box.bottom < 480 for line in sheet.lines)


@pytest.mark.parametrize("kind", page.KINDS)
def test_digit_boxes_hold_their_ink(kind: str):
    rng = np.random.default_rng(2)
    sheet = make_sheet(rng, texts=["40 918", "5263"], kind=kind, digit_height=60)
    paper = float(np.median(sheet.reflectance))
    for line in sheet.lines:
        for digit in line.digits:
            inside = np.abs(digit.box.cut(sheet.reflectance).astype(float) - paper)
            assert inside.max() > 30
            assert 40 < digit.box.height < 80


def test_gap_of_a_space_is_clearly_wider_than_the_others():
    sheet = make_sheet(np.random.default_rng(3), texts=["123 456"], kind="plain")
    boxes = [digit.box for digit in sheet.lines[0].digits]
    gaps = [b.x - a.right for a, b in pairwise(boxes)]
    assert gaps[2] > 1.5 * max(gaps[:2] + gaps[3:])


def test_truth_moves_with_the_picture():
    sheet = make_sheet(np.random.default_rng(4), texts=["27"], kind="plain", digit_height=50)
    still = photograph_sheet(np.random.default_rng(5), sheet, shot=CLEAR)
    shifted = photograph_sheet(np.random.default_rng(5), sheet, shot=CLEAR, view=moved(-7, 11))
    assert np.array_equal(still.image, sheet.reflectance)
    a, b = still.lines[0].box, shifted.lines[0].box
    assert (b.x - a.x, b.y - a.y, b.width, b.height) == (-7, 11, a.width, a.height)
    assert np.array_equal(a.cut(still.image), b.cut(shifted.image))


def test_line_that_is_partly_outside_is_named_as_cut_and_has_no_truth():
    sheet = make_sheet(np.random.default_rng(6), texts=["27", "39"], kind="plain", digit_height=50)
    first = sheet.lines[0].box
    seen = photograph_sheet(np.random.default_rng(7), sheet, shot=CLEAR, view=moved(0, -first.y - 5))
    assert [line.text for line in seen.lines] == ["39"]
    assert len(seen.cut) == 1 and seen.cut[0].y == 0
    gone = photograph_sheet(np.random.default_rng(7), sheet, shot=CLEAR, view=moved(2000, 0))
    assert gone.lines == () and gone.cut == ()


def test_same_seed_makes_the_same_page_and_another_seed_another():
    first, second, other = (make_page(np.random.default_rng(seed)) for seed in (8, 8, 9))
    assert np.array_equal(first.image, second.image) and first.lines == second.lines
    assert not np.array_equal(first.image, other.image)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_pages_keep_their_truth_inside_the_picture(seed: int):
    made: SyntheticPage = make_page(np.random.default_rng(seed), 320, 240)
    assert made.image.shape == (240, 320) and made.image.dtype == np.uint8
    for line in made.lines:
        assert line.digits and set(line.text) <= set("0123456789 ?")
        for digit in line.digits:
            box = digit.box
            assert box.x >= 0 and box.y >= 0 and box.right <= 320 and box.bottom <= 240


def test_nothing_is_written_on_the_border():
    for seed in range(10):
        sheet = make_sheet(np.random.default_rng(seed), 400, 300, border=50)
        for line in sheet.lines:
            assert line.box.x >= 45 and line.box.y >= 45
            assert line.box.right <= 355 and line.box.bottom <= 255
