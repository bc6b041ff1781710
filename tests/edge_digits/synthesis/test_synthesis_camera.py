"""Paper, light and camera change a scene by what they say, and by nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.synthesis import camera, light, paper, texture
from edge_digits.synthesis.camera import Shot


def test_a_perfect_camera_changes_nothing():
    scene = np.random.default_rng(0).integers(0, 256, (50, 70), dtype=np.uint8)
    assert np.array_equal(camera.photograph(np.random.default_rng(1), scene, Shot()), scene)


def test_noise_is_as_strong_as_asked_for_and_grows_with_the_light():
    shot = Shot(read_noise=2.0, shot_noise=6.0)
    dark, bright = (
        camera.photograph(np.random.default_rng(2), np.full((300, 400), level, np.uint8), shot).astype(float)
        for level in (30, 200)
    )
    assert dark.std() == pytest.approx((2.0**2 + 6.0**2 * 30 / 255) ** 0.5, rel=0.1)
    assert bright.std() == pytest.approx((2.0**2 + 6.0**2 * 200 / 255) ** 0.5, rel=0.1)
    assert bright.mean() == pytest.approx(200, abs=0.7)


def test_view_moves_the_scene_and_size_cuts_it():
    scene = np.full((60, 80), 200, np.uint8)
    scene[30, 40] = 0
    moved = np.array([(1, 0, -10), (0, 1, -5), (0, 0, 1)], float)
    seen = camera.photograph(np.random.default_rng(3), scene, Shot(), moved, (40, 50))
    assert seen.shape == (50, 40)
    assert np.argwhere(seen == 0).tolist() == [[25, 30]]


@settings(deadline=None)  # the first example makes the noise that all later ones are cut from
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.integers(1, 90))
def test_any_shot_of_any_size_gives_a_picture(seed: int, height: int, width: int):
    rng = np.random.default_rng(seed)
    seen = camera.photograph(rng, paper.random_paper(rng, height, width))
    assert seen.shape == (height, width) and seen.dtype == np.uint8


@pytest.mark.parametrize("kind", paper.KINDS)
def test_boards_are_dark_and_paper_is_bright(kind: str):
    sheet = paper.random_paper(np.random.default_rng(4), 120, 160, kind)
    assert sheet.shape == (120, 160) and sheet.dtype == np.uint8
    assert (np.median(sheet) < 100) == (kind == "board")


def test_rules_stand_where_they_were_ordered():
    rng = np.random.default_rng(5)
    sheet = np.full((100, 100), 250, np.uint8)
    paper.rule(rng, sheet, spacing=25, offset=10, squared=False)
    darkest = np.flatnonzero(sheet[:, 0] < sheet[:, 0].max() - 20)
    assert all(min(abs(row - rule) for rule in (10, 35, 60, 85)) <= 2 for row in darkest)
    assert len(darkest) >= 4


def test_ink_dims_paper_and_covers_a_board():
    ink = np.array([[0, 255]], np.uint8)
    sheet = np.full((1, 2), 200, np.uint8)
    paper.lay_ink(sheet, ink, 0, 0, reflectance=0.25)
    np.testing.assert_allclose(sheet, [[200, 50]], atol=1)
    board = np.full((1, 2), 40, np.uint8)
    paper.lay_ink(board, ink, 0, 0, reflectance=0.8, opaque=True)
    np.testing.assert_allclose(board, [[40, 204]], atol=1)


@given(st.integers(-12, 12), st.integers(-12, 12))
def test_ink_outside_the_sheet_is_cut_off(x: int, y: int):
    sheet = np.full((8, 8), 200, np.uint8)
    paper.lay_ink(sheet, np.full((5, 5), 255, np.uint8), x, y, reflectance=0.0)
    inside = max(0, min(8, x + 5) - max(0, x)) * max(0, min(8, y + 5) - max(0, y))
    assert (sheet == 0).sum() == inside


@given(st.integers(0, 2**32 - 1))
def test_light_is_brightest_near_full_and_only_dims(seed: int):
    lamp = light.random_light(np.random.default_rng(seed), 90, 120)
    assert lamp.shape == (90, 120) and lamp.max() > 230
    scene = np.full((90, 120), 180, np.uint8)
    assert (light.lit(scene, lamp) <= 180).all()


def test_desk_leaves_the_middle_of_the_sheet_alone():
    sheet = np.full((200, 300), 240, np.uint8)
    for seed in range(20):
        paper.add_desk(np.random.default_rng(seed), sheet, inset=0.1)
    assert (sheet[22:-22, 32:-32] == 240).all()
    assert (sheet < 200).any()


def test_noise_is_standard_normal_even_beyond_its_field():
    rng = np.random.default_rng(6)
    for size, grain in (((480, 640), 0.0), ((1300, 2600), 0.7)):
        field = texture.noise(rng, *size, grain=grain)
        assert field.shape == size
        assert abs(float(field.mean())) < 0.02 and float(field.std()) == pytest.approx(1.0, abs=0.03)
