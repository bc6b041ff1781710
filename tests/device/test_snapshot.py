"""Snapshots: a picture to aim by, and what would be read."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from device import __main__ as program
from device import snapshot
from device.config.regions import RegionRule
from device.snapshot import draw, verdict, write
from device.tracking.views import look_once
from edge_digits.errors import EdgeDigitsError
from edge_digits.page import Page
from edge_digits.types import Box, Digit, Frame, Image, Line, Refusal

PAGE = Page((Line("42", 0.9, Box(10, 10, 40, 20), (Digit(4, 0.9, Box(10, 10, 20, 20)),)),), ())


class Reader:
    def read(self, grey: Image) -> Page:
        return PAGE


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "open_reader", lambda model: Reader())


def numbers(ink: int = 40, paper: int = 200) -> Image:
    image = np.full((240, 320), paper, np.uint8)
    cv2.putText(image, "3141", (40, 140), cv2.FONT_HERSHEY_SIMPLEX, 2.5, (ink,), 6, cv2.LINE_AA)
    return image


def test_the_picture_keeps_the_coordinates_of_the_frame() -> None:
    image = numbers()
    regions = [RegionRule("score", Box(100, 100, 60, 40))]
    picture = draw(image, Page((), ()), [], regions, ["a line"], grid=True)
    assert picture.shape[1] == 320 and picture.shape[0] > 240
    border = np.argwhere((picture[:240] == (220, 120, 20)).all(axis=2))
    assert {(100, 100), (139, 159)} <= {tuple(place) for place in border.tolist()}
    assert (draw(image, Page((), ()), [], [], [], grid=False)[:240] == cv2.merge([image] * 3)).all()


def test_what_would_be_read_and_refused_is_said() -> None:
    frame = Frame(numbers(), 0, 0.0)
    regions = [RegionRule("a", Box(0, 0, 100, 100)), RegionRule("b", Box(100, 100, 99, 99), digits=3)]
    page, events = look_once(frame, Reader().read, regions)
    assert [line.box.x for line in page.lines] == [10, 110]
    assert [verdict(event).split("  ")[1:3] for event in events] == [
        ["a: 42", f"{events[0].confidence:.0%}"],
        ["b: 42", "refused: 2 digits, expected 3"],
    ]
    assert isinstance(events[1], Refusal)


def test_the_program_writes_it_and_says_what_it_shows(
    stand_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "page.png"), numbers())
    out = tmp_path / "aim.png"
    assert program.main(["snapshot", str(out), "--grid", "--source", f"file:{tmp_path / 'page.png'}"]) == 0
    picture = cv2.imread(str(out))
    assert picture is not None and picture.shape[1] == 320
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("320x240, focus ")
    assert second.startswith("  42  ") and second.endswith("at [10, 10, 40, 20]")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aim.png", "page.png"]


def test_watching_replaces_it_until_the_frames_end(
    stand_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbers())
    arguments = ["snapshot", str(tmp_path / "aim.jpg"), "--watch", "0.01", "--source", f"file:{tmp_path}"]
    assert program.main(arguments) == 1
    output = capsys.readouterr()
    assert output.out.count("focus") == 3
    assert output.err.endswith("has no further frame\n")


def test_a_live_camera_may_settle_first(stand_in: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "SETTLE_SECONDS", 0.5)
    began = time.monotonic()
    assert program.main(["snapshot", str(tmp_path / "aim.png"), "--source", "demo"]) == 0
    assert time.monotonic() - began > snapshot.SETTLE_SECONDS


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["aim.txt", "--source", "nowhere"], 2, "aim.txt: expected a name that ends in .png, .jpg, .jpeg, .bmp, "),
        ([".png", "--source", "nowhere"], 2, ".png: expected a name that ends in .png, "),
        (["aim.exr", "--source", "nowhere"], 2, "aim.exr: expected a name that ends in .png, "),
        (["aim.pgm", "--source", "nowhere"], 2, "aim.pgm: expected a name that ends in .png, "),
        (["aim.png", "--source", "webcam"], 2, "unknown source 'webcam'"),
        (["aim.png", "--source", "file:nowhere.png"], 1, "nowhere.png: no such file or folder"),
    ],
)
def test_what_is_wrong_is_one_line(
    stand_in: None, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    assert program.main(["snapshot", *arguments]) == status
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"edge-digits-camera: error: {message}")


def test_a_signal_ends_it_while_no_frame_comes_and_nothing_is_written(
    stand_in: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    monkeypatch.setattr(snapshot, "stop_on_signals", lambda: contextlib.nullcontext(stop))
    monkeypatch.setattr(snapshot, "SETTLE_SECONDS", 0.1)
    config = tmp_path / "camera.toml"
    config.write_text("source = 'demo'\n[camera]\nframe_rate = 0.1\n")
    began = time.monotonic()
    threading.Timer(1.0, stop.set).start()
    assert program.main(["snapshot", str(tmp_path / "aim.png"), "--watch", "--config", str(config)]) == 0
    assert time.monotonic() - began < 3.0
    assert list(tmp_path.iterdir()) == [config]


def test_a_signal_while_a_frame_is_read_leaves_the_picture_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    class Interrupted(Reader):
        def read(self, grey: Image) -> Page:
            stop.set()
            return super().read(grey)

    monkeypatch.setattr(snapshot, "stop_on_signals", lambda: contextlib.nullcontext(stop))
    monkeypatch.setattr(program, "open_reader", lambda model: Interrupted())
    cv2.imwrite(str(tmp_path / "page.png"), numbers())
    arguments = ["snapshot", str(tmp_path / "aim.png"), "--watch", "--source", f"file:{tmp_path / 'page.png'}"]
    assert program.main(arguments) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["page.png"]


@pytest.mark.parametrize("kind", snapshot.KINDS)
def test_every_kind_that_is_named_can_be_written(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"aim{kind.upper()}"
    write(path, draw(numbers(), PAGE, [], [], ["a line"], grid=True))
    picture = cv2.imread(str(path))
    assert picture is not None and picture.shape[1] == 320


def test_a_picture_that_is_too_large_for_its_kind_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EdgeDigitsError, match=r"aim\.webp: a picture of 20000x8 cannot be written as \.webp$"):
        write(tmp_path / "aim.webp", np.zeros((8, 20_000, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan"])
def test_a_pause_that_is_none_is_named(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["snapshot", "aim.png", "--source", "demo", f"--watch={seconds}"])
    assert ended.value.code == 2
    assert f"argument --watch: expected seconds, more than 0 and less than a day, not '{seconds}'" in (
        capsys.readouterr().err
    )


def test_a_picture_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EdgeDigitsError, match=r"aim\.png: No such file or directory$"):
        write(tmp_path / "missing" / "aim.png", np.zeros((4, 4, 3), np.uint8))


def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"not a picture")
    (tmp_path / "aim.png").symlink_to(precious)
    with pytest.raises(EdgeDigitsError, match=r"aim\.png: is a symbolic link, through which nothing is written$"):
        write(tmp_path / "aim.png", np.zeros((4, 4, 3), np.uint8))
    assert precious.read_bytes() == b"not a picture"


def test_a_model_that_there_is_not_is_a_wrong_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "camera.toml"
    config.write_text('source = "demo"\nmodel = "none"\n')
    aim = str(tmp_path / "aim.png")
    assert program.main(["snapshot", aim, "--config", str(config)]) == 2
    assert program.main(["snapshot", aim, "--model", "none"]) == 2
    from_file, from_option = capsys.readouterr().err.splitlines()
    assert from_file.startswith(f"edge-digits-camera: error: {config}:2: model: none: no such model: expected auto")
    assert from_option.startswith("edge-digits-camera: error: --model: none: no such model: expected auto")


def test_the_value_stands_beside_the_text_where_it_says_something_else() -> None:
    frame = Frame(numbers(), 0, 1e9)
    for decimals, said in ((2, "a: 42 = 0.42"), (None, "a: 42")):
        region = RegionRule("a", Box(0, 0, 320, 240), decimals=decimals)
        [event] = look_once(frame, Reader().read, [region])[1]
        assert verdict(event).strip().split("  ")[0] == said
