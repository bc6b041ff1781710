"""What is kept of a run: ``runs/published/NAME`` holds its record, log and system."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from edge_digits.errors import DataError
from edge_digits.system.atomic_write import atomic_path
from train import checkpoint
from train.published import classical, training
from train.published.data import Dataset
from train.published.networks import NETWORKS
from train.published.recipes import RECIPES, NeighbourRecipe, VectorRecipe

FOLDER = Path("runs") / "published"
RECORD = "run.json"
ANSWERS = "epochs.npy"
"""(epochs, N) uint8: what a network took each test picture for after each epoch."""


@dataclass(frozen=True)
class Record:
    """A finished run. labels: what the classes are called. scale: share of the recipe's epochs, or of the training set
    where there are none, that was run; 1 is the whole recipe. epochs: 0 where there are none. examples: pictures that
    it was trained with. bytes: of its file, 0 where the training set is the system. accuracy: on the test set, 0..1."""

    name: str
    dataset: str
    labels: list[str]
    scale: float
    imagenet: bool
    epochs: int
    examples: int
    recipe: dict[str, Any]
    command: str
    commit: str
    hardware: str
    versions: dict[str, str]
    seconds: float
    parameters: int
    macs: int
    bytes: int
    accuracy: float

    @property
    def title(self) -> str:
        """Its name, with what sets it apart from the recipe."""
        notes = [f"{100 * self.scale:g} % of the recipe"] * (self.scale != 1) + ["from ImageNet"] * self.imagenet
        return f"{self.name} ({', '.join(notes)})" if notes else self.name


class System(Protocol):
    """Anything that can be shown pictures."""

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """(N, classes) for pictures (N, 28, 28) uint8, the greatest of which is the answer."""
        ...


@dataclass(frozen=True)
class Network:
    """A trained network on a device."""

    network: torch.nn.Module
    device: torch.device

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """See ``System``."""
        return training.probabilities(self.network, images, self.device)


def folder(base: Path, name: str, dataset: str, scale: float, imagenet: bool = False) -> Path:
    """Where a run stands below ``base``; one on MNIST with the whole recipe has the system's name."""
    parts = [name] + [dataset] * (dataset != "mnist") + ["imagenet"] * imagenet + [f"scale{scale:g}"] * (scale != 1)
    return base / "-".join(parts)


def file(place: Path, name: str) -> Path:
    """The system's file in a run's folder; of nearest neighbours there is none."""
    return place / f"{name}.{'npz' if isinstance(RECIPES[name], VectorRecipe) else 'safetensors'}"


def write(place: Path, record: Record) -> None:
    """Write the record, by which a run is known to be finished."""
    text = json.dumps(dataclasses.asdict(record), indent=2, ensure_ascii=False)
    with atomic_path(place / RECORD, make_folder=True) as part:
        part.write_text(text + "\n", encoding="utf-8")


def read(place: Path) -> Record | None:
    """The record of a run, None if it is not finished. Raises DataError if it is damaged."""
    path = place / RECORD
    if not path.is_file():
        return None
    try:
        record = Record(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: not the record of a run: {error}") from error
    if record.name not in RECIPES:
        raise DataError(f"{path}: of '{record.name}', which is none of the published systems")
    return record


def finished(base: Path) -> dict[Path, Record]:
    """All finished runs below ``base``, by folder, in the order of the recipes."""
    records = {path.parent: read(path.parent) for path in sorted(base.glob(f"*/{RECORD}"))}
    order = list(RECIPES)
    known = [(place, record) for place, record in records.items() if record is not None]
    return dict(sorted(known, key=lambda pair: (order.index(pair[1].name), pair[0].name)))


def system(place: Path, record: Record, data: Dataset, device: torch.device) -> System:
    """The trained system of a run; data: the data set that it was trained on. Raises DataError or ModelError if it is
    not there or damaged."""
    recipe = RECIPES[record.name]
    if isinstance(recipe, VectorRecipe):
        return classical.load(file(place, record.name))
    if isinstance(recipe, NeighbourRecipe):
        return classical.neighbours(recipe, data.part(record.scale).train, data.classes)
    network = NETWORKS[record.name](len(record.labels))
    checkpoint.load_weights(network, file(place, record.name))
    return Network(network.eval().to(device), device)
