"""Promises of docs.results.published.answers: photographs are cut up as the reader does it, whatever their size."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")

from docs.results.published.answers import shots
from edge_digits.synthesis.page import make_page
from edge_digits.types import as_image


@pytest.mark.parametrize("width", [320, 960, 2400])
def test_every_digit_that_is_read_has_its_crop(tmp_path: Path, width: int) -> None:
    page = make_page(np.random.default_rng(2), 960, 720, texts=["48102", "7356"], digit_height=50, others=False)
    picture = as_image(cv2.resize(page.image, (width, width * 3 // 4), interpolation=cv2.INTER_AREA))
    folder = tmp_path / "photos"
    folder.mkdir()
    cv2.imwrite(str(folder / "page.png"), picture)
    (folder / "labels.json").write_text(json.dumps({"page.png": {"lines": ["48102", "7356"]}}))
    (shot,) = shots(tmp_path)
    assert sum(shot.counts) >= 7
    assert shot.crops.shape == (sum(shot.counts), 28, 28)
    assert shot.crops.any(axis=(1, 2)).all()
