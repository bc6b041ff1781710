"""Places: a region is read as it was drawn, wherever it is now, and what was read stands in the picture where it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from device.scene.motion import STILL, Motion
from device.scene.placing import Place
from edge_digits.page import Page
from edge_digits.types import Box, Digit, Image, Line, Rejected

BOX = Box(100, 60, 80, 40)


def picture() -> Image:
    """(200, 300), smooth, no two parts alike."""
    small = np.random.default_rng(0).integers(0, 256, (20, 30)).astype(np.uint8)
    return cv2.resize(small, (300, 200), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def page(box: Box) -> Page:
    return Page((Line("1", 0.9, box, (Digit(1, 0.9, box),)),), (Rejected(box, "too-small"),))


def test_a_region_that_has_not_moved_is_a_view_of_the_frame() -> None:
    image = picture()
    part = Place(BOX).cut(image)
    assert np.shares_memory(part, image)
    assert (part == BOX.cut(image)).all()


def test_a_shifted_region_is_cut_where_it_is_now() -> None:
    image = picture()
    place = Place(BOX, Motion(shift_x=-20.4, shift_y=9.8))
    part = place.cut(image)
    assert np.shares_memory(part, image)
    assert (part == Box(80, 70, 80, 40).cut(image)).all()
    assert place.put_back(page(Box(1, 2, 3, 4))) == page(Box(81, 72, 3, 4))


def test_a_turned_region_is_turned_back() -> None:
    image = picture()
    motion = Motion.about(150.0, 100.0, 4.0, 7.0, -5.0)
    moved = np.asarray(cv2.warpAffine(image, motion.matrix, (300, 200)), np.uint8)
    part = Place(BOX, motion).cut(moved)
    assert part.shape == (BOX.height, BOX.width)
    assert np.abs(part.astype(int) - BOX.cut(image)).mean() < 2.0


def test_boxes_of_a_turned_region_hold_what_was_read() -> None:
    motion = Motion.about(150.0, 100.0, 4.0, 7.0, -5.0)
    [line] = Place(BOX, motion).put_back(page(Box(10, 10, 20, 20))).lines
    [(x, y)] = motion.of_points([(BOX.x + 20.0, BOX.y + 20.0)]).tolist()
    middle = line.box.x + line.box.width / 2, line.box.y + line.box.height / 2
    assert middle == pytest.approx((x, y), abs=1.0)
    assert 20 < line.box.width < 24


@pytest.mark.parametrize(
    ("shift", "is_within"),
    [((-101.0, 0.0), True), ((-103.0, 0.0), False), ((121.0, 99.0), True), ((0.0, 102.0), False)],
)
def test_a_region_is_in_the_picture_if_no_digit_of_it_can_be_outside(
    shift: tuple[float, float], is_within: bool
) -> None:
    assert Place(BOX, Motion(1.0, 0.0, *shift)).is_within(300, 200) == is_within


def test_a_region_that_sticks_out_by_a_pixel_keeps_its_size() -> None:
    image = picture()
    place = Place(BOX, Motion(shift_x=-101.0))
    part = place.cut(image)
    assert part.shape == (BOX.height, BOX.width)
    assert (part[:, 1:] == image[60:100, :79]).all()
    assert place.put_back(page(Box(1, 2, 3, 4))) == page(Box(0, 62, 3, 4))


def test_motions_one_after_the_other_are_one() -> None:
    first, second = Motion.about(10.0, 20.0, 30.0, 1.0, 2.0), Motion.about(5.0, 0.0, -10.0, 0.0, 4.0)
    points = [(0.0, 0.0), (7.0, -3.0)]
    assert first.then(second).of_points(points) == pytest.approx(second.of_points(first.of_points(points)))
    assert first.then(second).turn == pytest.approx(20.0)
    assert STILL.then(first) == first
