"""MNIST is found where the user says, or fetched with its checksum checked; damage is named, never passed on."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.errors import DataError
from edge_digits.io import mnist

NAME = "t10k-labels-idx1-ubyte.gz"


def _idx(array: np.ndarray) -> bytes:
    return gzip.compress(
        b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    )


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user's cache, no network, and no data folder in the environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(mnist.ENVIRONMENT, raising=False)
    monkeypatch.setattr(mnist, "MIRRORS", ())
    return tmp_path / "cache" / "edge-digits"


def _mirror(folder: Path, content: bytes) -> str:
    folder.mkdir()
    (folder / NAME).write_bytes(content)
    return folder.as_uri() + "/"


def _expect(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setitem(mnist.FILES, NAME, hashlib.md5(content).hexdigest())


def test_the_named_folder_goes_before_the_environment_and_that_before_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mnist.data_dir() == cache
    monkeypatch.setenv(mnist.ENVIRONMENT, str(tmp_path))
    assert mnist.data_dir() == tmp_path
    other = tmp_path / "other"
    other.mkdir()
    assert mnist.data_dir(other) == other


def test_a_named_folder_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: .*--data-dir"):
        mnist.data_dir(tmp_path / "nowhere")


def test_a_file_in_the_data_folder_is_used_where_it_stands(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _idx(np.arange(3, dtype=np.uint8))
    _expect(monkeypatch, content)
    path = tmp_path / "MNIST" / "raw" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert mnist.find(NAME, tmp_path) == path
    assert not cache.exists()


def test_a_file_with_another_checksum_is_refused_by_name(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "MNIST" / "raw" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not it")
    with pytest.raises(DataError, match=NAME):
        mnist.find(NAME, tmp_path)


def test_a_missing_file_is_fetched_from_the_first_mirror_with_the_right_content(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _idx(np.arange(3, dtype=np.uint8))
    _expect(monkeypatch, content)
    absent = (tmp_path / "absent").as_uri() + "/"
    wrong = _mirror(tmp_path / "wrong", b"something else")
    monkeypatch.setattr(mnist, "MIRRORS", (absent, wrong, _mirror(tmp_path / "right", content)))
    path = mnist.find(NAME, tmp_path)
    assert path == cache / "MNIST" / "raw" / NAME
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path], "no part of a download is left behind"


def test_when_no_mirror_delivers_each_is_named_with_its_reason(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = _mirror(tmp_path / "wrong", b"something else")
    monkeypatch.setattr(mnist, "MIRRORS", (wrong,))
    with pytest.raises(DataError, match=r"wrong/: wrong checksum.*--data-dir"):
        mnist.find(NAME, tmp_path)
    assert not cache.exists()


@given(st.lists(st.integers(0, 4), min_size=0, max_size=3), st.integers(0, 2**32 - 1))
def test_an_idx_file_gives_back_the_array_that_was_written(
    tmp_path_factory: pytest.TempPathFactory, shape: list[int], seed: int
) -> None:
    array = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    path = tmp_path_factory.mktemp("idx") / "array.gz"
    path.write_bytes(_idx(array))
    np.testing.assert_array_equal(mnist.read_idx(path), array)


@pytest.mark.parametrize(
    "content",
    [b"", b"plain", gzip.compress(b""), gzip.compress(b"\x00\x00\x0d\x01"), _idx(np.zeros(9, np.uint8))[:-12]],
    ids=["empty", "no gzip", "nothing in it", "floats", "cut off"],
)
def test_what_is_no_idx_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"broken\.gz"):
        mnist.read_idx(path)


def test_an_idx_file_whose_header_promises_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.gz"
    path.write_bytes(gzip.compress(b"\x00\x00\x08\x02" + struct.pack(">2I", 3, 5) + bytes(14)))
    with pytest.raises(DataError, match="shape"):
        mnist.read_idx(path)


def test_the_official_files_hold_sixty_and_ten_thousand_digits() -> None:
    folder = Path(os.environ.get(mnist.ENVIRONMENT) or Path(__file__).parents[4] / "shared" / "data")
    if not (folder / "MNIST").is_dir():
        pytest.skip(f"MNIST is not in {folder}: name a data folder in {mnist.ENVIRONMENT}")
    for split, count, first in (("train", 60_000, 5), ("test", 10_000, 7)):
        images, labels = mnist.load(split, folder)
        assert images.shape == (count, 28, 28)
        assert images.dtype == np.uint8
        assert labels[0] == first
        assert np.bincount(labels).size == 10
