"""Recordings as cameras: every frame of a video, every picture of a folder, and damage said plainly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from device.cameras.files import StillsCamera, VideoCamera, open_file
from edge_digits.errors import CameraError


def write_picture(path: Path, level: int = 200) -> Path:
    assert cv2.imwrite(str(path), np.full((48, 64), level, np.uint8))
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """30 frames of 320×240 at 15 a second, each of one grey level: 8 times its number."""
    path = tmp_path / "page.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (320, 240))
    for number in range(30):
        writer.write(np.full((240, 320, 3), 8 * number, np.uint8))
    writer.release()
    return path


def test_every_frame_of_a_video_comes_in_grey_and_in_order(video: Path) -> None:
    with open_file(video) as camera:
        frames = list(camera)
    assert [frame.number for frame in frames] == list(range(30))
    assert {(frame.image.shape, frame.image.dtype) for frame in frames} == {((240, 320), np.dtype(np.uint8))}
    assert all(abs(int(frame.image.mean()) - 8 * frame.number) <= 3 for frame in frames)


def test_the_times_of_a_video_are_those_of_its_frame_rate(video: Path) -> None:
    with VideoCamera(video, clock=lambda: 1000.0) as camera:
        times = [frame.time for frame in camera]
    assert times == pytest.approx([1000.0 + number / 15 for number in range(30)], abs=0.01)


def test_a_file_that_is_no_video_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "corrupt.mp4"
    path.write_bytes(b"this is no video" * 1000)
    with pytest.raises(CameraError, match=r"corrupt\.mp4: not a video that can be decoded, or it is damaged$"):
        open_file(path)


def test_a_video_that_breaks_off_gives_its_frames_and_then_an_error(video: Path) -> None:
    data = video.read_bytes()
    video.write_bytes(data[: len(data) // 2])
    frames = []
    with pytest.raises(CameraError, match=r"ends after \d+ of 30 frames; the file is damaged"):
        frames += iter(open_file(video))


def test_a_video_without_any_frame_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.avi"
    cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (320, 240)).release()
    with pytest.raises(CameraError, match=r"empty\.avi"):
        list(open_file(path))


def test_closing_a_video_ends_it(video: Path) -> None:
    camera = open_file(video)
    stream = iter(camera)
    next(stream)
    camera.close()
    assert list(stream) == []


def test_the_pictures_of_a_folder_come_by_name_and_nothing_else_does(tmp_path: Path) -> None:
    for name, level in (("b.png", 20), ("a.jpg", 10), ("c.PNG", 30)):
        write_picture(tmp_path / name, level)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "deeper").mkdir()
    write_picture(tmp_path / "deeper" / "d.png")
    with open_file(tmp_path) as camera:
        assert [(frame.number, int(frame.image[0, 0])) for frame in camera] == [(0, 10), (1, 20), (2, 30)]
    assert camera.kind == "stills"


def test_one_picture_is_one_frame(tmp_path: Path) -> None:
    with StillsCamera("page", [write_picture(tmp_path / "page.png", 7)], clock=lambda: 12.5) as camera:
        [frame] = camera
    assert (int(frame.image[0, 0]), frame.time) == (7, 12.5)


def test_a_damaged_picture_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(b"no picture")
    with pytest.raises(CameraError, match=r"page\.jpg"):
        list(open_file(path))


def test_a_damaged_picture_in_a_folder_does_not_keep_the_others_from_being_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    write_picture(tmp_path / "c.png")
    stream = iter(open_file(tmp_path))
    assert [next(stream).number, next(stream).number] == [0, 1]
    with pytest.raises(CameraError, match="1 of 3 pictures could not be read"):
        next(stream)
    assert "b.png" in caplog.text


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="no pictures in this folder"):
        open_file(tmp_path)
