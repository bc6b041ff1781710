"""What a network is shown of a digit that was read: its own ink, wherever it stands in the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tiny_data import digit_image

from edge_digits.model_input import normalize
from edge_digits.types import Box, as_image
from train.digits.cut_out import cut_out

LARGE = as_image(cv2.resize(digit_image(5, np.random.default_rng(0)), (84, 84), interpolation=cv2.INTER_CUBIC))


def _picture() -> tuple[np.ndarray, Box]:
    """A five on paper, with a bar beside it, and where it stands."""
    page = np.full((300, 400), 210, np.uint8)
    page[100:184, 150:234] = 210 - (0.7 * LARGE).astype(np.uint8)
    page[100:184, 60:66] = 60
    x, y, w, h = cv2.boundingRect((LARGE >= 128).view(np.uint8))
    return page, Box(150 + x, 100 + y, w, h)


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize("is_light", [False, True])
def test_a_box_gives_the_digit_that_stands_there(is_light: bool) -> None:
    page, box = _picture()
    (crop,) = cut_out(255 - page if is_light else page, [box])
    assert crop.shape == (28, 28) and crop.dtype == np.uint8
    assert _alike(crop, normalize.digit(LARGE)) > 0.8


def test_where_nothing_stands_there_is_no_ink() -> None:
    page, box = _picture()
    crops = cut_out(page, [Box(300, 20, 40, 60), box])
    assert not crops[0].any() and crops[1].any()
    assert cut_out(page, []).shape == (0, 28, 28)
