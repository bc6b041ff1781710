"""Lines written with the digits of the sets, and lines cut from synthesized tiles."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tiny_data import make

from edge_digits.charset import REJECT
from edge_digits.runtime.spec import read_spec
from train import __main__ as command_line
from train.data.build_pool import tiny_pool
from train.data.shards import write_shard
from train.data.tiles import make_tile
from train.lines import dataset, glyphs
from train.lines.glyph_pool import Pool
from train.lines.labelled_lines import MOST_DIGITS
from train.recipes import LineRecipe

TINY = LineRecipe(epochs=1, single=3, plain=20)


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a few tiles."""
    pool, path = tiny_pool(), tmp_path_factory.mktemp("tiles") / "some" / "tiles-0000000.npz"
    write_shard(path, [make_tile(pool, np.random.default_rng([0, k])) for k in range(16)])
    return path


@pytest.fixture(autouse=True)
def few_tiles(shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "tile_files", lambda *_: [shard])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make(tmp_path / "data", monkeypatch)


@pytest.mark.slow
def test_the_same_seed_writes_the_same_lines(folder: Path, tmp_path: Path) -> None:
    first, again, other = (
        dataset.load(replace(TINY, seed=seed), folder, 1, tmp_path / str(index)).train
        for index, seed in enumerate((1, 1, 2))
    )
    assert np.array_equal(first.pixels, again.pixels) and np.array_equal(first.labels, again.labels)
    assert first.pixels.shape != other.pixels.shape or not np.array_equal(first.pixels, other.pixels)


def test_lines_are_kept_and_found_again(folder: Path, tmp_path: Path) -> None:
    made = dataset.load(TINY, folder, 1, tmp_path).train
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    assert np.array_equal(dataset.load(TINY, folder, 1, tmp_path).train.pixels, made.pixels)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")} == before


def test_letters_between_two_digits_are_one_mark(folder: Path) -> None:
    pool, random = Pool(folder, "train"), np.random.default_rng(0)
    for _ in range(300):
        labels = glyphs.random_line(pool, random).labels
        assert 1 <= len(labels) <= MOST_DIGITS
        assert not any(a == b == REJECT for a, b in pairwise(labels))


@pytest.mark.slow
def test_one_command_trains_a_line_network(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = "crnn-none --epochs 1 --single 5 --plain 16 --batch 4 --threads 1 --device cpu"
    status = command_line.main([*words.split(), "--precision", "float32", "--data-dir", str(folder), "--out", "run"])
    assert status == 0, capsys.readouterr().err
    spec = read_spec(Path("run/crnn-none.safetensors"))
    assert spec.reads_lines and spec.classes == 12 and spec.input_shape == (32, 256)
    assert Path("run/curves.png").is_file() and Path("run/log.csv").is_file()
