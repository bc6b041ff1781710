"""A network that was trained to be quantized: it converts, and int8 loses no more than without that."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from convert.export import to_onnx
from convert.quantize.figures import signal_to_noise
from convert.quantize.graph import prepare, run
from convert.quantize.remedies.accuracy_control import OnnxInt8, Settings
from train import fit, networks
from train.digits.crops import Crops
from train.digits.task import DigitTask
from train.recipes import DigitRecipe

RECIPE = DigitRecipe(epochs=6, batch=50, learning_rate=0.005, average=0.5, precision="float32")


def _hard_network() -> nn.Sequential:
    """``cnn-small`` whose first results lie three powers of ten apart from channel to channel, and count as much: one
    scale for the tensor leaves little of the small ones."""
    network = networks.cnn_small()
    first, norm, _, second = list(network)[:4]
    assert isinstance(first, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d) and isinstance(second, nn.Conv2d)
    scale = torch.logspace(0, -3, norm.num_features)
    with torch.no_grad():
        norm.weight.mul_(scale)
        second.weight.div_(scale[:, None, None])
    return network


@pytest.mark.slow
def test_int8_loses_no_more_than_without_it(crops: Crops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(networks.NETWORKS, "cnn-small", _hard_network)
    some, others = (Crops("part", crops.images[at : at + 300], crops.labels[at : at + 300]) for at in (0, 300))
    pixels = others.images[:, None].astype(np.float32) / np.float32(255)
    ratios = []
    for qat in (0, 3):
        recipe = dataclasses.replace(RECIPE, qat=qat)
        task = DigitTask(recipe, some, some, others, torch.device("cpu"))
        outcome = fit.fit("cnn-small", recipe, task, tmp_path / str(qat), torch.device("cpu"))
        to_onnx.export(outcome.network, (28, 28), tmp_path / "float32.onnx")
        model = prepare(onnx.load(tmp_path / "float32.onnx"))
        int8 = OnnxInt8(pixels)(model, Settings(len(pixels), per_channel=True))
        ratios.append(signal_to_noise(run(model, pixels)[0], int8(pixels)))
    assert ratios[1] >= ratios[0]
