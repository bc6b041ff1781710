"""What the camera sees lies on its side or upside down: said once, with the setting that mends it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from device.orientation import OrientationNotice
from edge_digits.types import Box, Digit, Line, Page

DIGIT = Digit(7, 0.9, Box(1, 2, 3, 4))
LINE = Line("7", 0.9, DIGIT.box, (DIGIT,))


def _view(turn: float, lines: tuple[Line, ...] = (LINE,)) -> Any:
    return SimpleNamespace(page=Page(lines, (), turn))


@pytest.mark.parametrize(("turn", "rotate"), [(92.0, 270), (-178.0, 180), (177.0, 180), (-90.5, 90)])
def test_a_page_that_is_read_turned_is_said_with_the_setting_that_turns_it(
    turn: float, rotate: int, caplog: pytest.LogCaptureFixture
) -> None:
    OrientationNotice().say([_view(turn)])
    assert f"rotate = {rotate} " in caplog.text


def test_it_is_said_once_until_it_lies_otherwise(caplog: pytest.LogCaptureFixture) -> None:
    notice = OrientationNotice()
    for turn in (180.0, 179.0, 90.0, 91.0):
        notice.say([_view(turn)])
    assert len(caplog.records) == 2


@pytest.mark.parametrize("views", [[_view(3.0)], [_view(180.0, ())], [_view(180.0), _view(0.0)], []])
def test_nothing_is_said_of_a_page_that_lies_right_or_is_empty_or_where_regions_differ(
    views: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    OrientationNotice().say(views)
    assert not caplog.records
