"""The command lines of the programs that measure with the demo camera: bad input is one line that names the option."""

from __future__ import annotations

import importlib

import pytest

PROGRAMS = {
    "device.calibrate": ["--pages", "1"],
    "docs.results.measurements": ["still"],
    "docs.results.soak": ["--frames", "10"],
    "docs.results.web": ["viewers"],
}


def run(name: str, words: list[str]) -> int:
    """The program's own ``main``."""
    found = importlib.import_module(name)
    return (found if hasattr(found, "main") else importlib.import_module(f"{name}.__main__")).main(words)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--width", "0"], "--width: expected 64 to 8192, not 0"),
        (["--height", "-480"], "--height: expected 64 to 8192, not -480"),
    ],
)
def test_frames_that_no_camera_delivers_are_refused(
    name: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, [*PROGRAMS[name], *words]) == 2
    assert capsys.readouterr().err == f"python -m {name}: error: {said}\n"


@pytest.mark.parametrize(
    ("name", "words", "option"),
    [
        ("docs.results.measurements", ["latency", "--frame-rate", "nan"], "--frame-rate"),
        ("docs.results.measurements", ["latency", "--seconds", "0"], "--seconds"),
        ("docs.results.web", ["uploads", "--seconds", "-1"], "--seconds"),
        ("docs.results.soak", ["--frames", "0"], "--frames"),
        ("device.calibrate", ["--pages", "0"], "--pages"),
    ],
)
def test_nothing_cannot_be_measured(
    name: str, words: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, words) == 2
    assert capsys.readouterr().err.startswith(f"python -m {name}: error: {option}: expected ")


@pytest.mark.parametrize("name", ["docs.results.measurements", "docs.results.soak", "device.calibrate"])
def test_a_model_that_is_not_there_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, [*PROGRAMS[name], "--model", "no.tflite"]) == 1
    assert capsys.readouterr().err.startswith(f"python -m {name}: error: no.tflite: no such model")


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_fits_a_screen_and_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(name, ["--help"])
    text = capsys.readouterr().out
    assert f"python -m {name} " in text.partition("example")[2]
    assert len(text.splitlines()) <= 30
