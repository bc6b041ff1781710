"""Drift: regions follow what is around them, are not read while it is not sure where they are, and people are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn_scenes import HEIGHT, WIDTH, Scene, draw_scene, moved_corners, random_motion

from device.config.regions import RegionRule
from device.scene.drift import EVERY, PATIENCE, WORN_SECONDS, Drift
from device.scene.motion import STILL, Motion
from device.scene.status import Outline
from edge_digits.types import Box, Frame, Image

PIXELS = 3.0
"""By which a region may be off: TOLERANCE and what registration makes of noise."""


class Watched:
    """A scene, and what follows its region; frames are ten seconds apart, so that each is looked at."""

    def __init__(self, kind: str = "sheet", seed: int = 0, path: Path | None = None) -> None:
        self.rng = np.random.default_rng([9, seed])
        self.scene = draw_scene(self.rng, kind)
        self.region = RegionRule("a", self.scene.region)
        self.drift = Drift([self.region], path)
        self.time = 1e9
        self.number = 0

    def see(self, motion: Motion = STILL, times: int = 1, scene: Scene | None = None, step: float = 10.0) -> None:
        for _ in range(times):
            self.drift.follow(self.frame((scene or self.scene).photographed(self.rng, motion), step))

    def frame(self, image: Image, step: float = 10.0) -> Frame:
        self.time += step
        self.number += 1
        return Frame(image, self.number, self.time)

    @property
    def motion(self) -> Motion | None:
        return self.drift.motion(self.region)

    def is_at(self, motion: Motion) -> bool:
        return self.motion is not None and moved_corners(self.motion, motion, self.scene.region) < PIXELS


@pytest.fixture
def watched() -> Watched:
    """One that has its reference."""
    made = Watched()
    made.see(times=2)
    assert made.drift.status.state == "following"
    return made


@pytest.mark.parametrize(
    "kind", ["sheet", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("meter", "board"))]
)
def test_regions_follow_shifts_and_turns(kind: str) -> None:
    watched = Watched(kind, seed=1)
    watched.see(times=2)
    for _ in range(3):
        motion = random_motion(watched.rng)
        watched.see(motion)
        assert watched.is_at(motion)


def test_a_region_that_has_not_moved_keeps_its_very_place(watched: Watched) -> None:
    watched.see(times=5)
    assert watched.motion is STILL
    assert not watched.drift.may_have_moved(watched.region)
    box = watched.scene.region
    x, y, right, bottom = (float(side) for side in (box.x, box.y, box.right, box.bottom))
    assert watched.drift.status.outlines == {"a": Outline(box, [[x, y], [right, y], [right, bottom], [x, bottom]])}


def test_a_frame_in_which_the_scene_has_moved_is_not_sure_and_the_next_is(watched: Watched) -> None:
    motion = Motion(shift_x=30.0, shift_y=-12.0)
    before = watched.motion
    for expected in (False, True):
        frame = watched.frame(watched.scene.photographed(watched.rng, motion), step=0.1)
        watched.drift.follow(frame)
        assert watched.drift.is_sure(frame, watched.region, watched.motion if expected else before) == expected
    assert watched.is_at(motion)


def test_a_still_scene_is_not_looked_at_with_every_frame(watched: Watched) -> None:
    watched.see(Motion(shift_x=30.0), times=20, step=EVERY / 50)
    assert watched.motion is STILL
    watched.see(Motion(shift_x=30.0), step=EVERY)
    assert watched.is_at(Motion(shift_x=30.0))


def test_a_clock_that_is_set_back_does_not_keep_it_from_looking(watched: Watched) -> None:
    watched.see(Motion(shift_x=30.0), step=-1e6)
    assert watched.is_at(Motion(shift_x=30.0))


def test_a_region_of_another_scene_is_not_read_and_that_is_said_once(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    other = draw_scene(watched.rng, "meter")
    watched.see(scene=other, step=EVERY)
    assert watched.motion is None
    assert watched.drift.status.state == "unsure"
    assert watched.drift.status.problem is None, "people walk past"
    watched.see(scene=other, times=5, step=PATIENCE)
    assert watched.drift.status.problem is not None
    assert watched.drift.status.outlines == {"a": Outline(watched.scene.region, None)}
    watched.see(times=3)
    assert watched.motion is not None
    assert watched.drift.status.problem is None
    assert [message.split(";")[-1] for message in caplog.messages] == [
        " what is not found is not read",
        "the regions are found again, and read",
    ]


@pytest.mark.parametrize(
    ("motion", "words"),
    [
        (Motion(shift_x=0.18 * WIDTH), "region a: has moved by 18 % of the picture and turned by 0 degrees"),
        (Motion.about(WIDTH / 2, HEIGHT / 2, 7.2), "region a: has moved by 0 % of the picture and turned by 7 degrees"),
    ],
)
def test_a_larger_move_is_a_problem_and_no_place(watched: Watched, motion: Motion, words: str) -> None:
    watched.see(motion, times=3)
    assert watched.motion is None
    assert words in str(watched.drift.status.problem)


def test_a_region_that_has_left_the_picture_is_not_read(watched: Watched) -> None:
    region = RegionRule("edge", Box(5, 150, 240, 80))
    watched.drift.renew([region])
    watched.see(times=2)
    watched.see(Motion(shift_x=-40.0), times=3)
    assert watched.drift.motion(region) is None
    assert watched.drift.status.problem == "region edge: has moved out of the picture"


@pytest.mark.parametrize("kind", ["blank", "squared"])
def test_where_it_cannot_tell_it_says_so_and_changes_nothing(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(kind, seed=2)
    for motion in (STILL, STILL, STILL, STILL, Motion(shift_x=40.0), Motion(shift_y=-30.0)):
        frame = watched.frame(watched.scene.photographed(watched.rng, motion), step=100.0)
        watched.drift.follow(frame)
        assert watched.motion is STILL
        assert watched.drift.is_sure(frame, watched.region, STILL)
    assert watched.drift.status.state == "cannot tell"
    assert watched.drift.may_have_moved(watched.region)
    assert len(caplog.messages) == 1 and "too little to tell whether they move" in caplog.text


def test_what_moves_by_itself_before_a_wall_is_followed(watched: Watched) -> None:
    """The paper was pushed, the desk was not."""
    own = Motion(shift_x=25.0, shift_y=18.0)
    near = Box(watched.scene.region.x - 60, watched.scene.region.y - 60, 360, 204)
    still, moved = (watched.scene.photographed(watched.rng, motion) for motion in (STILL, own))
    there = Box(near.x + 25, near.y + 18, near.width, near.height)
    there.cut(still)[:] = there.cut(moved)
    watched.drift.follow(watched.frame(still))
    watched.drift.follow(watched.frame(still))
    assert watched.is_at(own)


def test_the_dark_and_broken_frames_change_nothing(watched: Watched) -> None:
    motion = Motion(shift_x=30.0)
    watched.see(motion)
    place = watched.motion
    for image in (np.full((HEIGHT, WIDTH), 3, np.uint8), np.zeros((0, 0), np.uint8), np.full((1, 900), 90, np.uint8)):
        watched.drift.follow(watched.frame(image))
    assert watched.motion is place


def test_frames_of_another_size_are_not_those_that_regions_were_drawn_in(watched: Watched) -> None:
    for _ in range(3):
        half = np.ascontiguousarray(watched.scene.photographed(watched.rng)[::2, ::2])
        watched.drift.follow(watched.frame(half))
    assert watched.motion is None
    assert watched.drift.status.problem == "the picture is 320x240, and was 640x480 when regions were drawn"


def test_the_next_run_goes_on_from_the_same_reference(tmp_path: Path) -> None:
    watched = Watched(path=tmp_path / "a.reference.png")
    watched.see(times=2)
    motion = Motion.about(WIDTH / 2, HEIGHT / 2, 3.0, 20.0, 10.0)
    watched.drift = Drift([watched.region], tmp_path / "a.reference.png")
    watched.see(motion)
    assert watched.is_at(motion)


def test_a_folder_that_cannot_be_written_is_said_and_regions_follow_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(path=tmp_path / "none" / "a.reference.png")
    watched.see(times=2)
    watched.see(Motion(shift_x=30.0))
    assert watched.is_at(Motion(shift_x=30.0))
    assert "cannot be written" in caplog.text


def test_regions_that_are_drawn_anew_are_where_they_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "a.reference.png"
    watched = Watched(path=path)
    watched.see(times=2)
    motion = Motion(shift_x=40.0, shift_y=20.0)
    watched.see(motion, times=2)
    watched.drift.renew([watched.region])
    assert watched.motion is STILL
    watched.see(motion, times=3)
    assert watched.motion is STILL
    watched.see()
    assert watched.is_at(Motion(shift_x=-40.0, shift_y=-20.0))


def test_a_region_that_is_added_by_hand_leaves_the_others_where_they_have_moved(tmp_path: Path) -> None:
    path = tmp_path / "a.reference.png"
    watched = Watched(path=path)
    watched.see(times=2)
    motion = Motion(shift_x=40.0, shift_y=20.0)
    added = RegionRule("b", Box(300, 300, 100, 50))
    for _ in range(2):
        watched.drift = Drift([watched.region, added], path)
        watched.see(motion, times=3)
        assert watched.is_at(motion)
        assert watched.drift.motion(added) is not None
        assert moved_corners(watched.drift.motion(added) or STILL, STILL, added.box) < PIXELS


@pytest.mark.slow
def test_a_scene_that_changes_bit_by_bit_stays_known(watched: Watched) -> None:
    motion = Motion(shift_x=15.0)
    surface = watched.scene.surface.copy()
    other = draw_scene(watched.rng, "sheet").surface
    for share in (0.35, 0.5, 0.65, 0.8, 1.0):
        rows = round(share * len(surface))
        surface[:rows] = other[:rows]
        watched.see(motion, times=4, scene=replace(watched.scene, surface=surface.copy()), step=WORN_SECONDS)
        assert watched.is_at(motion)


def test_the_whole_picture_stays() -> None:
    drift = Drift(())
    frame = Frame(np.zeros((HEIGHT, WIDTH), np.uint8), 0, 0.0)
    drift.follow(frame)
    assert drift.motion(None) is STILL
    assert drift.is_sure(frame, None, STILL)
