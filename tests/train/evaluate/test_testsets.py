"""Tight crops, as DIDA has them: the reader itself finds the digit that is meant."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from edge_digits.errors import DataError
from edge_digits.reader import open_reader
from edge_digits.synthesis.page import make_page
from train.evaluate import testsets
from train.evaluate.testsets import Crop


def _crops(seed: int) -> list[Crop]:
    """Digits of a number in longhand, each with a bit of its neighbours."""
    random = np.random.default_rng(seed)
    page = make_page(random, 1280, 960, kind="plain", texts=["4810273956"], digit_height=60, others=False)
    crops = []
    for digit in page.lines[0].digits:
        box, beside = digit.box, round(0.3 * digit.box.width)
        left, top = max(0, box.x - beside), max(0, box.y - 6)
        crops.append((page.image[top : box.bottom + 6, left : box.right + beside].copy(), digit.value))
    return crops


def test_the_digit_in_the_middle_is_what_the_model_is_shown() -> None:
    model = open_reader("cnn").model
    shown = testsets.central_digits("tight", _crops(seed=1), model)
    assert shown.images.shape == (10, 28, 28) and shown.images.dtype == np.uint8
    right = model.scores(shown.images).argmax(axis=1) == shown.labels
    assert right.sum() >= 8


def test_a_crop_without_ink_is_shown_empty() -> None:
    found = testsets.central_digits("empty", [(np.full((40, 30), 200, np.uint8), 3)], open_reader("cnn").model)
    assert not found.images.any() and found.labels.tolist() == [3]


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "dida_sample.zip").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"dida_sample\.zip"):
        testsets.dida(tmp_path)
    with zipfile.ZipFile(tmp_path / "dida_sample.zip", "w") as archive:
        archive.writestr("3/one.jpg", b"no picture")
    with pytest.raises(DataError, match=r"dida_sample\.zip"):
        testsets.dida(tmp_path)


def test_without_the_archive_there_is_nothing(tmp_path: Path) -> None:
    assert testsets.dida(tmp_path) == []
