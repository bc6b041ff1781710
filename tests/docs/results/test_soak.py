"""Long runs and damaged frames, in short: the command that does it at length is the same code."""

from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from device.config.camera import CameraSettings
from docs.results import soak
from docs.results.soak import DAMAGES, DamagedCamera, UnpacedCamera, stub_reader
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.types import Frame, Image

SMALL = CameraSettings(160, 120, 15.0)


def test_neither_memory_nor_threads_nor_files_grow(tmp_path: Path) -> None:
    result = soak.soak(UnpacedCamera(SMALL, 1200), stub_reader(), 1200, tmp_path)
    assert result.run.frames == 1200
    assert result.published > 10
    assert (result.threads, result.files) == (0, 0)
    assert result.growth < soak.MOST_GROWTH
    assert result.passed


def test_damaged_frames_do_not_end_a_run(tmp_path: Path) -> None:
    result = soak.soak(DamagedCamera(SMALL, 500), stub_reader(), 500, tmp_path)
    assert result.run.failure is None
    assert result.run.frames == 500
    assert result.published > 3


def test_the_reader_takes_every_damaged_frame() -> None:
    rng = np.random.default_rng(0)
    read = open_reader().read
    frame = Frame(UnpacedCamera(SMALL, 1)._demo.photograph(20).image, 0, 1e9)
    for damage in DAMAGES * 5:
        image = damage(rng, frame).image
        if image.ndim == 2 and image.size:
            assert read(image) is not None


def test_a_frame_full_of_specks_takes_little_memory() -> None:
    read = open_reader().read
    noise = np.random.default_rng(0).integers(0, 256, (480, 640)).astype(np.uint8)
    read(noise)
    tracemalloc.start()
    read(noise)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 14e6


def test_memory_that_grows_is_found(tmp_path: Path) -> None:
    kept: list[np.ndarray] = []

    def leaking(image: Image) -> Page:
        kept.append(np.ones(20_000))
        return Page((), ())

    result = soak.soak(UnpacedCamera(SMALL, 1000), leaking, 1000, tmp_path)
    assert result.growth > 10
    assert not result.passed


def test_a_thread_that_stays_is_found(tmp_path: Path) -> None:
    end = threading.Event()
    # Other tests may have left some.
    most = threading.active_count() + 10

    def careless(image: Image) -> Page:
        if threading.active_count() < most:
            threading.Thread(target=end.wait, daemon=True).start()
        return Page((), ())

    result = soak.soak(UnpacedCamera(SMALL, 20), careless, 20, tmp_path)
    end.set()
    assert result.threads > 0
    assert not result.passed


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_every_damage_is_one(damage: soak.Damage) -> None:
    frame = Frame(UnpacedCamera(SMALL, 1)._demo.photograph(20).image, 0, 1e9)
    damaged = damage(np.random.default_rng(0), frame)
    assert damaged.time != frame.time or not np.array_equal(damaged.image, frame.image)


def test_the_command_says_how_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--frames", "60", "--stub", "--width", "160", "--height", "120"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("60 of 60 frames in ")
    assert lines[-1] == "passed"
