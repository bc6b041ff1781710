"""Lines of ruled and squared paper: taken out, and what crosses them stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_digits.illumination.contrast import contrast_map
from edge_digits.proposals.ruling import may_be_ruled, without_ruling
from edge_digits.types import Image, as_image

HEIGHT, WIDTH = 480, 640


def written(pen: int = 110) -> Image:
    """What a page's writing lets through of the light, 0..255."""
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    cv2.putText(page, "2748", (90, 280), cv2.FONT_HERSHEY_SIMPLEX, 4.0, (pen,), 6, cv2.LINE_AA)
    return as_image(cv2.GaussianBlur(page, (3, 3), 0))


def ruled(slope: float = 0.0, spacing: int = 24, line: int = 150, squared: bool = True) -> Image:
    """The same of its lines."""
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for y in range(-WIDTH // 4, HEIGHT + WIDTH // 4, spacing):
        cv2.line(page, (0, y), (WIDTH, round(y + slope * WIDTH)), (line,), 2, cv2.LINE_AA)
    for x in range(-HEIGHT // 4, WIDTH + HEIGHT // 4, spacing) if squared else ():
        cv2.line(page, (x, 0), (round(x - slope * HEIGHT), HEIGHT), (line,), 2, cv2.LINE_AA)
    return page


def sheet(writing: Image, lines: Image) -> Image:
    """A photograph of both: each dims the light that the other lets through."""
    return as_image(cv2.multiply(writing, lines, scale=0.85 / 255))


def cleaned(picture: Image) -> Image:
    """The contrast of a photograph without the lines that must be found in it."""
    found = without_ruling(contrast_map(picture, 0.1))
    assert found is not None
    return found


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("spacing", [20, 36])
@pytest.mark.parametrize("slope", [-0.02, -0.013, 0.0, 0.008, 0.022])
def test_lines_are_taken_out_and_the_writing_on_them_stays(slope: float, spacing: int, squared: bool) -> None:
    writing = written(pen=60)
    contrast = cleaned(sheet(writing, ruled(slope, spacing, squared=squared)))
    away = cv2.erode(writing, np.ones((15, 15), np.uint8)) == 255
    away[:20], away[-20:], away[:, :20], away[:, -20:] = False, False, False, False
    assert (contrast[writing < 80] >= 96).mean() > 0.85
    assert (contrast[away] >= 35).mean() < 0.03


def test_pencil_that_is_fainter_than_the_lines_stays_between_and_on_them() -> None:
    writing = written(pen=170)
    assert (cleaned(sheet(writing, ruled(line=120)))[writing < 180] >= 35).mean() > 0.6


@pytest.mark.parametrize("turned", [False, True])
def test_lines_of_one_pixel_leave_nothing(turned: bool) -> None:
    paper = np.full((WIDTH, WIDTH), 200, np.uint8)
    paper[12::25] = 140
    assert cleaned(paper.T.copy() if turned else paper).max() < 9


@pytest.mark.parametrize("lines", [np.full((HEIGHT, WIDTH), 255, np.uint8), ruled(spacing=400, squared=False)])
def test_a_page_without_many_lines_is_left_as_it_is(lines: Image) -> None:
    assert without_ruling(contrast_map(sheet(written(), lines), 0.1)) is None


def test_writing_alone_is_not_suspected() -> None:
    small = cv2.resize(255 - written(), (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)
    assert not may_be_ruled(as_image(small))


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_any_size_is_taken(height: int, width: int, seed: int) -> None:
    contrast = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    found = without_ruling(contrast)
    assert found is None or found.shape == contrast.shape
