"""The overlay shows every digit and every reason, in any picture, and leaves the picture given alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.io.draw import confidence_colour, overlay
from edge_digits.page import Page, scaled_page
from edge_digits.types import Box, Digit, Line, Rejected, union

GREEN, RED = confidence_colour(1.0), confidence_colour(0.4)


def page_of(*confidences: float, size: int = 20, top: int = 100) -> Page:
    """One line of digits, ``size`` pixels wide and half as high again, from x = 100 on."""
    boxes = [Box(100 + 2 * size * index, top, size, size * 3 // 2) for index in range(len(confidences))]
    digits = tuple(Digit(7, value, box) for value, box in zip(confidences, boxes, strict=True))
    text = "".join(str(digit.value) for digit in digits)
    return Page((Line(text, min(confidences), union(boxes), digits),), ())


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all(axis=2).any())


def overlaid(picture: np.ndarray, page: Page) -> np.ndarray:
    return overlay(picture, page.lines, page.rejected)


def paper(height: int = 480, width: int = 640) -> np.ndarray:
    return np.full((height, width), 200, np.uint8)


def test_a_page_without_ink_is_the_picture_itself() -> None:
    drawn = overlaid(paper(), Page((), ()))
    assert drawn.shape == (480, 640, 3)
    assert drawn.dtype == np.uint8
    assert (drawn == 200).all()


def test_the_picture_given_stays_as_it_is() -> None:
    grey, colour = paper(), np.full((480, 640, 3), 200, np.uint8)
    overlaid(grey, page_of(0.9))
    overlaid(colour, page_of(0.9))
    assert (grey == 200).all()
    assert (colour == 200).all()


def test_a_grey_picture_and_the_same_in_colour_give_the_same_overlay() -> None:
    page = page_of(0.9, 0.4)
    assert np.array_equal(overlaid(paper(), page), overlaid(np.full((480, 640, 3), 200, np.uint8), page))


def test_each_box_has_its_digits_colour_and_leaves_the_digit_visible() -> None:
    page = page_of(1.0, 0.4)
    drawn = overlaid(paper(), page)
    for digit, own, other in zip(page.lines[0].digits, (GREEN, RED), (RED, GREEN), strict=True):
        box = digit.box
        around = Box(box.x - 4, box.y - 4, box.width + 8, box.height + 8).cut(drawn)
        assert has_colour(around, own)
        assert not has_colour(around, other)
        assert (box.cut(drawn) == 200).all()


def test_a_reading_stands_beside_its_line_even_at_the_pictures_edge() -> None:
    for top in (2, 200, 448):
        page = page_of(1.0, 1.0, top=top)
        drawn = overlaid(paper(), page)
        outside = drawn.copy()
        outside[max(top - 6, 0) : top + 36, 94:166] = 200
        assert (outside[:, :, 1].astype(int) - outside[:, :, 2] > 80).any()
        for digit in page.lines[0].digits:
            assert (digit.box.cut(drawn) == 200).all()


def test_rejected_ink_has_a_frame_and_a_reason() -> None:
    box = Box(300, 200, 30, 30)
    drawn = overlaid(paper(), Page((), (Rejected(box, "not-a-digit"),)))
    other = overlaid(paper(), Page((), (Rejected(box, "too-small"),)))
    assert (box.cut(drawn) == 200).all()
    assert not np.array_equal(drawn, other)


def test_reasons_give_way_to_readings() -> None:
    crowd = tuple(Rejected(Box(x, y, 6, 6), "not-a-digit") for x in range(90, 200, 8) for y in range(60, 180, 8))
    page = page_of(1.0, 1.0)
    alone, crowded = overlaid(paper(), page), overlaid(paper(), Page(page.lines, crowd))
    plate = (alone < 100).all(axis=2)
    assert plate.sum() > 500
    assert crowded[plate].max() < 130


def test_confidence_goes_from_red_to_green() -> None:
    green_minus_red = [colour[1] - colour[2] for colour in map(confidence_colour, (0.5, 0.7, 0.8, 0.95, 1.0))]
    assert green_minus_red == sorted(green_minus_red)
    assert green_minus_red[0] < -150
    assert green_minus_red[-1] > 100


@pytest.mark.parametrize("side", [28, 200])
def test_a_small_picture_is_drawn_larger_with_all_its_boxes(side: int) -> None:
    page = Page(page_of(0.9, 0.8).lines, (Rejected(Box(3, 4, 5, 6), "clipped"),))
    picture = page.draw(paper(side, side // 2))
    factor = picture.shape[0] // side
    assert 640 <= picture.shape[0] < 640 + side
    larger = scaled_page(page, factor)
    assert np.array_equal(picture, overlaid(paper(side * factor, side // 2 * factor), larger))


def test_a_large_picture_is_drawn_as_it_is() -> None:
    page = page_of(0.9)
    assert np.array_equal(page.draw(paper()), overlaid(paper(), page))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.lists(
        st.tuples(st.integers(-50, 400), st.integers(-50, 400), st.integers(1, 300), st.integers(1, 300)),
        min_size=1,
        max_size=6,
    ),
    st.text("0123456789 ?", max_size=12),
)
def test_any_page_fits_any_picture(height: int, width: int, places: list, text: str) -> None:
    boxes = [Box(*place) for place in places]
    digits = tuple(Digit(1, 0.7, box) for box in boxes)
    page = Page((Line(text, 0.5, union(boxes), digits),), tuple(Rejected(box, "too-small") for box in boxes))
    assert overlaid(paper(height, width), page).shape == (height, width, 3)
