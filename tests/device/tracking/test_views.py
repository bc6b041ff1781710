"""Views: a part of the picture is read only when it has changed, and its number tracked wherever it stands there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from device.config.reading import TrackingRule
from device.config.regions import RegionRule
from device.scene.cut_off import REASON
from device.scene.motion import STILL, Motion
from device.tracking.views import NOTHING, View, merged, open_views
from edge_digits.page import Page
from edge_digits.types import Box, Digit, Image, Line, Reading, Refusal, Rejected

RULE = TrackingRule(settle=2, forget=2)
REGION = RegionRule("a", Box(10, 20, 30, 40))


def noise(seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (100, 100)).astype(np.uint8)


def line(text: str, box: Box) -> Line:
    return Line(text, 0.9, box, (Digit(1, 0.9, box),))


def texts(view: View, images: list[Image]) -> list[str]:
    published = []
    for time, image in enumerate(images):
        view.look(image)
        published += [event.text for event in view.settle(float(time))]
    return published


def test_a_change_outside_a_region_is_not_looked_at() -> None:
    read: list[Image] = []

    def reader(image: Image) -> Page:
        read.append(image)
        return NOTHING

    view = View(reader, RULE, REGION)
    for seed in range(20):
        image = noise(seed)
        image[20:60, 10:40] = 200
        view.look(image)
    assert [image.shape for image in read] == [(40, 30)] * RULE.window


def test_boxes_are_in_pixels_of_the_frame() -> None:
    box = Box(1, 2, 3, 4)
    view = View(lambda image: Page((line("1", box),), (Rejected(box, "too-small"),)), RULE, REGION)
    view.look(noise(0))
    moved = Box(11, 22, 3, 4)
    assert view.page == Page((line("1", moved),), (Rejected(moved, "too-small"),))


def test_a_region_holds_one_number_the_largest() -> None:
    small, large = line("1", Box(0, 0, 5, 5)), line("22", Box(0, 9, 20, 20))
    view = View(lambda image: Page((small, large), ()), RULE, REGION)
    assert texts(view, [noise(k) for k in range(5)]) == ["22"]


def test_a_number_that_jumps_about_in_its_region_is_published_once() -> None:
    pages = iter([Page((line("7", Box(0, 12 * (k % 3), 5, 5)),), ()) for k in range(9)])
    assert texts(View(lambda image: next(pages), RULE, REGION), [noise(k) for k in range(9)]) == ["7"]


def test_a_number_that_changes_on_a_page_that_is_still_otherwise_is_published_again() -> None:
    shown = np.full((100, 100), 200, np.uint8)
    changed = shown.copy()
    changed[30:50, 20:23] = 60
    view = View(lambda image: Page((line("1" if image.min() < 100 else "7", Box(0, 0, 5, 5)),), ()), RULE)
    assert texts(view, [shown] * 50 + [changed] * 50 + [shown] * 50) == ["7", "1", "7"]


def test_the_dark_is_not_read_and_nothing_is_published_again_after_it() -> None:
    page = Page((line("7", Box(0, 0, 5, 5)),), ())
    read: list[Image] = []

    def reader(image: Image) -> Page:
        read.append(image)
        return page

    day, night = [noise(k) for k in range(9)], [(noise(k) // 16).astype(np.uint8) for k in range(200)]
    assert texts(View(reader, RULE), [*day, *night, *day]) == ["7"]
    assert len(read) == 2 * len(day)


def test_a_refused_number_on_a_still_page_is_accepted_in_the_end() -> None:
    region = RegionRule("a", REGION.box, digits=2, accept_after=3)
    view = View(lambda image: Page((line("7", Box(0, 0, 5, 5)),), ()), RULE, region)
    events = []
    for second in range(20):
        view.look(noise(0))
        events += view.settle(float(second))
    assert [isinstance(event, Reading) for event in events] == [False, True]


def test_a_region_outside_the_picture_holds_nothing() -> None:
    view = View(lambda image: Page((line("7", Box(0, 0, 5, 5)),), ()), RULE, RegionRule("far", Box(200, 10, 30, 30)))
    assert texts(view, [noise(k) for k in range(9)]) == []
    assert view.page == NOTHING


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (Box(0, 0, 100, 100), None),
        (Box(100, 10, 30, 40), "region a: [100, 10, 30, 40] leaves the picture of 100x100; nothing is read there"),
        (Box(90, 10, 30, 40), "region a: [90, 10, 30, 40] leaves the picture of 100x100; only the part inside is read"),
    ],
)
def test_what_lies_outside_the_picture_is_said_in_words(box: Box, words: str | None) -> None:
    assert View(lambda image: NOTHING, RULE, RegionRule("a", box)).outside(noise(0)) == words


def test_without_regions_the_whole_picture_is_one_view() -> None:
    page = Page((line("1", Box(0, 0, 5, 5)),), ())
    [view] = open_views(lambda image: page, RULE, ())
    view.look(noise(0))
    assert merged([view]) is page


def test_what_the_views_see_is_put_together() -> None:
    views = open_views(
        lambda image: Page((line("1", Box(0, 0, 5, 5)),), ()), RULE, (REGION, RegionRule("b", Box(0, 0, 9, 9)))
    )
    for view in views:
        view.look(noise(0))
    assert [item.box.as_list() for item in merged(views).lines] == [[10, 20, 5, 5], [0, 0, 5, 5]]


def test_a_region_whose_place_is_not_sure_is_not_read_and_its_number_is_none_of_now() -> None:
    read: list[Image] = []

    def reader(image: Image) -> Page:
        read.append(image)
        return Page((line("7", Box(0, 0, 5, 5)),), ())

    view = View(reader, RULE, replace(REGION, digits=2, accept_after=1))
    for time in range(9):
        view.look(noise(time))
        view.settle(float(time))
    count = len(read)
    for time in range(9, 30):
        assert not view.look(noise(time), None)
        assert view.settle(float(time)) == []
    assert len(read) == count
    assert view.page == NOTHING


def test_a_region_that_has_moved_is_read_there() -> None:
    read: list[Image] = []

    def reader(image: Image) -> Page:
        read.append(image)
        return Page((line("7", Box(1, 2, 5, 5)),), ())

    view, image = View(reader, RULE, REGION), noise(0)
    view.look(image, Motion(shift_x=5.0, shift_y=-7.0))
    assert (read[0] == image[13:53, 15:45]).all()
    assert view.page.lines[0].box == Box(16, 15, 5, 5)


def test_what_is_read_anew_counts_only_where_the_place_is_sure_and_that_is_asked_of_news_alone() -> None:
    shown = ["7"]
    asked: list[Motion | None] = []
    answers = {"7": True, "8": False}

    def is_sure(motion: Motion | None) -> bool:
        asked.append(motion)
        return answers[shown[0]]

    view = View(lambda image: Page((line(shown[0], Box(0, 0, 5, 5)),), ()), RULE, REGION)
    published = []
    for time in range(40):
        shown[0] = "7" if time < 20 else "8"
        if time == 30:
            answers["8"] = True
        view.look(noise(time))
        published += [(time, event.text) for event in view.settle(float(time), is_sure)]
    assert published == [(RULE.settle - 1, "7"), (29 + RULE.settle, "8")]
    assert set(asked) == {STILL}
    assert len(asked) < 20


def in_short(event: Reading | Refusal) -> str:
    return event.text if isinstance(event, Reading) else event.reason


@pytest.mark.parametrize("left", [0, 12], ids=["at the edge", "away from it"])
def test_a_number_at_the_edge_of_a_region_that_may_have_moved_is_refused_until_that_is_known(left: int) -> None:
    view = View(lambda image: Page((line("7", Box(left, 15, 5, 10)),), ()), RULE, REGION)
    told: list[str] = []
    for time in range(200):
        view.look(noise(0))
        told += map(in_short, view.settle(float(time), may_have_moved=time < 150))
    assert told == (["7"] if left else [REASON, "7"])


def test_a_number_that_comes_away_from_the_edge_is_whole() -> None:
    boxes = [Box(0, 15, 5, 10)] * 9 + [Box(12, 15, 5, 10)] * 9
    pages = iter([Page((line("7", box),), ()) for box in boxes])
    view = View(lambda image: next(pages), RULE, REGION)
    told: list[str] = []
    for seed in range(len(boxes)):
        view.look(noise(seed))
        told += map(in_short, view.settle(float(seed), may_have_moved=True))
    assert told == [REASON, "7"]


def test_the_turn_of_a_page_in_a_region_is_kept() -> None:
    view = View(lambda image: Page((line("1", Box(1, 2, 3, 4)),), (), 90.0), RULE, REGION)
    view.look(noise(0), Motion(shift_x=3.0))
    assert view.page.turn == 90.0
