"""The data set of ``edge-digits accuracy``, made anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convert.accuracy import make as maker
from edge_digits.accuracy.dataset import load_dataset
from edge_digits.io import mnist


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer of each, and digits that stand for MNIST's."""
    labels = np.arange(400, dtype=np.uint8) % 10
    images = np.broadcast_to(labels[:, None, None], (400, 28, 28)).copy()
    monkeypatch.setattr(mnist, "load", lambda split, folder: {"test": (images, labels)}[split])
    for name, count in (("PER_DIGIT", 20), ("LINES", 5), ("PAGES", 3)):
        monkeypatch.setattr(maker, name, count)


def test_it_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = (maker.make(tmp_path, tmp_path / name / "dataset.npz") for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_digits_keep_their_labels_and_lines_and_pages_their_digits(tmp_path: Path) -> None:
    data = load_dataset(maker.make(tmp_path, tmp_path / "dataset.npz"))
    assert (data.digits[:, 0, 0] == data.labels).all()
    assert np.bincount(data.labels).tolist() == [20] * 10
    assert [len(part) for part in (data.lines, data.texts, data.pages, data.written)] == [5, 5, 3, 3]
    assert all(3 <= len(text) <= 8 for text in data.texts)
    assert all(page.shape == (192, 256) for page in data.pages)
