"""Frames on disk: a disk that is full costs frames and one line in the log, and nothing else."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from device import drawing
from device.drawing import SETTLED_SECONDS, FrameWriter
from edge_digits.errors import EdgeDigitsError
from edge_digits.page import Page
from edge_digits.system.atomic_write import atomic_write
from edge_digits.types import Frame


def frame(number: int) -> Frame:
    return Frame(np.full((48, 64), 200, np.uint8), number, 0.0)


def fill(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> None:
    """Let these frames find no room."""

    def write(path: Path, data: bytes) -> None:
        if int(path.stem) in numbers:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        atomic_write(path, data)

    monkeypatch.setattr(drawing, "atomic_write", write)


def test_a_full_disk_is_said_once_and_its_end_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(monkeypatch, 0, 1, 3)
    now = 0.0
    writer = FrameWriter(tmp_path, clock=lambda: now)
    for number in range(5):
        writer.watch(frame(number), Page((), ()))
    now = SETTLED_SECONDS + 1
    for number in range(5, 8):
        writer.watch(frame(number), Page((), ()))
    assert caplog.messages == [
        f"draw:{tmp_path}: 000000.jpg cannot be written (No space left on device); reading goes on",
        f"draw:{tmp_path}: is written again; 3 frames are missing",
    ]


def test_a_symbolic_link_is_not_followed_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"not a picture")
    frames = tmp_path / "frames"
    writer = FrameWriter(frames)
    (frames / "000000.jpg").symlink_to(precious)
    writer.watch(frame(0), Page((), ()))
    assert precious.read_bytes() == b"not a picture"
    assert "000000.jpg cannot be written (is a symbolic link, through which nothing is written)" in caplog.text


def test_only_whole_pictures_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch, 1)
    writer = FrameWriter(tmp_path)
    for number in range(3):
        writer.watch(frame(number), Page((), ()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000.jpg", "000002.jpg"]
    assert all(cv2.imread(str(path)) is not None for path in tmp_path.iterdir())


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EdgeDigitsError, match=r"file/frames: cannot be made a folder for frames: Not a directory$"):
        FrameWriter(tmp_path / "file" / "frames")
