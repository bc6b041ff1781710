"""``python -m train``: one command from data to a checkpoint with its spec, resumed after an interruption."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_data import hypotheses_file, interrupted, make, tiny_crops

from edge_digits.charset import REJECT
from edge_digits.errors import ConfigError, DataError
from train import __main__ as command_line
from train import checkpoint, fit
from train.digits import crops, dataset
from train.digits.task import DigitTask, predict
from train.networks import NETWORKS, parameter_count
from train.recipes import RECIPES, DigitRecipe

NONES = np.full(90, REJECT, np.uint8)
CPU = torch.device("cpu")
TINY = DigitRecipe(epochs=3, batch=16, learning_rate=0.01, average=0.5, precision="float32")


@pytest.fixture(autouse=True)
def in_an_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _fit(folder: str, recipe: DigitRecipe = TINY, resume: bool = False) -> fit.Outcome:
    task = DigitTask(recipe, tiny_crops(64, 0), tiny_crops(40, 2), tiny_crops(30, 1), CPU)
    return fit.fit("cnn-small", recipe, task, Path(folder), CPU, resume)


def _weights(outcome: fit.Outcome) -> list[torch.Tensor]:
    return list(outcome.network.state_dict().values())


@pytest.mark.parametrize(("name", "most"), [("cnn", 100_000), ("cnn-small", 20_000)])
def test_networks_keep_within_their_budget(name: str, most: int) -> None:
    assert parameter_count(NETWORKS[name]()) < most
    assert name in RECIPES


def test_training_learns() -> None:
    outcome = _fit("run", dataclasses.replace(TINY, epochs=12))
    assert outcome.log[-1].train_loss < 0.7 * outcome.log[0].train_loss
    assert not outcome.network.training


@pytest.mark.slow
def test_the_same_seed_trains_the_same_network() -> None:
    first, second, other = _fit("a"), _fit("b"), _fit("c", dataclasses.replace(TINY, seed=2))
    assert all(torch.equal(a, b) for a, b in zip(_weights(first), _weights(second), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(_weights(first), _weights(other), strict=True))


@pytest.mark.slow
def test_a_resumed_run_ends_as_it_would_have_ended() -> None:
    whole = _fit("whole")
    with interrupted(fit._Run, 2):  # pyright: ignore[reportPrivateUsage]
        _fit("broken")
    resumed = _fit("broken", resume=True)
    assert [e.epoch for e in resumed.log] == [1, 2, 3]
    assert all(torch.equal(a, b) for a, b in zip(_weights(whole), _weights(resumed), strict=True))


def test_a_run_with_another_recipe_is_not_resumed() -> None:
    _fit("run")
    with pytest.raises(DataError, match="learning_rate"):
        _fit("run", dataclasses.replace(TINY, learning_rate=0.02), resume=True)


def test_a_damaged_state_is_refused_by_name() -> None:
    Path("run").mkdir()
    Path("run/state.pt").write_bytes(b"not a state")
    with pytest.raises(DataError, match=r"state\.pt"):
        _fit("run", resume=True)


def test_early_stopping_gives_the_best_epoch() -> None:
    # With a learning rate this high nothing gets better for long.
    outcome = _fit("run", dataclasses.replace(TINY, epochs=40, patience=2, learning_rate=9.0))
    losses = [e.validation_loss for e in outcome.log]
    assert len(losses) < 40
    assert losses[outcome.epoch - 1] == min(losses)


@pytest.mark.parametrize(
    ("values", "option"),
    [
        ({"epochs": 0}, "--epochs"),
        ({"label_smoothing": 1.5}, "--label-smoothing"),
        ({"precision": "int3"}, "--precision"),
        ({"plain": 1.0}, "--plain"),
        ({"rejects": 0.0}, "--rejects"),
    ],
)
def test_a_recipe_that_cannot_work_is_refused_by_option(values: dict[str, object], option: str) -> None:
    with pytest.raises(ConfigError, match=option):
        DigitRecipe(**values)  # pyright: ignore[reportArgumentType]


def test_crops_come_back_from_the_cache_as_they_were(tmp_path: Path) -> None:
    some = tiny_crops(5, 0)
    crops.save(tmp_path / "cache" / "some.npz", some)
    back = crops.load(tmp_path / "cache" / "some.npz")
    assert np.array_equal(back.images, some.images) and np.array_equal(back.labels, some.labels)
    (tmp_path / "cache" / "some.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"some\.npz"):
        crops.load(tmp_path / "cache" / "some.npz")


def test_an_epoch_mixes_bitmaps_hypotheses_and_rejects_as_the_recipe_says() -> None:
    recipe = dataclasses.replace(TINY, batch=10, plain=0.4, rejects=0.5)
    tiles = crops.join("tiles", [tiny_crops(200, 1), dataclasses.replace(tiny_crops(90, 2), labels=NONES)])
    task = DigitTask(recipe, tiny_crops(40, 0), tiles, tiny_crops(10, 3), CPU)
    labels = torch.cat([y for _, y in task.batches(torch.Generator().manual_seed(0))])
    assert task.steps() == 10 and len(labels) == 100
    assert int((labels == REJECT).sum()) == 20, "40 bitmaps, 40 hypotheses that are digits, half as many that are none"


def test_what_is_no_single_digit_is_rejected(tmp_path: Path) -> None:
    found = dataset.of_hypotheses("some", [hypotheses_file(tmp_path / name) for name in ("a.npz", "b.npz")])
    assert found.labels.tolist() == ([k % 10 for k in range(20)] + 4 * [REJECT]) * 2


@pytest.mark.slow
def test_one_command_trains_writes_and_evaluates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(tmp_path / "data", monkeypatch)
    files = [hypotheses_file(tmp_path / "nodes.npz")]
    monkeypatch.setattr(dataset, "hypotheses", lambda *_: files)
    words = ["cnn-small", "--epochs", "1", "--batch", "8", "--limit", "12", "--threads", "1", "--data-dir", str(folder)]
    assert command_line.main([*words, "--out", "out"]) == 0
    network, spec = checkpoint.load(Path("out/cnn-small.safetensors"))
    assert spec.name == "cnn-small"
    assert spec.temperature > 0
    assert spec.origin["command"] == "python -m train cnn-small --epochs 1 --batch 8 --limit 12"
    assert {"seed", "rejects", "tiles"} <= set(spec.origin["recipe"])
    assert spec.origin["epoch"] == 1
    assert spec.origin["precision"] in ("float32", "bfloat16")
    assert str(tmp_path) not in str(spec.origin), "no path of this machine travels with a model"
    assert set(spec.scores) == {"mnist-validation", "tiles-validation"}
    assert predict(network, np.zeros((2, 28, 28), np.uint8)).shape == (2, 11)
    with Path("out/log.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1"]
    for picture in ("curves.png", "confusion.png", "mistakes.png"):
        assert Path("out", picture).read_bytes().startswith(b"\x89PNG")

    capsys.readouterr()
    models = ["--models", "out/cnn-small.safetensors"]
    assert command_line.main(["evaluate", *models, "--data-dir", str(folder), "--out", "scores"]) == 0
    table = Path("scores/results.md").read_text()
    assert "| cnn-small.safetensors | MNIST | 20 |" in table
    assert capsys.readouterr().out.strip() == table.strip()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["cnn", "--epochs", "0"], 2, "--epochs is 0"),
        (["cnn", "--data-dir", "nowhere"], 1, "nowhere"),
        (["evaluate", "--models", "no.tflite", "--data-dir", "."], 1, "no.tflite: no such model file"),
    ],
)
def test_errors_are_one_line_and_a_status(
    words: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(words) == status
    error = capsys.readouterr().err.strip().splitlines()
    assert message in error[-1]
    assert "Traceback" not in "".join(error)


def test_help_fits_a_screen_and_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.main(["cnn", "--help"])
    text = capsys.readouterr().out
    assert "example: python -m train cnn" in text
    assert len(text.splitlines()) <= 40
