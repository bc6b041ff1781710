"""The demo camera: the same pictures for the same seed, in time, with the truth about what is written."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from device.cameras.demo import DESK_SECONDS, PAGE_SECONDS, DemoCamera
from device.config.camera import CameraSettings
from edge_digits.reader import open_reader

FAST = CameraSettings(320, 240, 50)
PAGE = round(PAGE_SECONDS * FAST.frame_rate)
DESK = round(DESK_SECONDS * FAST.frame_rate)


def test_a_frame_depends_on_seed_and_number_only() -> None:
    one, other = DemoCamera(FAST, seed=3), DemoCamera(FAST, seed=3)
    other.photograph(2 * PAGE + DESK)
    for number in (0, DESK, PAGE - 1, PAGE + DESK):
        assert (one.photograph(number).image == other.photograph(number).image).all()
    assert (DemoCamera(FAST, seed=4).photograph(DESK).image != one.photograph(DESK).image).any()


def test_frames_have_the_size_that_was_asked_for() -> None:
    image = DemoCamera(CameraSettings(322, 200)).photograph(0).image
    assert (image.shape, image.dtype) == ((200, 322), np.uint8)


def test_every_page_holds_numbers_wholly_in_the_picture_after_an_empty_desk() -> None:
    camera = DemoCamera(FAST)
    for index in range(5):
        assert camera.photograph(index * PAGE).lines == ()
        for place in (DESK, (DESK + PAGE) // 2, PAGE - 1):
            page = camera.photograph(index * PAGE + place)
            assert 2 <= len(page.lines) <= 4
            assert not page.cut
            assert all(character in "0123456789 " for line in page.lines for character in line.text)


def test_a_page_moves_slowly() -> None:
    camera = DemoCamera(FAST)
    places = [camera.photograph(number).lines[0].box for number in range(DESK, PAGE)]
    steps = [max(abs(a.x - b.x), abs(a.y - b.y)) for a, b in itertools.pairwise(places)]
    assert max(steps) <= 2
    assert max(abs(a.x - b.x) + abs(a.y - b.y) for a in places for b in places) >= 3


def test_frames_come_at_the_frame_rate() -> None:
    with DemoCamera(FAST) as camera:
        began = time.time()
        frames = list(itertools.islice(camera, 20))
    assert frames[-1].number >= 19
    assert 0.9 * frames[-1].number / FAST.frame_rate <= frames[-1].time - began
    assert began <= frames[0].time <= frames[-1].time <= time.time()


def test_a_camera_that_cannot_keep_up_misses_frames_but_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    photograph = DemoCamera.photograph

    def slow(self: DemoCamera, number: int):
        time.sleep(0.05)
        return photograph(self, number)

    monkeypatch.setattr(DemoCamera, "photograph", slow)
    with DemoCamera(FAST) as camera:
        numbers = [frame.number for frame in itertools.islice(camera, 10)]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] >= 15


class Clock:
    """Its time passes only where the camera waits for the next frame, which no machine then misses."""

    now = 1e9

    def monotonic(self) -> float:
        return self.now

    time = monotonic

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False

    def is_set(self) -> bool:
        return False

    def set(self) -> None:
        """Nothing waits."""


def test_shown_pages_are_those_that_were_seen_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("device.cameras.demo.time", clock)
    monkeypatch.setattr("device.cameras.demo.PAGE_SECONDS", 0.6)
    monkeypatch.setattr("device.cameras.demo.DESK_SECONDS", 0.1)
    with DemoCamera(FAST) as camera:
        monkeypatch.setattr(camera, "_closed", clock)
        for frame in camera:
            if frame.number >= 66:
                break
    [first, second] = camera.shown()
    assert first.begin < first.end < second.begin < second.end
    texts = [line.text for line in camera.photograph(5).lines]
    assert [line.text for line in first.lines] == texts


def test_closing_ends_the_wait_for_the_next_frame() -> None:
    with DemoCamera(CameraSettings(320, 240, 0.1)) as camera:
        stream = iter(camera)
        next(stream)
        camera.close()
        assert list(stream) == []


@pytest.mark.slow
def test_the_numbers_of_the_first_pages_are_read_in_nearly_every_frame() -> None:
    """Frames vote: one of nine may have a ``?`` too many."""
    settings = CameraSettings()
    camera, reader = DemoCamera(settings), open_reader()
    wrong = []
    for page in range(3):
        for moment in (0.4, 0.6, 0.8):
            shown = camera.photograph(round((page + moment) * PAGE_SECONDS * settings.frame_rate))
            read = [line.text.replace(" ", "") for line in reader.read(shown.image).lines]
            if read != [line.text.replace(" ", "") for line in shown.lines]:
                wrong.append((page, moment, read))
    assert len(wrong) <= 1, wrong


def test_a_number_in_a_region_of_its_own_is_read_as_on_its_page() -> None:
    """Enlarged as it is, its straight strokes are as long as the region is high, and lines no more than on the page."""
    frame = DemoCamera(CameraSettings(640, 480, 10)).photograph(55).image
    reader = open_reader()
    assert "720" in [line.text for line in reader.read(frame).lines]
    assert [line.text for line in reader.read(frame[150:240, 60:260]).lines] == ["720"]
