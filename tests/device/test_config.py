"""The configuration file: what it sets, and errors that name the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.cameras import CameraSettings
from device.config import Config, load_config, override
from device.tracking import TrackingRule
from edge_digits.errors import ConfigError

EVERYTHING = """
source = "picamera:0"
model = "cnn"
sinks = ["console", "jsonl:readings.jsonl"]
duration = 60
draw = "frames"

[camera]
width = 640
height = 480
frame_rate = 7.5

[tracking]
settle = 3
forget = 9
overlap = 0.5
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "reader.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")) == Config()


def test_every_key_is_set(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, EVERYTHING)) == Config(
        "picamera:0",
        "cnn",
        ("console", "jsonl:readings.jsonl"),
        60.0,
        Path("frames"),
        CameraSettings(640, 480, 7.5),
        TrackingRule(3, 9, 0.5),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "sauce = 'demo'",
            "sauce: unknown key; expected one of source, model, sinks, duration, draw, camera, tracking, ",
        ),
        ("[tracking]\nsetle = 3", "tracking.setle: unknown key; expected one of settle, forget, overlap"),
        ("[cameras]", "cameras: unknown key; expected one of source"),
        ("source = 0", "source: expected text, not 0"),
        ("sinks = 'console'", "sinks: expected a list of text, not 'console'"),
        ("sinks = []", "sinks: expected a list of text, not []"),
        ("sinks = [1]", "sinks: expected a list of text, not [1]"),
        ("draw = ''", "draw: expected a path, not ''"),
        ("duration = 'long'", "duration: expected a number, not 'long'"),
        ("duration = -1", "duration: expected at least 0, not -1"),
        ("duration = nan", "duration: expected at least 0, not nan"),
        ("camera = 3", "camera: expected a table, [camera], not 3"),
        ("[camera]\nwidth = 640.0", "camera.width: expected a whole number, not 640.0"),
        ("[camera]\nframe_rate = 0", "camera.frame_rate: expected 0.1 to 240, not 0"),
        ("[tracking]\nsettle = true", "tracking.settle: expected a whole number, not True"),
        ("[tracking]\nsettle = 0", "tracking.settle: expected 1 to 1000, not 0"),
        ("[tracking]\noverlap = 2", "tracking.overlap: expected 0.01 to 1, not 2"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "source = 'demo'\nmodel = \n")
    with pytest.raises(ConfigError, match=r"reader\.toml: not valid TOML: .*line 2"):
        load_config(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: No such file or directory$"):
        load_config(tmp_path / "none.toml")


def test_options_override_the_file_where_they_are_given(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, EVERYTHING))
    changed = override(config, {"source": "demo", "model": None, "sinks": ["jsonl:-"], "duration": 5.0})
    assert (changed.source, changed.model, changed.sinks, changed.duration) == ("demo", "cnn", ("jsonl:-",), 5.0)
    assert changed.camera == config.camera


def test_an_option_out_of_range_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^--duration: expected at least 0, not -1\.0$"):
        override(Config(), {"duration": -1.0})


@given(st.text(max_size=80))
def test_any_text_is_a_config_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        assert isinstance(load_config(path), Config)
    except ConfigError as error:
        assert str(error).startswith(str(path))
