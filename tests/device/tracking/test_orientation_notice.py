"""What the camera sees lies on its side or upside down: said once, with the setting that mends it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from device.cameras.geometry import Geometry
from device.config.camera import Flip, Rotation
from device.tracking.orientation import OrientationNotice
from edge_digits.page import Page
from edge_digits.synthesis.page import make_page
from edge_digits.types import Box, Digit, Line

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


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["none", "horizontal", "vertical"])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_the_setting_is_the_one_that_turns_the_picture_as_it_is_set_now(
    rotate: Rotation, flip: Flip, quarters: int, caplog: pytest.LogCaptureFixture
) -> None:
    now = Geometry(rotate, flip)
    OrientationNotice(lambda: now).say([_view(90.0 * quarters)])
    [said] = re.findall(r"rotate = (\d+)", caplog.text)
    taken = np.arange(12, dtype=np.uint8).reshape(3, 4)
    mended = replace(now, rotate=int(said)).apply(taken)
    assert np.array_equal(mended, np.rot90(now.apply(taken), quarters))


@pytest.mark.slow
def test_the_program_says_the_setting_for_its_camera_as_that_is_set(tmp_path: Path) -> None:
    page = make_page(np.random.default_rng(2), 640, 480, kind="plain", texts=["7352"], digit_height=60, others=False)
    cv2.imwrite(str(tmp_path / "page.png"), np.rot90(page.image, 2))
    config = tmp_path / "camera.toml"
    config.write_text(f"source = 'file:{tmp_path}/page.png'\n[camera]\nrotate = 90\n")
    # Upside down and then turned to the right, so it lies turned by three quarters.
    command = [sys.executable, "-m", "device", "--config", str(config)]
    assert "rotate = 180 " in subprocess.run(command, capture_output=True, text=True, check=True).stderr


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
