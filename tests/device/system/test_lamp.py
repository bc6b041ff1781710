"""The lamp, on gpiozero's mock pins: on before what is done in its light, off after it, whatever happens."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import gpiozero
import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory

from device import __main__ as program
from device import drawing
from device.config.reading import LampConfig
from device.system.lamp import open_lamp
from edge_digits.errors import CameraError, EdgeDigitsError
from edge_digits.page import Page
from edge_digits.types import Image

PIN = 17


@pytest.fixture(autouse=True)
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(gpiozero.Device, "pin_factory", MockFactory())
    yield
    _factory().reset()


def _factory() -> MockFactory:
    assert isinstance(gpiozero.Device.pin_factory, MockFactory)
    return gpiozero.Device.pin_factory


def level() -> int | None:
    """Of the pin; None if nobody drives it."""
    pin = _factory().pin(PIN)
    return pin.state if pin.function == "output" else None


@pytest.mark.parametrize("active_high", [True, False])
def test_it_is_on_while_its_light_is_needed_and_off_before_and_after(active_high: bool) -> None:
    on, off = int(active_high), int(not active_high)
    with open_lamp(LampConfig(PIN, active_high, settle=0.0)) as lamp:
        for _ in range(2):
            assert level() == off
            with lamp.lit():
                assert level() == on
        assert level() == off
    assert level() is None


def test_its_light_settles_before_anything_is_done_in_it() -> None:
    waited: list[tuple[float, int | None]] = []
    with open_lamp(LampConfig(PIN, settle=1.5), wait=lambda seconds: waited.append((seconds, level()))) as lamp:
        assert waited == []
        with lamp.lit():
            assert waited == [(1.5, 1)]


def test_the_outermost_of_nested_uses_switches() -> None:
    waited: list[float] = []
    with open_lamp(LampConfig(PIN), wait=waited.append) as lamp, lamp.lit():
        with lamp.lit():
            pass
        assert (level(), len(waited)) == (1, 1)


def test_it_goes_off_when_what_is_done_in_its_light_fails() -> None:
    with open_lamp(LampConfig(PIN, settle=0.0)) as lamp:
        with pytest.raises(CameraError), lamp.lit():
            raise CameraError("unplugged")
        assert level() == 0


def test_without_a_lamp_nothing_is_switched_or_waited_for() -> None:
    with open_lamp(None, wait=lambda seconds: pytest.fail("waited")) as lamp, lamp.lit():
        pass


def test_a_pin_that_is_taken_and_a_computer_without_pins_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        open_lamp(LampConfig(PIN)),
        pytest.raises(EdgeDigitsError, match=r"^lamp: GPIO 17 cannot be used: pin GPIO17 "),
    ):
        open_lamp(LampConfig(PIN))
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "native")
    with pytest.raises(EdgeDigitsError, match=r"^lamp: GPIO 17 cannot be used: ") as caught:
        open_lamp(LampConfig(PIN))
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(gpiozero.Device, "pin_factory", MockFactory())


def test_without_gpiozero_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(EdgeDigitsError, match=r"^lamp: needs gpiozero: sudo apt install python3-gpiozero"):
        open_lamp(LampConfig(PIN))


@pytest.mark.parametrize("command", [[], ["snapshot", "OUT"], ["--check"]], ids=["run", "snapshot", "check"])
def test_the_program_reads_in_its_light(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int | None] = []

    class Reader:
        def read(self, grey: Image) -> Page:
            seen.append(level())
            return Page((), ())

    monkeypatch.setattr(program, "open_reader", lambda model: Reader())
    cv2.imwrite(str(tmp_path / "page.png"), np.full((48, 64), 200, np.uint8))
    config = tmp_path / "camera.toml"
    config.write_text(f"source = 'file:{tmp_path}/page.png'\n[lamp]\npin = {PIN}\nsettle = 0\n")
    given = [str(tmp_path / "aim.png") if word == "OUT" else word for word in command]
    assert program.main([*given, "--config", str(config)]) == 0
    assert level() is None
    if command != ["--check"]:
        # The check reads for its time alone, when the camera's test is over.
        assert set(seen) == {1}


def test_between_two_readings_it_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int | None] = []
    between: list[int | None] = []

    class Reader:
        def read(self, grey: Image) -> Page:
            seen.append(level())
            return Page((), ())

    monkeypatch.setattr(program, "open_reader", lambda model: Reader())
    monkeypatch.setattr(drawing.FrameWriter, "watch", lambda writer, frame, page: between.append(level()))
    config = tmp_path / "camera.toml"
    config.write_text(
        f"source = 'demo'\nduration = 1\ndraw = '{tmp_path}'\n[read]\nevery = 3600\n[lamp]\npin = {PIN}\nsettle = 0\n"
    )
    assert program.main(["--config", str(config)]) == 0
    assert set(seen) == {1}
    assert between[-1] == 0
    assert level() is None
