"""Registration: how far a picture has moved, whatever the light and the number; nothing where that cannot be told."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_scenes import HEIGHT, KINDS, WIDTH, draw_scene, moved_corners, random_motion, with_hand

from device.scene.drift import LEAST_POINTS
from device.scene.motion import STILL
from device.scene.registration import make_reference, register
from edge_digits.types import Box, Image

PIXELS = 1.5
"""By which a region may be off; its numbers are 40 pixels tall."""

ONE_IN_THE_FAST_LANE = [KINDS[0], *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS[1:])]


def number(rng: np.random.Generator) -> Image:
    """What may stand in a region; registration must not care."""
    return rng.integers(0, 256, (84, 240)).astype(np.uint8)


@pytest.mark.parametrize("kind", ONE_IN_THE_FAST_LANE)
def test_shifts_and_turns_are_found_in_another_light_with_another_number(kind: str) -> None:
    for seed in range(3):
        rng = np.random.default_rng([1, seed])
        scene = draw_scene(rng, kind)
        reference = make_reference(scene.with_number(number(rng)).photographed(rng), [scene.region])
        motion = random_motion(rng)
        found = register(reference, scene.with_number(number(rng)).relit(rng).photographed(rng, motion))
        assert found is not None
        assert moved_corners(found.motion, motion, scene.region) < PIXELS


def test_a_hand_in_the_picture_leaves_enough_of_it() -> None:
    for seed in range(3):
        rng = np.random.default_rng([2, seed])
        scene = draw_scene(rng, "sheet")
        motion = random_motion(rng)
        reference = make_reference(scene.photographed(rng), [scene.region])
        found = register(reference, with_hand(rng, scene.photographed(rng, motion)))
        assert found is not None
        assert moved_corners(found.motion, motion, scene.region) < PIXELS


@pytest.mark.parametrize("kind", ONE_IN_THE_FAST_LANE)
def test_another_scene_is_none_that_has_moved(kind: str) -> None:
    for seed in range(3):
        rng = np.random.default_rng([3, seed])
        scene, other = draw_scene(rng, kind), draw_scene(rng, kind)
        assert register(make_reference(scene.photographed(rng), [scene.region]), other.photographed(rng)) is None


def test_sensor_noise_on_blank_paper_proves_nothing() -> None:
    for seed in range(3):
        rng = np.random.default_rng([4, seed])
        scene = draw_scene(rng, "blank")
        found = register(make_reference(scene.photographed(rng), [scene.region]), scene.photographed(rng))
        assert found is None or len(found.matched) < LEAST_POINTS


def test_squared_paper_is_no_reference_unless_something_on_it_tells_the_squares_apart() -> None:
    told_apart = []
    for seed in range(6):
        rng = np.random.default_rng([4, seed])
        scene = draw_scene(rng, "squared")
        reference = make_reference(scene.photographed(rng), [scene.region])
        motion = random_motion(rng)
        found = register(reference, scene.photographed(rng, motion))
        told_apart.append(reference.is_distinct)
        if reference.is_distinct and found is not None:
            assert moved_corners(found.motion, motion, scene.region) < PIXELS
    assert told_apart.count(False) > 3


def test_only_what_is_ignored_has_moved() -> None:
    rng = np.random.default_rng(5)
    scene = draw_scene(rng, "sheet")
    reference = make_reference(scene.with_number(number(rng)).photographed(rng), [scene.region])
    picture = scene.photographed(rng)
    picture[scene.region.y :, scene.region.x :][:84, :240] = number(rng)
    found = register(reference, picture)
    assert found is not None
    assert moved_corners(found.motion, STILL, Box(0, 0, WIDTH, HEIGHT)) < PIXELS


def test_a_frame_of_another_shape_is_not_compared() -> None:
    rng = np.random.default_rng(6)
    picture = draw_scene(rng, "sheet").photographed(rng)
    assert register(make_reference(picture, []), picture[:, :400]) is None


def test_squared_paper_with_writing_is_found_where_it_is_and_not_a_square_further() -> None:
    rng = np.random.default_rng([2026, 43])
    scene, motion = draw_scene(rng, "sheet"), random_motion(rng)
    reference = make_reference(scene.photographed(rng), [scene.region])
    picture = scene.photographed(rng, motion)
    for part in (reference, reference.near(scene.region, 0.1 * WIDTH)):
        found = register(part, picture)
        assert found is not None
        assert moved_corners(found.motion, motion, scene.region) < PIXELS
