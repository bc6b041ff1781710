"""Promises of train.evaluate.sweep: one number moves at a time, and everything is as it was afterwards."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.page import Page
from edge_digits.synthesis.page import make_page
from edge_digits.types import Box, Digit, Line
from train.evaluate import sweep
from train.evaluate.photographs import Read
from train.evaluate.sweep import Number, Overrides


@dataclass(frozen=True)
class _Settings:
    share: float = 0.5
    pixels: int = 10
    name: str = "not a number"


SETTINGS = _Settings()


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with settings."""
    module = ModuleType("settings_of_a_test")
    module.__dict__["SETTINGS"] = SETTINGS
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


def _used(settings: _Settings = SETTINGS) -> float:
    """As the reader's own functions have it: the settings are a default argument."""
    return settings.share


def _read(overrides: Overrides) -> Sequence[Read]:
    """A picture that is read rightly unless the share is above its own."""
    text = "1" if any(value > 0.5 and number.field == "share" for number, value in overrides.items()) else "7"
    page = Page((Line(text, 0.9, Box(0, 0, 1, 1), (Digit(int(text), 0.9, Box(0, 0, 1, 1)),)),), ())
    return [Read(LabelledPicture(Path("a.png"), ("7",), "lines", "plain", "a", "tune"), page)]


def test_every_number_of_the_settings_is_moved_and_whole_ones_stay_whole(place: str) -> None:
    share, pixels = sweep.numbers([place])
    assert (share.field, pixels.field) == ("share", "pixels")
    assert pixels.values == [5, 7, 8, 10, 12, 14, 20]
    assert share.values[0] == 0.25 and 0.5 in share.values and share.values[-1] == 1.0


def test_the_settings_that_exist_have_numbers() -> None:
    titles = {number.title for number in sweep.numbers()}
    assert {"component_tree.lowest", "maps.small_side", "cascade.least_first", "read_page.plain"} <= titles


def test_the_table_shows_where_the_figures_turn(place: str, tmp_path: Path) -> None:
    text = sweep.run(_read, sweep.numbers([place]), tmp_path / "out")
    assert "| settings_of_a_test.share | own | 0.5 | 0.00 | 0.00 | 100.00 | 0 |" in text
    assert "| settings_of_a_test.share |  | 0.6 | 100.00 | 100.00 | 0.00 | 0 |" in text
    assert "| settings_of_a_test.pixels |  | 20 | 0.00 | 0.00 | 100.00 | 0 |" in text
    assert (tmp_path / "out" / "sweep.md").read_text() == text
    assert (tmp_path / "out" / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_read_in_between_sees_the_other_value_and_what_is_read_after_does_not(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(sweep, "opening", lambda name: partial(_Watching, seen))
    page = make_page(np.random.default_rng(0), 320, 240, texts=["12"], digit_height=40, others=False)
    cv2.imwrite(str(tmp_path / "page.png"), page.image)
    shots = [LabelledPicture(tmp_path / "page.png", ("12",), "lines", "plain", "a", "tune")]
    sweep.read_with(shots, {Number(place, "share"): 0.9})
    sweep.read_with(shots, {})
    assert seen == ["opened with 0.5", 0.9, "opened with 0.5", 0.5]


class _Watching:
    """A reader that notes the setting with which it was opened and reads: a model is refused behind another one."""

    def __init__(self, seen: list[object]) -> None:
        self._seen = seen
        seen.append(f"opened with {_used()}")

    def read(self, grey: object) -> Page:
        self._seen.append(_used())
        return Page((), ())
