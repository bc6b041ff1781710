"""Promises of edge_digits.ink: paper is 0, ink is 255, whatever the light, the pen and the polarity."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.ink import _above_texture, _share_to_ink, ink_map, page_ink
from edge_digits.ink_parameters import PARAMETERS
from edge_digits.polarity import is_light_on_dark
from edge_digits.types import as_image


def _page(
    paper: float = 220, pen: float = 60, thickness: int = 4, text: str = "2748", scale: float = 3.0
) -> np.ndarray:
    grey = np.full((480, 640), paper, np.uint8)
    cv2.putText(grey, text, (80, 260), cv2.FONT_HERSHEY_SIMPLEX, scale, (pen,), thickness, cv2.LINE_AA)
    return cv2.GaussianBlur(grey, (3, 3), 0)


def _truth(**page: object) -> tuple[np.ndarray, np.ndarray]:
    """Where there is surely ink, and where there is surely paper, in a page made with the same arguments."""
    clean = _page(paper=255, pen=0, **page)  # pyright: ignore[reportArgumentType]
    return clean < 30, cv2.erode(clean, np.ones((9, 9), np.uint8)) == 255


def test_blank_paper_has_no_ink() -> None:
    assert not ink_map(np.full((300, 400), 200, np.uint8)).any()


def test_noise_alone_is_not_ink() -> None:
    noise = np.random.default_rng(0).normal(180, 4, (480, 640))
    ink = ink_map(np.clip(noise, 0, 255).astype(np.uint8))
    assert (ink > 96).mean() < 1e-3


@pytest.mark.parametrize("pen", [20, 100, 170])
def test_faint_and_dark_pens_both_come_out_as_full_ink(pen: int) -> None:
    stroke, paper = _truth()
    ink = ink_map(_page(pen=pen))
    assert np.percentile(ink[stroke], 10) > 180
    assert ink[paper].max() == 0


def test_a_tenth_of_contrast_is_still_ink() -> None:
    stroke, _ = _truth()
    assert np.percentile(ink_map(_page(pen=195))[stroke], 10) >= 96


@given(low=st.floats(0.3, 1.0), angle=st.floats(0, 6.28))
@settings(max_examples=20, deadline=None)
def test_uneven_light_leaves_no_trace(low: float, angle: float) -> None:
    rows, columns = np.mgrid[0:480, 0:640]
    ramp = np.cos(angle) * (columns / 640 - 0.5) + np.sin(angle) * (rows / 480 - 0.5)
    light = low + (1 - low) * (ramp - ramp.min()) / (ramp.max() - ramp.min())
    stroke, paper = _truth()
    ink = ink_map((_page() * light).astype(np.uint8))
    assert np.percentile(ink[stroke], 10) > 150
    assert (ink[paper] > 96).mean() < 1e-3


def test_a_soft_shadow_is_not_ink() -> None:
    light = np.ones((480, 640), np.float32)
    light[:, 300:] = 0.55
    light = cv2.GaussianBlur(light, (61, 61), 0)
    stroke, paper = _truth()
    ink = ink_map((_page() * light).astype(np.uint8))
    assert (ink[paper] > 96).mean() < 2e-3
    assert np.percentile(ink[stroke], 10) > 150


@pytest.mark.parametrize("left", [0.3, 0.6])
@pytest.mark.parametrize("slant", [-150, 0, 90])
def test_writing_across_the_sharp_edge_of_a_shadow_is_ink_and_the_edge_is_none(slant: int, left: float) -> None:
    light = np.ones((480, 640), np.float32)
    cv2.fillPoly(light, [np.array([[300, 0], [640, 0], [640, 480], [300 + slant, 480]])], (left,))
    page = page_ink(as_image((_page() * cv2.GaussianBlur(light, (0, 0), 1)).astype(np.uint8)))
    stroke, paper = _truth()
    assert (page.ink[stroke] >= 96).mean() > 0.95
    assert (page.ink[paper] >= 96).mean() < 0.005
    assert page.edges is not None
    assert (page.edges > 0).mean() < 0.05


def test_a_page_in_even_light_has_no_edges() -> None:
    assert page_ink(_page()).edges is None


@pytest.mark.parametrize("thickness", [2, 4, 12, 30])
def test_chalk_gives_the_same_ink_as_a_pen(thickness: int) -> None:
    page = _page(thickness=thickness)
    assert not is_light_on_dark(page)
    assert is_light_on_dark(255 - page)
    assert np.array_equal(ink_map(page), ink_map(255 - page))


@pytest.mark.parametrize("thickness", [60, 110])
def test_one_thick_digit_that_fills_the_picture_keeps_its_polarity(thickness: int) -> None:
    grey = np.full((1200, 1600), 230, np.uint8)
    cv2.putText(grey, "8", (400, 1000), cv2.FONT_HERSHEY_SIMPLEX, 35, (40,), thickness, cv2.LINE_AA)
    assert not is_light_on_dark(grey)
    assert is_light_on_dark(255 - grey)


@pytest.mark.parametrize("desk", [30, 100])
@pytest.mark.parametrize("share", [0.15, 0.25, 0.4])
def test_a_small_sheet_on_a_plain_dark_desk_is_no_board_and_a_board_on_a_wall_is_one(desk: int, share: float) -> None:
    page = np.full((480, 640), desk, np.uint8)
    height, width = round(480 * share**0.5), round(640 * share**0.5)
    sheet = page[60 : 60 + height, 80 : 80 + width]
    sheet[:] = 220
    cv2.putText(sheet, "407", (20, height // 2), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (40,), 4)
    turned = cv2.warpAffine(
        page, cv2.getRotationMatrix2D((320, 240), 7, 1), (640, 480), borderMode=cv2.BORDER_REPLICATE
    )
    for picture in (page, turned):
        assert not is_light_on_dark(as_image(picture))
        assert is_light_on_dark(as_image(cv2.bitwise_not(picture)))


def test_a_white_sheet_on_a_dark_desk_is_still_dark_on_light() -> None:
    desk = np.random.default_rng(1).normal(35, 6, (720, 960)).clip(0, 255).astype(np.uint8)
    desk[120:600, 160:800] = _page()
    assert not is_light_on_dark(desk)


@pytest.mark.parametrize(("spacing", "thick"), [(16, 2), (18, 3), (24, 4)])
def test_the_squares_of_squared_paper_are_not_writing(spacing: int, thick: int) -> None:
    page = np.full((720, 960), 200, np.uint8)
    for offset in range(thick):
        page[offset::spacing] = page[:, offset::spacing] = 60
    assert not is_light_on_dark(as_image(cv2.GaussianBlur(page, (0, 0), 0.8)))


def test_ink_grows_evenly_between_a_low_and_a_high_share_of_full_contrast() -> None:
    low, high = PARAMETERS.low, PARAMETERS.high
    share = np.arange(256, dtype=np.uint8).reshape(16, 16)
    wanted = np.clip((share / 255 - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    assert np.array_equal(_share_to_ink(share, low, high), wanted)


@given(seed=st.integers(0, 10_000), height=st.integers(2, 120), width=st.integers(2, 120))
@settings(max_examples=40, deadline=None)
def test_ink_must_stand_out_from_the_median_of_the_texture_near_by(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    rough = np.clip(rng.normal(rng.uniform(0, 14), rng.uniform(0.5, 6), (height, width)), 0, 255).astype(np.uint8)
    side = max(3, round(PARAMETERS.paper_window * max(height, width))) | 1
    texture = cv2.medianBlur(rough, max(side, 5)).astype(float)
    wanted = np.minimum(PARAMETERS.texture_factor * texture / PARAMETERS.low, 255).astype(np.uint8)
    least = np.full_like(rough, int(255 * PARAMETERS.least_contrast / PARAMETERS.low))
    assert np.array_equal(_above_texture(least, rough), np.maximum(wanted, least))


@given(height=st.integers(1, 40), width=st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_any_size_gives_a_map_of_that_size(height: int, width: int) -> None:
    grey = np.random.default_rng(height * 41 + width).integers(0, 256, (height, width), dtype=np.uint8)
    ink = ink_map(grey)
    assert ink.shape == (height, width)
    assert ink.dtype == np.uint8
