"""A small network learns from a larger one, of the very crops that it sees."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_data import make, tiny_crops
from torch import nn

from edge_digits.errors import ConfigError, DataError
from train import __main__ as command_line
from train import checkpoint, distillation, loop
from train.digits import DigitTask
from train.models import NETWORKS, parameter_count
from train.recipes import RECIPES, DigitRecipe

CPU = torch.device("cpu")


def _saved(path: Path, recipe: dict[str, object] | None = None) -> nn.Sequential:
    """A teacher with statistics of its own, so that folding them matters, as a checkpoint."""
    torch.manual_seed(0)
    network = NETWORKS["cnn-teacher"]().train()
    for _ in range(3):
        network(torch.rand(8, 1, 28, 28) * 3)
    checkpoint.save(path, network.eval(), name="cnn-teacher", origin={"recipe": recipe or {}})
    return network


def test_a_teacher_is_larger_than_those_it_teaches() -> None:
    for name, recipe in RECIPES.items():
        if isinstance(recipe, DigitRecipe) and recipe.teacher:
            assert parameter_count(NETWORKS[recipe.teacher]()) > 3 * parameter_count(NETWORKS[name]())


def test_a_loaded_teacher_says_what_its_checkpoint_says(tmp_path: Path) -> None:
    network = _saved(tmp_path / "cnn-teacher.safetensors")
    teacher = distillation.load(tmp_path / "cnn-teacher.safetensors", CPU, torch.float32)
    x = torch.rand(5, 1, 28, 28)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in teacher)
    assert torch.allclose(teacher(x), network(x), atol=1e-4)


def test_what_a_teacher_says_is_a_distribution_flatter_than_its_own() -> None:
    logits = torch.tensor([[4.0, 0.0, -2.0]])
    soft = distillation.softened(nn.Sequential(nn.Linear(3, 3)).requires_grad_(False), logits)
    assert torch.allclose(soft.sum(1), torch.ones(1))
    own = _Constant(logits)
    assert distillation.softened(own, logits).max() < torch.softmax(logits, 1).max()


class _Constant(nn.Module):
    """Says the same of every picture."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits, requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits.expand(len(x), -1)


def test_a_student_that_agrees_loses_nothing() -> None:
    logits = torch.randn(6, 11)
    soft = torch.softmax(logits / distillation.TEMPERATURE, 1)
    assert float(distillation.loss(logits, soft)) == pytest.approx(0, abs=1e-6)
    assert float(distillation.loss(logits + 3 * torch.eye(11)[:6], soft)) > 0.1


def test_a_student_follows_its_teacher_against_the_labels(tmp_path: Path) -> None:
    # The labels say 0 to 9 in turn, the teacher always 4.
    recipe = DigitRecipe(epochs=8, batch=16, learning_rate=0.01, average=0.5, precision="float32")
    teacher = _Constant(10 * torch.eye(11)[4])
    task = DigitTask(recipe, tiny_crops(64, 0), tiny_crops(30, 1), CPU, teacher)
    outcome = loop.fit("cnn-small", recipe, task, tmp_path, CPU)
    said = outcome.network(torch.from_numpy(tiny_crops(30, 2).images).unsqueeze(1) / 255.0).argmax(1)
    assert (said == 4).float().mean() > 0.8


def test_the_teacher_comes_first_and_is_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "data", monkeypatch)
    monkeypatch.chdir(tmp_path)
    words = ["cnn-small", "--epochs", "1", "--limit", "12", "--threads", "1", "--data-dir", str(folder)]
    assert command_line.main([*words, "--out", "runs/a"]) == 0
    teacher = Path("runs/cnn-teacher/cnn-teacher.safetensors")
    first = teacher.stat().st_mtime_ns
    assert command_line.main([*words, "--out", "runs/b", "--seed", "2"]) == 0
    assert teacher.stat().st_mtime_ns == first
    assert command_line.main([*words, "--out", "elsewhere/a", "--teacher", ""]) == 0
    assert not Path("elsewhere/cnn-teacher").exists()


def test_a_teacher_of_another_recipe_is_refused_by_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "cnn-teacher.safetensors"
    _saved(path, {"epochs": 3})
    with pytest.raises(DataError, match="was trained with epochs 3, expected 20"):
        distillation.check(path, RECIPES["cnn"])  # pyright: ignore[reportArgumentType]


def test_an_unknown_teacher_is_refused_by_option() -> None:
    with pytest.raises(ConfigError, match="--teacher is crnn"):
        DigitRecipe(teacher="crnn")
