"""What the judge sees: a hypothesis's ink and its surroundings, whatever its size and wherever it stands."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.model_input.context import FULL_INK, OUTSIDE, cut_views, pyramid, windows
from edge_digits.model_input.ink import normalized_ink
from edge_digits.model_input.views import SETTINGS, first_views, judge_input, second_views
from edge_digits.proposals.hypotheses import Hypotheses, find_nodes
from edge_digits.types import Image, as_image


def _ring(radius: int, side: int, strength: int = 120, at: tuple[int, int] | None = None) -> Image:
    """Contrast (side, side) of a ring."""
    contrast = np.zeros((side, side), np.uint8)
    cv2.circle(contrast, at or (side // 2, side // 2), radius, (strength,), max(2, radius // 2))
    return as_image(cv2.GaussianBlur(contrast, (3, 3), 0.8))


def _largest(found: Hypotheses) -> NDArray[np.intp]:
    return np.array([int(np.argmax(found.height))])


def _seen(contrast: Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """The first stage's views, the second's and the ink of the largest node."""
    found = find_nodes(contrast)
    of, index = pyramid(contrast), _largest(found)
    first, strength = first_views(found, of, index)
    return first[0], second_views(found, of, index, strength)[0], normalized_ink(found, of, index, strength)[0]


def test_views_are_as_large_as_the_networks_take() -> None:
    first, second, ink = _seen(_ring(20, 300))
    assert first.shape == (2, SETTINGS.first_size, SETTINGS.first_size)
    assert judge_input(ink[None], second[None]).shape == (1, 4, SETTINGS.size, SETTINGS.size)


@pytest.mark.parametrize("radius", [8, 20, 60])
def test_a_shape_looks_the_same_at_any_size(radius: int) -> None:
    small, large = _seen(_ring(radius, 24 * radius)), _seen(_ring(2 * radius, 48 * radius))
    for a, b in zip(small, large, strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.7


def test_faint_and_strong_ink_look_the_same() -> None:
    faint, strong = _seen(_ring(20, 300, 45)), _seen(_ring(20, 300, 220))
    for a, b in zip(faint, strong, strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.75


def test_ink_shows_at_the_full_of_its_own_contrast() -> None:
    first, _, _ = _seen(_ring(40, 600, 60))
    assert np.median(first[0][first[0] > 60]) == pytest.approx(FULL_INK, rel=0.2)


def test_where_the_picture_ends_is_seen() -> None:
    first, second, _ = _seen(_ring(20, 300, at=(30, 150)))
    assert (first[1][:, 0] == OUTSIDE).all() and (second[2][:, 0] == OUTSIDE).all()
    assert not (first[1][:, -1] == OUTSIDE).any()


def test_a_neighbour_is_in_the_surroundings_and_not_in_the_ink() -> None:
    contrast = np.maximum(_ring(20, 300), _ring(10, 300, at=(205, 150)))
    _, second, ink = _seen(as_image(contrast))
    _, alone, ink_alone = _seen(_ring(20, 300))
    assert np.corrcoef(ink.ravel(), ink_alone.ravel())[0, 1] > 0.75 and np.array_equal(second[1], alone[1])
    assert np.abs(second[0].astype(int) - alone[0]).max() > 60


def test_a_window_is_centred_on_its_hypothesis() -> None:
    contrast = np.zeros((200, 200), np.uint8)
    contrast[80:120, 90:110] = 200
    found = find_nodes(contrast)
    view = cut_views(pyramid(contrast), windows(found, np.array([0]), 2.0, 20))[0]
    rows, columns = np.nonzero(view > 100)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(9.5)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(9.5)
