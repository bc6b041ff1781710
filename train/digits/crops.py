"""Labelled model input as one record, in memory and on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError
from edge_digits.system.atomic_write import atomic_path


@dataclass(frozen=True)
class Crops:
    """Model input with its truth: images (N, 28, 28) uint8, as ``model_input.normalize`` makes them, and labels (N,)
    uint8, 0..9 or ``charset.REJECT``. name says where they come from."""

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Raises ValueError if images and labels do not fit together."""
        if self.images.ndim != 3 or len(self.images) != len(self.labels):
            raise ValueError(f"{self.name}: images {self.images.shape} do not fit labels {self.labels.shape}")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.integer] | NDArray[np.bool_] | slice) -> Crops:
        """Some of them."""
        return Crops(self.name, self.images[index], self.labels[index])


def join(name: str, parts: Sequence[Crops]) -> Crops:
    """All of ``parts`` (at least one), one after the other."""
    return Crops(name, np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))


def save(path: Path, crops: Crops) -> None:
    """Write ``crops`` to an .npz file that is there whole or not at all."""
    with atomic_path(path, make_folder=True) as part, part.open("wb") as file:
        np.savez(file, images=crops.images, labels=crops.labels)


def load(path: Path) -> Crops:
    """Crops from ``save``'s file. Raises DataError if it is damaged."""
    try:
        with np.load(path) as file:
            return Crops(path.stem, file["images"], file["labels"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: damaged, delete it to make it anew: {error}") from error
