"""Readings on demand, at times and repeated, through the frame loop; a frame a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pytest

from device.cameras.camera import Kind
from device.config.reading import ReadConfig, TrackingRule
from device.config.regions import RegionRule
from device.loop import Run, run
from device.sinks.memory import ReadingsInMemory
from device.system.lamp import Lamp
from device.timing.demand import Demand
from device.timing.turns import MOST_WINDOWS, Turns
from device.tracking.views import NOTHING
from edge_digits.page import Page
from edge_digits.types import Box, Frame, Image, Line, Reading, Refusal

RULE = TrackingRule(settle=3, forget=3)
BOX = Box(0, 0, 64, 64)
ROOM = RegionRule("room", BOX)


def picture(text: str) -> Image:
    """Another one for each text, and black for none at all."""
    if text == "dark":
        return np.zeros((64, 64), np.uint8)
    return np.random.default_rng(int(text or 0)).integers(100, 256, (64, 64)).astype(np.uint8)


@dataclass
class Desk:
    """A live camera for ``count`` seconds. shows: what stands there, by second; "" is nothing. happens: what is done
    before a second's frame. read: the seconds in which the reader was asked. told: second and text of what was
    published and refused. lamp: the seconds in which it was switched, and whether it was on then."""

    count: int
    config: ReadConfig | None = None
    region: RegionRule | None = ROOM
    shows: Callable[[int], str] = lambda second: "42"
    happens: dict[int, Callable[[], object]] = field(default_factory=dict)
    demand: Demand = field(default_factory=Demand)
    confidence: float = 0.9
    new_regions: dict[int, list[RegionRule]] = field(default_factory=dict)
    read: list[int] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)
    fails: Callable[[int], bool] = lambda second: False
    has_lamp: bool = False
    switched: list[tuple[int, bool]] = field(default_factory=list)
    second: int = 0
    name: str = "desk"
    kind: Kind = "live"

    def run(self) -> Run:
        self._step = threading.Semaphore(1)
        # Faster than the seconds of this test, for what is too far from the clock is not believed.
        self._began = time.time() - 30.0
        desk = self

        class Noting(ReadingsInMemory):
            def publish(self, reading: Reading, picture: Image | None = None) -> None:
                desk.told.append((desk.second, reading.text))

            def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
                desk.told.append((desk.second, f"refused {refusal.text}"))

        return run(
            self,
            self._read,
            RULE,
            [Noting()],
            [self._next],
            stop=threading.Event(),
            regions=[] if self.region is None else [self.region],
            new_regions=lambda: self.new_regions.pop(self.second, None),
            turns=Turns(
                self.config,
                self.demand,
                lamp=Lamp(self, settle=2.0, wait=lambda seconds: pytest.fail("the loop stands still")),
                steady=lambda: float(self.second),
            )
            if self.has_lamp
            else Turns(self.config, self.demand, steady=lambda: float(self.second)),
        )

    def on(self) -> None:
        """As an output of gpiozero's does."""
        self.switched.append((self.second, True))

    def off(self) -> None:
        self.switched.append((self.second, False))

    def _read(self, image: Image) -> Page:
        self.read.append(self.second)
        if self.fails(self.second):
            self._step.release()
            raise ValueError("a bug")
        text = self.shows(self.second)
        return Page((Line(text, self.confidence, Box(5, 5, 20, 10), ()),), ()) if text else NOTHING

    def _next(self, frame: Frame, page: Page) -> None:
        """The loop is through with a frame."""
        self.second += 1
        self.happens.get(self.second, lambda: None)()
        self._step.release()

    def __iter__(self) -> Iterator[Frame]:
        for number in range(self.count):
            assert self._step.acquire(timeout=60)
            yield Frame(picture(self.shows(number)), number, self._began + 0.2 * number)

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def asked(desk: Desk, *seconds: int) -> list[tuple[int, list[str]]]:
    """When each question is answered, and with what."""
    answers: list[tuple[int, list[str]]] = []

    def ask() -> None:
        desk.demand.ask(lambda events: answers.append((desk.second, [event.text for event in events])))

    desk.happens |= dict.fromkeys(seconds, ask)
    desk.run()
    return answers


@pytest.mark.parametrize("region", [ROOM, None])
def test_whoever_asks_is_told_the_number_that_stands_there_and_it_is_published_again(region: RegionRule | None) -> None:
    desk = Desk(60, region=region)
    assert asked(desk, 30) == [(32, ["42"])]
    assert desk.told == [(2, "42"), (32, "42")]
    assert desk.read == [0, 1, 2, 3, 4, 30, 31, 32, *([33, 34] if len(desk.read) > 8 else [])]


def test_nothing_that_was_seen_before_the_question_answers_it() -> None:
    desk = Desk(60, shows=lambda second: "42" if second < 30 else "43")
    assert asked(desk, 30) == [(32, ["43"])]
    assert desk.told == [(2, "42"), (32, "43")]


def test_those_who_ask_while_it_reads_get_the_next_reading() -> None:
    assert asked(Desk(60), 30, 31) == [(32, ["42"]), (35, ["42"])]


def test_whoever_asks_for_a_number_that_is_wiped_meanwhile_is_told_that_it_is_gone() -> None:
    desk = Desk(60, shows=lambda second: "42" if second < 30 else "")
    assert asked(desk, 30) == [(34, [""])]
    assert desk.told == [(2, "42"), (32, "")]


def test_where_nothing_is_to_be_read_the_answer_is_that_there_is_nothing() -> None:
    assert asked(Desk(60, shows=lambda second: ""), 30) == [(34, [])]
    assert asked(Desk(60, shows=lambda second: "dark"), 30) == [(29 + MOST_WINDOWS * RULE.window, [])]


def test_a_number_that_breaks_the_rules_is_refused_again_to_whoever_asks() -> None:
    desk = Desk(60, region=RegionRule("room", BOX, digits=3))
    assert asked(desk, 30) == [(32, ["42"])]
    assert desk.told == [(2, "refused 42"), (32, "refused 42")]


def test_a_number_that_is_not_sure_enough_is_looked_at_as_long_as_it_may_take() -> None:
    desk = Desk(60, region=RegionRule("room", BOX, min_confidence=0.95))
    assert asked(desk, 30) == [(34, ["42"])]
    assert desk.told == [(2, "refused 42"), (32, "refused 42")]


def test_a_question_outlasts_regions_that_are_saved_meanwhile() -> None:
    desk = Desk(60, new_regions={31: [RegionRule("room", Box(1, 1, 60, 60))]})
    assert asked(desk, 30) == [(33, ["42"])]


def test_who_still_waits_when_the_run_ends_is_told_so() -> None:
    assert asked(Desk(31), 30) == [(31, [])]


def test_a_question_is_given_up_when_the_camera_delivers_nothing() -> None:
    answers: list[list[str]] = []
    demand, seconds = Demand(), iter([0.0, 9.0, 10.0, 10.5])
    turns = Turns(None, demand, timeout=10.0, steady=lambda: next(seconds))
    demand.ask(lambda events: answers.append([event.text for event in events]))
    for _ in range(3):
        turns.begin([])
    assert answers == []
    turns.begin([])
    assert answers == [[]]


def test_every_reads_only_so_often_and_tells_only_what_is_new() -> None:
    desk = Desk(100, ReadConfig(every=20), shows=lambda second: "42" if second < 50 else "43")
    outcome = desk.run()
    assert desk.read == [0, 1, 2, 20, 21, 22, 40, 41, 42, 60, 61, 62, 80, 81, 82]
    assert desk.told == [(2, "42"), (62, "43")]
    assert (outcome.frames, outcome.unchanged) == (100, 85)


def test_between_two_readings_it_can_be_asked() -> None:
    desk = Desk(60, ReadConfig(every=50))
    assert asked(desk, 30) == [(32, ["42"])]
    assert desk.read == [0, 1, 2, 30, 31, 32, 50, 51, 52]
    assert desk.told == [(2, "42"), (32, "42")]


def test_a_number_that_was_wiped_between_two_readings_is_gone_with_the_next_one() -> None:
    desk = Desk(60, ReadConfig(every=50), shows=lambda second: "42" if second < 20 else "")
    desk.run()
    assert desk.told == [(2, "42"), (52, "")]


def test_a_number_that_breaks_the_rules_is_refused_once_however_often_it_is_read() -> None:
    desk = Desk(100, ReadConfig(every=20), RegionRule("room", BOX, digits=3))
    desk.run()
    assert desk.told == [(2, "refused 42")]


def test_a_number_that_is_read_against_the_rules_again_and_again_is_accepted_in_the_end() -> None:
    desk = Desk(200, ReadConfig(every=20), RegionRule("room", BOX, digits=3, accept_after=3))
    desk.run()
    assert [text for _, text in desk.told] == ["refused 42", "42"]


def test_an_unchanged_value_is_repeated_if_that_is_wished() -> None:
    desk = Desk(300, ReadConfig(repeat=2))
    desk.run()
    assert desk.told == [(2, "42"), (124, "42"), (244, "42")]


def test_a_value_that_has_changed_is_repeated_only_when_it_is_old() -> None:
    desk = Desk(300, ReadConfig(repeat=2), shows=lambda second: "42" if second < 100 else "43")
    desk.run()
    assert desk.told == [(2, "42"), (102, "43"), (224, "43")]


def test_readings_at_times_are_repeated_by_the_same_rule() -> None:
    desk = Desk(300, ReadConfig(every=20, repeat=2))
    desk.run()
    assert desk.told == [(2, "42"), (122, "42"), (242, "42")]


def test_what_is_not_there_is_not_looked_for_all_the_time_to_repeat_it() -> None:
    desk = Desk(300, ReadConfig(repeat=2), shows=lambda second: "")
    desk.run()
    assert desk.told == []
    assert len(desk.read) == 3 * RULE.window


def test_the_lamp_is_on_for_each_reading_which_begins_when_its_light_has_settled() -> None:
    desk = Desk(59, ReadConfig(every=20), has_lamp=True)
    desk.run()
    assert desk.read == [2, 3, 4, 22, 23, 24, 42, 43, 44]
    assert desk.switched == [(0, True), (4, False), (20, True), (24, False), (40, True), (44, False)]


def test_the_lamp_is_on_for_whoever_asks() -> None:
    desk = Desk(60, ReadConfig(every=50), has_lamp=True)
    assert asked(desk, 30) == [(34, ["42"])]
    assert desk.switched[2:4] == [(30, True), (34, False)]


def test_the_lamp_goes_off_where_there_is_nothing_to_read() -> None:
    desk = Desk(60, ReadConfig(every=50), has_lamp=True, shows=lambda second: "dark")
    desk.run()
    assert desk.switched[:2] == [(0, True), (1 + MOST_WINDOWS * RULE.window, False)]


def test_the_lamp_goes_off_when_the_camera_delivers_nothing() -> None:
    desk = Desk(0)
    lamp = Lamp(desk, settle=2.0)
    turns = Turns(ReadConfig(every=60), lamp=lamp, timeout=10.0, steady=lambda: float(desk.second))
    for desk.second in (0, 1, 12, 13, 14):
        turns.begin([])
    assert desk.switched == [(0, True), (13, False)]


def test_the_lamp_goes_off_when_the_run_ends_in_the_middle_of_a_reading() -> None:
    desk = Desk(3, ReadConfig(every=20), has_lamp=True)
    desk.run()
    assert desk.switched == [(0, True), (3, False)]


def test_the_lamp_goes_off_when_the_reader_fails() -> None:
    desk = Desk(60, ReadConfig(every=3600), has_lamp=True, fails=lambda second: True)
    desk.run()
    assert [is_on for _, is_on in desk.switched] == [True, False]


def test_the_lamp_goes_off_when_the_run_fails() -> None:
    def fail() -> None:
        raise RuntimeError("a watcher")

    desk = Desk(60, ReadConfig(every=50), has_lamp=True, happens={3: fail})
    with pytest.raises(RuntimeError, match="a watcher"):
        desk.run()
    assert desk.switched == [(0, True), (3, False)]
