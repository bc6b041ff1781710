"""Four networks within so many minutes, for a machine with a GPU; here on a CPU."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_data import tiny_crops

from edge_digits.errors import ConfigError
from train import __main__ as command_line
from train import fit
from train.all import command as all_networks
from train.digits.task import DigitTask
from train.recipes import DigitRecipe, Recipe

CPU = torch.device("cpu")


class Clock:
    """A second goes by whenever it is looked at."""

    def __init__(self) -> None:
        self._seconds = itertools.count()

    def monotonic(self) -> float:
        return float(next(self._seconds))


def tiny_fit(folder: Path, minutes: float, epochs: int = 50) -> fit.Outcome:
    recipe = DigitRecipe(epochs=epochs, batch=10, minutes=minutes)
    task = DigitTask(recipe, tiny_crops(40, 0), tiny_crops(40, 1), tiny_crops(10, 3), CPU)
    return fit.fit("cnn-small", recipe, task, folder, CPU)


def test_a_training_ends_with_its_minutes_and_its_learning_rate_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "time", Clock())
    outcome = tiny_fit(tmp_path, minutes=0.5)
    assert 1 < outcome.epoch < 50
    assert sum(epoch.seconds for epoch in outcome.log) == pytest.approx(30, abs=3)
    rates = [epoch.learning_rate for epoch in outcome.log]
    assert rates[-1] < 0.05 * max(rates)


def test_a_training_that_is_through_before_its_minutes_has_all_its_epochs(tmp_path: Path) -> None:
    assert tiny_fit(tmp_path, minutes=60.0, epochs=2).epoch == 2


def test_quantization_in_the_last_epochs_needs_to_know_which_they_are() -> None:
    with pytest.raises(ConfigError, match="--qat"):
        DigitRecipe(qat=2, minutes=1.0)


def test_what_tiles_and_earlier_networks_took_is_missing_behind_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[tuple[str, Recipe]] = []

    def train_one(name: str, recipe: Recipe, *_: Any) -> None:
        trained.append((name, recipe))
        clock.now += 60 * recipe.minutes

    class Minutes:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    clock = Minutes()

    def hypotheses(*_: Any) -> list[Path]:
        clock.now += 60.0
        return []

    monkeypatch.setattr(all_networks, "time", clock)
    monkeypatch.setattr(all_networks, "train_one", train_one)
    monkeypatch.setattr(all_networks.judge_training, "hypotheses", hypotheses)
    made = all_networks.train_all(10.0, 3000, 0, tmp_path, tmp_path / "out", CPU, 1)
    assert [name for name, _ in trained] == ["judge-first", "judge", "cnn", "crnn"]
    assert [path.name for path in made] == [f"{name}.safetensors" for name, _ in trained]
    # Two minutes went into tiles of both parts.
    assert sum(recipe.minutes for _, recipe in trained) == pytest.approx(8.0)
    for name, recipe in trained:
        assert recipe.minutes == pytest.approx(8.0 * all_networks.SHARES[name])
        assert dataclasses.asdict(recipe)["tiles"] == 3000


@pytest.mark.parametrize(
    ("given", "complaint"), [(["--minutes", "0"], "--minutes is 0.0"), (["--tiles", "0"], "--tiles is 0")]
)
def test_options_that_cannot_work_are_named(
    given: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["all", *given]) == 2
    assert complaint in capsys.readouterr().err
