"""Quantization-aware training: the network is computed as int8 will compute it, and learns to live with that."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_data import tiny_crops
from torch import nn

from edge_digits.errors import ConfigError
from train import __main__ as command_line
from train import fit, networks
from train.digits.task import DigitTask
from train.fake_quantization import fake_quantized
from train.layers import Recurrence, Steps
from train.recipes import CNN, DigitRecipe

CPU = torch.device("cpu")


def _trained() -> nn.Sequential:
    """Whose statistics are not those of a new network."""
    torch.manual_seed(0)
    network = networks.cnn_small().train()
    for _ in range(3):
        network(torch.rand(16, 1, 28, 28))
    return network.eval()


def test_is_the_folded_network_but_for_rounding() -> None:
    network, x = _trained(), torch.rand(8, 1, 28, 28)
    with torch.inference_mode():
        expected, given = network(x), fake_quantized(network, x)
    noise = float((given - expected).square().sum() / expected.square().sum())
    assert 0 < noise < 0.01


def test_values_are_those_that_eight_bits_can_hold() -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        given = fake_quantized(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU()), torch.rand(8, 1, 28, 28))
    assert 0.0 in given and len(given.unique()) <= 256


def test_gradients_go_through_to_all_weights() -> None:
    network = _trained().train()
    fake_quantized(network, torch.rand(8, 1, 28, 28)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())


def test_statistics_of_batch_normalization_are_frozen() -> None:
    network = _trained().train()
    before = [buffer.clone() for buffer in network.buffers()]
    fake_quantized(network, torch.rand(8, 1, 28, 28))
    assert all(torch.equal(a, b) for a, b in zip(before, network.buffers(), strict=True))


def test_goes_through_recurrences_and_pools() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.MaxPool2d((8, 1)), Steps(), Recurrence(nn.GRU, 4, 3), nn.Linear(6, 5)
    )
    assert fake_quantized(network, torch.rand(2, 1, 8, 12)).shape == (2, 12, 5)


def test_batch_normalization_that_cannot_be_folded_is_refused() -> None:
    with pytest.raises(TypeError, match="BatchNorm2d"):
        fake_quantized(nn.Sequential(nn.ReLU(), nn.BatchNorm2d(1)), torch.rand(2, 1, 8, 8))


@pytest.mark.slow
def test_only_the_last_epochs_simulate_int8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counted(network: nn.Sequential, x: torch.Tensor) -> torch.Tensor:
        calls.append(len(x))
        return fake_quantized(network, x)

    monkeypatch.setattr(fit, "fake_quantized", counted)
    recipe = DigitRecipe(epochs=2, qat=1, batch=16, precision="float32")
    task = DigitTask(recipe, tiny_crops(48, 0), tiny_crops(32, 2), tiny_crops(10, 1), CPU)
    outcome = fit.fit("cnn-small", recipe, task, tmp_path, CPU)
    assert calls == [16] * task.steps()
    assert not outcome.network.training


def test_all_epochs_are_too_many() -> None:
    with pytest.raises(ConfigError, match="--qat is 3, expected 0 to 2"):
        DigitRecipe(epochs=3, qat=3)


def test_alone_the_option_is_three_epochs() -> None:
    parser = command_line._parser()  # pyright: ignore[reportPrivateUsage]
    assert parser.parse_args(["cnn"]).qat == CNN.qat == 0
    assert parser.parse_args(["cnn", "--qat"]).qat == 3
    assert parser.parse_args(["crnn", "--qat", "2"]).qat == 2
