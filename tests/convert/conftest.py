"""A small network, trained for some seconds: it reads well enough that its answers have margins."""

from __future__ import annotations

import os
from itertools import cycle, product
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest

pytest.importorskip("torch", reason="conversion needs torch: pip install -e '.[convert]'")
pytest.importorskip("onnxruntime", reason="conversion needs onnxruntime: pip install -e '.[convert]'")

import numpy as np
import torch
from numpy.typing import NDArray

from convert.quantize.sheet_digits import find_digits
from convert.quantize.sheets import LIGHTS, PENS, legible_sheet
from edge_digits.types import Image
from train import checkpoint, networks
from train.digits.crops import Crops
from train.tensors import to_input


@pytest.fixture(autouse=True)
def kept_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The logs that failed converters leave stay in the test's own folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path.parent))


@pytest.fixture(scope="session")
def crops() -> Crops:
    """2,000 crops of our own strokes, (2000, 28, 28) uint8, a sixth of which is no digit, as a reader finds them."""
    random = np.random.default_rng(7)
    pixels: list[Image] = []
    labels: list[int] = []
    for pen, light in cycle(product(PENS, LIGHTS)):
        sheet = legible_sheet(random, pen, light, 28.0)
        for found, label in zip(find_digits(sheet.picture, sheet.boxes), sheet.labels, strict=True):
            if found is not None:
                pixels.append(found.pixels)
                labels.append(label)
        if len(labels) >= 2_000:
            return Crops("synthesized", np.array(pixels[:2_000]), np.array(labels[:2_000], np.uint8))
    raise AssertionError


@pytest.fixture(scope="session")
def network(crops: Crops) -> torch.nn.Sequential:
    """The small CNN after some epochs on ``crops``."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    made = networks.cnn_small().train()
    optimizer = torch.optim.Adam(made.parameters(), 6e-3)
    images, labels = to_input(torch.from_numpy(crops.images)), torch.from_numpy(crops.labels).long()
    for _ in range(12):
        for batch in torch.randperm(len(images)).split(100):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(made(images[batch]), labels[batch]).backward()
            optimizer.step()
    return made.eval()


@pytest.fixture(scope="session")
def checkpoint_path(network: torch.nn.Sequential, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network as a checkpoint with its spec."""
    path = tmp_path_factory.mktemp("checkpoint") / "cnn-small.safetensors"
    scores = {"camera-validation": 0.97}
    checkpoint.save(
        path, network, name="cnn-small", temperature=1.25, origin={"recipe": "test", "seed": 0}, scores=scores
    )
    return path


@pytest.fixture(scope="session")
def noise() -> NDArray[np.uint8]:
    """What a covered lens gives, (100, 28, 28) uint8: faint noise, and the 0 and 255 that the input's scale needs."""
    made = np.random.default_rng(0).integers(0, 4, (100, 28, 28)).astype(np.uint8)
    made[0, 0, :2] = 0, 255
    return made
