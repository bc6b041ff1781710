"""Tracking: a number is published once it has settled, again when it changes, and never because of a flicker."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from device.config.reading import TrackingRule
from device.tracking.tracker import Tracker
from device.tracking.vote import settled_confidence
from edge_digits.page import Page
from edge_digits.types import Box, Line, Reading, Refusal, intersection_over_union

PLACE = Box(100, 50, 80, 30)


def line(text: str, box: Box = PLACE, confidence: float = 0.9) -> Line:
    return Line(text, confidence, box, ())


def page(*lines: Line) -> Page:
    return Page(lines, ())


def published(texts: Iterable[str | None], settle: int = 3, forget: int = 3) -> list[str]:
    """What is published when a steady line reads as ``texts``, frame by frame (None: it is not seen); "" is gone."""
    tracker = Tracker(TrackingRule(settle=settle, forget=forget))
    events: list[Reading | Refusal] = []
    for number, text in enumerate(texts):
        events += tracker.update(page(line(text)) if text is not None else page(), float(number))
    return [event.text for event in events]


def test_a_number_is_published_once_when_enough_frames_agree() -> None:
    assert published(["12"] * 2) == []
    assert published(["12"] * 3) == ["12"]
    assert published(["12"] * 50) == ["12"]


def test_a_number_that_changes_is_published_again() -> None:
    assert published(["12"] * 10 + ["13"] * 10) == ["12", "13"]


def test_a_flickering_misread_is_not_published() -> None:
    assert published(["12", "72", "12", "12"] + ["12", "72"] * 20) == ["12"]


def test_a_line_missed_in_single_frames_keeps_its_track() -> None:
    assert published(["12"] * 5 + [None, None] + ["12"] * 5) == ["12"]


def test_a_number_that_comes_back_after_it_was_gone_is_published_again() -> None:
    assert published(["12"] * 5 + [None] * 3 + ["12"] * 5) == ["12", "", "12"]


def test_a_number_that_is_wiped_is_reported_as_gone_once_and_where_it_stood() -> None:
    tracker = Tracker(TrackingRule(settle=2, forget=3))
    pages = [page(line("12"))] * 4 + [page()] * 20
    events = [event for time, seen in enumerate(pages) for event in tracker.update(seen, 100.0 + time)]
    assert [(event.text, event.time) for event in events] == [("12", 101.0), ("", 106.0)]
    gone = events[1]
    assert isinstance(gone, Reading)
    assert (gone.is_gone, gone.value, gone.box, gone.frames) == (True, None, PLACE, 3)


def test_a_number_that_never_settled_is_not_reported_as_gone() -> None:
    assert published(["12", "12", None, None, None, None]) == []


def test_ink_that_is_read_now_and_then_is_not_published() -> None:
    assert published(["7", None, None] * 20, settle=3, forget=5) == []


def test_a_page_that_changes_ends_the_old_tracks() -> None:
    tracker = Tracker(TrackingRule(settle=2, forget=2))
    below = Box(100, 150, 80, 30)
    first = [r.text for t in range(4) for r in tracker.update(page(line("11"), line("22", below)), t)]
    second = [r.text for t in range(4, 8) for r in tracker.update(page(line("33")), t)]
    third = [r.text for t in range(8, 12) for r in tracker.update(page(line("33"), line("22", below)), t)]
    assert (first, second, third) == (["11", "22"], ["", "33"], ["22"])


def test_lines_are_followed_as_the_page_moves() -> None:
    tracker = Tracker(TrackingRule(settle=3))
    moved = [page(line("12", Box(100 + 5 * t, 50 + 2 * t, 80, 30))) for t in range(30)]
    assert [r.text for t, p in enumerate(moved) for r in tracker.update(p, t)] == ["12"]


def test_a_reading_says_when_where_and_how_sure() -> None:
    tracker = Tracker(TrackingRule(settle=3))
    for time, text in enumerate(["12", "72", "12"]):
        assert tracker.update(page(line(text, confidence=0.8)), 100.0 + time) == []
    [reading] = tracker.update(page(line("12", Box(101, 50, 80, 30), confidence=0.8)), 103.0)
    assert isinstance(reading, Reading)
    assert (reading.text, reading.time, reading.frames, reading.box.x) == ("12", 103.0, 4, 101)
    assert reading.confidence == settled_confidence([0.8] * 3, [0.8], 0)


def test_a_number_that_has_changed_is_as_sure_as_if_it_had_always_stood_there() -> None:
    tracker = Tracker(TrackingRule(settle=5))
    changed = ["1234"] * 20 + ["1239"] * 5
    readings = [r for t, text in enumerate(changed) for r in tracker.update(page(line(text, confidence=0.93)), t)]
    assert [(r.text, r.confidence) for r in readings] == [("1234", approx(0.93)), ("1239", approx(0.93))]
    assert tracker.standing(99.0)[0].confidence == approx(0.93)


def test_frames_that_disagree_after_the_change_count_against_the_new_number() -> None:
    tracker = Tracker(TrackingRule(settle=3))
    changed = ["1234"] * 9 + ["1239", "1289", "1239", "1239"]
    readings = [r for t, text in enumerate(changed) for r in tracker.update(page(line(text)), t)]
    assert readings[1].confidence == approx(settled_confidence([0.9] * 3, [0.9], 0))


def test_a_number_that_is_not_sure_enough_is_refused_until_it_is() -> None:
    tracker = Tracker(TrackingRule(settle=2, min_confidence=0.9))
    sure = [0.8, 0.8, 0.8, 0.99, 0.99, 0.99, 0.99]
    events = [e for t, p in enumerate(sure) for e in tracker.update(page(line("12", confidence=p)), t)]
    assert [(type(event), event.text) for event in events] == [(Refusal, "12"), (Reading, "12")]
    assert isinstance(events[0], Refusal)
    assert events[0].reason == "80 % sure, expected at least 90 %"


def test_a_flicker_that_is_not_sure_enough_does_not_bring_the_number_again() -> None:
    tracker = Tracker(TrackingRule(settle=2, min_confidence=0.9))
    frames = [("12", 0.99)] * 4 + [("72", 0.5)] * 4 + [("12", 0.99)] * 9
    events = [e for t, (text, p) in enumerate(frames) for e in tracker.update(page(line(text, confidence=p)), t)]
    assert [(type(event), event.text) for event in events] == [(Reading, "12"), (Refusal, "72")]


def test_what_has_settled_is_known_as_long_as_it_is_seen() -> None:
    tracker = Tracker(TrackingRule(settle=2, forget=2))
    known = []
    for time, text in enumerate(["12", "12", "13", "13", "13", None, None]):
        tracker.update(page(line(text)) if text else page(), time)
        known.append([reading.text for reading in tracker.standing(time)])
    assert known == [[], ["12"], ["12"], ["13"], ["13"], [], []]


def test_two_lines_that_overlap_one_track_do_not_share_it() -> None:
    tracker = Tracker(TrackingRule(settle=2))
    near = Box(100, 60, 80, 30)
    readings = [r for t in range(4) for r in tracker.update(page(line("1"), line("2", near)), t)]
    assert [r.text for r in readings] == ["1", "2"]


TEXTS = st.lists(st.sampled_from(["1", "2", "3", None]), max_size=60)
SETTLE = st.integers(1, 6)


@given(TEXTS, SETTLE)
def test_no_number_is_published_twice_in_a_row_while_its_line_is_there(texts: list[str | None], settle: int) -> None:
    out = published([text for text in texts if text is not None], settle)
    assert all(a != b for a, b in itertools.pairwise(out))


@given(TEXTS, SETTLE)
def test_nothing_is_published_without_enough_frames_that_agree(texts: list[str | None], settle: int) -> None:
    for text in filter(None, published(texts, settle, forget=settle)):
        windows = [texts[k : k + 2 * settle - 1] for k in range(len(texts))]
        assert max(window.count(text) for window in windows) >= settle


@given(TEXTS, SETTLE)
def test_a_steady_number_wins_whatever_came_before(texts: list[str | None], settle: int) -> None:
    assert published([*texts, *["9"] * (2 * settle)], settle)[-1] == "9"


@given(st.lists(st.booleans(), max_size=60), SETTLE)
def test_a_misread_that_never_lasts_is_never_published_beside_the_number(misread: list[bool], settle: int) -> None:
    texts = ["12"] * (2 * settle)
    for wrong in misread:
        lasts = texts[-settle + 1 :].count("72") == settle - 1 if settle > 1 else True
        texts.append("72" if wrong and not lasts else "12")
    assert published(texts, settle) == ["12"]


BOXES = st.builds(Box, st.integers(0, 50), st.integers(0, 50), st.integers(1, 50), st.integers(1, 50))


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_one_only_for_the_same_box(a: Box, b: Box) -> None:
    assert 0.0 <= intersection_over_union(a, b) == intersection_over_union(b, a) <= 1.0
    assert (intersection_over_union(a, b) == 1.0) == (a == b)
