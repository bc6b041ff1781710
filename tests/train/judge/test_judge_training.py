"""From tiles to a judge: hypotheses on disk, both stages' tasks, and a training that goes on where it stopped."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from edge_digits.errors import DataError
from edge_digits.io import mnist
from edge_digits.judge_classes import CLASSES
from train import __main__ as command_line
from train import fit
from train.data.build_pool import tiny_pool
from train.data.shards import write_shard
from train.data.tiles import make_tile
from train.judge import shards
from train.judge.nodes import LabelledNodes
from train.judge.task import JudgeTask, augmented, stage_data
from train.recipes import JudgeRecipe

RECIPE = JudgeRecipe(epochs=2, batch=32, learning_rate=4e-3, seed=3)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiles")
    pool = tiny_pool()
    for first in (0, 1000):
        made = [make_tile(pool, np.random.default_rng([first, k])) for k in range(6)]
        write_shard(folder / f"tiles-{first:07d}.npz", made)
    return folder


@pytest.fixture(scope="module")
def files(tiles: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return shards.make(tiles, tmp_path_factory.mktemp("nodes"), 1, 1)


@pytest.mark.slow
def test_hypotheses_are_the_same_from_the_same_seed(tiles: Path, files: list[Path], tmp_path: Path) -> None:
    again = shards.make(tiles, tmp_path, 1, 1)
    for a, b in zip(files, again, strict=True):
        one, other = shards.load(a), shards.load(b)
        for field in fields(LabelledNodes):
            assert np.array_equal(getattr(one, field.name), getattr(other, field.name))


def test_what_is_there_is_not_made_again(tiles: Path, files: list[Path]) -> None:
    before = [path.stat().st_mtime_ns for path in files]
    shards.make(tiles, files[0].parent, 1, 1)
    assert [path.stat().st_mtime_ns for path in files] == before


def test_a_damaged_file_is_named(files: list[Path], tmp_path: Path) -> None:
    cut = tmp_path / "nodes.npz"
    cut.write_bytes(files[0].read_bytes()[:1000])
    with pytest.raises(DataError, match=r"nodes\.npz"):
        shards.load(cut)


def test_no_tiles_are_an_error_that_says_what_makes_some(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train tiles"):
        shards.make(tmp_path, tmp_path / "out", 1, 1)


@pytest.mark.parametrize(("first", "channels", "classes"), [(True, 2, 2), (False, 4, CLASSES)])
def test_a_stage_learns_its_own_classes(files: list[Path], first: bool, channels: int, classes: int) -> None:
    images, truth = stage_data(shards.load(files[0]), first)
    assert images.shape[1] == channels and images.dtype == np.uint8
    assert len(images) == len(truth) and truth.min() >= 0 and truth.max() < classes
    assert len(np.unique(truth)) > 1


def test_where_a_view_ends_at_the_edge_stays_as_it_is() -> None:
    images = torch.full((4, 2, 20, 20), 100, dtype=torch.uint8)
    images[:, :, :, :5] = 255
    x = augmented(images, torch.Generator().manual_seed(0))
    assert (x == 1.0).sum() == 4 * 2 * 20 * 5


@pytest.mark.slow
def test_an_interrupted_training_ends_as_it_would_have_ended(files: list[Path], tmp_path: Path) -> None:
    cpu = torch.device("cpu")

    def trained(folder: Path, epochs: int, resume: bool = False) -> dict[str, torch.Tensor]:
        recipe = JudgeRecipe(**{**RECIPE.__dict__, "epochs": 2})
        task = JudgeTask(recipe, files[:1], files[1:], True, cpu)
        run = fit._Run("judge-first", recipe, task, folder, cpu)
        if resume:
            run.restore()
        while run.done < epochs:
            run.one_epoch()
        return run.outcome().network.state_dict()

    straight = trained(tmp_path / "a", 2)
    trained(tmp_path / "b", 1)
    resumed = trained(tmp_path / "b", 2, resume=True)
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)


@pytest.mark.parametrize("command", ["judge-first", "judge", "judge-page"])
def test_without_data_one_line_says_what_is_missing(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "MIRRORS", ())
    (tmp_path / "data").mkdir()
    assert command_line.main([command, "--data-dir", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "train-images-idx3-ubyte.gz: not in the data folder" in line
