"""A small network that somebody else trained, with the pictures that it reads."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
import torch
from foreign_models import model_of
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import nn

from convert.foreign.samples import Samples

SIDE = 16


def drawn(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Digits of a plain font somewhere in the picture, light on dark: (N, 16, 16) uint8 and (N,)."""
    random = np.random.default_rng(seed)
    pixels, truth = np.zeros((count, SIDE, SIDE), np.uint8), random.integers(0, 10, count).astype(np.int32)
    for picture, digit in zip(pixels, truth, strict=True):
        place = int(random.integers(1, 6)), int(random.integers(11, 15))
        ink = (float(random.integers(160, 256)),)
        cv2.putText(picture, str(digit), place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, ink)
    return pixels, truth


class Network(nn.Module):
    """Of 16×16 grey pictures in 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 12, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(12, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(256, 10),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


@pytest.fixture(scope="session")
def network() -> Network:
    """After some epochs."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    made = Network().train()
    pixels, truth = drawn(1_000, 1)
    x, y = torch.from_numpy(pixels)[:, None] / 255, torch.from_numpy(truth).long()
    optimizer = torch.optim.Adam(made.parameters(), 1e-2)
    for _ in range(12):
        for batch in torch.randperm(len(x)).split(100):
            optimizer.zero_grad()
            nn.functional.cross_entropy(made(x[batch]), y[batch]).backward()
            optimizer.step()
    return made.eval()


@pytest.fixture(scope="session")
def graph(network: Network) -> onnx.ModelProto:
    """The network as ONNX, written down by hand, with a softmax at its end."""
    weights = [parameter.detach().numpy() for parameter in network.parameters()]
    held = [numpy_helper.from_array(values, f"w{place}") for place, values in enumerate(weights)]
    around: dict[str, Any] = {"strides": [2, 2], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["x", "w0", "w1"], ["a"], "first", **around),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("Conv", ["b", "w2", "w3"], ["c"], "second", **around),
        helper.make_node("Relu", ["c"], ["d"], "relu_2"),
        helper.make_node("Flatten", ["d"], ["e"], "flat"),
        helper.make_node("Gemm", ["e", "w4", "w5"], ["f"], "last", transB=1),
        helper.make_node("Softmax", ["f"], ["y"], "softmax"),
    ]
    return model_of(nodes, ["batch", 1, SIDE, SIDE], ["batch", 10], held)


@pytest.fixture(scope="session")
def samples() -> Samples:
    """What the network reads, with the truth."""
    pixels, truth = drawn(300, 2)
    return Samples(pixels, truth, np.ones(len(pixels), bool))


@pytest.fixture(scope="session")
def folder(samples: Samples, graph: onnx.ModelProto, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``model.onnx``, ``pictures/`` and ``labels.csv``."""
    made = tmp_path_factory.mktemp("foreign")
    onnx.save(graph, made / "model.onnx")
    (made / "pictures").mkdir()
    assert samples.truth is not None
    with (made / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "label"])
        for place, (picture, digit) in enumerate(zip(samples.pixels, samples.truth.tolist(), strict=True)):
            cv2.imwrite(str(made / "pictures" / f"{place:03}.png"), picture)
            table.writerow([f"{place:03}.png", digit])
    return made
