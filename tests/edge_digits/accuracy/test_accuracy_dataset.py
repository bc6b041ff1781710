"""The data set of ``edge-digits accuracy``: what is in it, and that a damaged one is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edge_digits.accuracy.dataset import PATH, load_dataset
from edge_digits.errors import DataError
from edge_digits.runtime.spec import sha256_of, spec_path


def test_it_has_a_hundred_of_each_digit_and_lines_and_pages_with_their_truth() -> None:
    data = load_dataset()
    assert data.digits.shape == (1000, 28, 28) and data.digits.dtype == np.uint8
    assert np.bincount(data.labels).tolist() == [100] * 10
    assert len(data.lines) == len(data.texts) and all(text.isdigit() for text in data.texts)
    assert all(strip.shape[0] == 32 for strip in data.lines)
    assert len(data.pages) == len(data.written)
    assert all(row.isdigit() for page in data.written for row in page.lines)


def test_it_is_small_and_its_licence_stands_beside_it() -> None:
    assert PATH.stat().st_size < 700_000
    assert "Attribution-ShareAlike 3.0" in json.loads(spec_path(PATH).read_text("utf-8"))["licence"]
    assert "Attribution-ShareAlike 3.0" in " ".join((PATH.parent / "LICENCE.md").read_text("utf-8").split())


@pytest.mark.parametrize("content", [b"", PATH.read_bytes()[:-10], b"PK\x03\x04" + bytes(100)])
def test_a_damaged_one_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / PATH.name
    path.write_bytes(content)
    spec_path(path).write_bytes(spec_path(PATH).read_bytes())
    with pytest.raises(DataError, match=r"dataset\.npz: is not what .* describes: it is damaged"):
        load_dataset(path)
    # Nor does a spec of its own make it whole.
    spec_path(path).write_text(json.dumps({"sha256": sha256_of(path)}))
    with pytest.raises(DataError, match=r"dataset\.npz: the data set is damaged"):
        load_dataset(path)


def test_a_missing_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.npz.*: no such file"):
        load_dataset(tmp_path / "none.npz")
