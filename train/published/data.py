"""The data sets that systems are trained and tested on, by name: MNIST, USPS, and what torchvision can fetch."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS
from edge_digits.errors import DataError
from edge_digits.io import mnist
from train.data import digit_sets
from train.digits.crops import Crops, join
from train.digits.dataset import normalized

Names = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Dataset:
    """train and test: pictures (N, 28, 28) uint8, 0 paper … 255 ink, and their labels (N,). charset: one character for
    each class, in order; labels: what the classes are called."""

    name: str
    train: Crops
    test: Crops
    charset: str
    labels: Names

    @property
    def classes(self) -> int:
        """How many."""
        return len(self.charset)

    def part(self, share: float) -> Dataset:
        """The same with the first ``share`` of the training pictures, 0..1."""
        count = max(self.classes, round(share * len(self.train)))
        train = Crops(self.train.name, self.train.images[:count], self.train.labels[:count])
        return Dataset(self.name, train, self.test, self.charset, self.labels)


@dataclass(frozen=True)
class _Fetched:
    """A data set of torchvision's: its class, its arguments, whether pictures are transposed, its first label."""

    kind: str
    charset: str
    labels: Names
    arguments: tuple[tuple[str, str], ...] = ()
    transposed: bool = False
    first: int = 0


_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
_HIRAGANA = "おきすつなはまやれを"
_BALANCED = f"{DIGITS}{_UPPER}abdefghnqrt"


def _emnist(split: str, charset: str, first: int = 0) -> _Fetched:
    # Its pictures lie on their side, as they came from NIST's files.
    return _Fetched("EMNIST", charset, tuple(charset), (("split", split),), transposed=True, first=first)


FETCHED = {
    "emnist-digits": _emnist("digits", DIGITS),
    "emnist-letters": _emnist("letters", _UPPER, first=1),
    "emnist-balanced": _emnist("balanced", _BALANCED),
    "fashion": _Fetched("FashionMNIST", "TRPDCSHNBA", _CLOTHES),
    "kmnist": _Fetched("KMNIST", _HIRAGANA, tuple(_HIRAGANA)),
}
"""EMNIST (Cohen et al. 2017), Fashion-MNIST (Xiao et al. 2017), KMNIST (Clanuwat et al. 2018)."""

NAMES = ("mnist", "usps", *FETCHED)


def load(name: str, folder: Path) -> Dataset:
    """The data set ``name``, one of ``NAMES``. folder: the data folder.

    MNIST is as the publications have it, pixel by pixel; USPS is made as large as MNIST by ``model_input.normalize``.
    Raises DataError if it is not there and cannot be fetched.
    """
    if name == "mnist":
        train, test = (_mnist(folder, split) for split in ("train", "test"))
        return Dataset(name, train, test, DIGITS, tuple(DIGITS))
    if name == "usps":
        train = join(name, [normalized(digit_sets.read_usps(folder, part)) for part in ("train", "validation")])
        return Dataset(name, train, normalized(digit_sets.read_usps(folder, "test")), DIGITS, tuple(DIGITS))
    about = FETCHED[name]
    train, test = (_fetched(name, about, folder, train) for train in (True, False))
    return Dataset(name, train, test, about.charset, about.labels)


def _mnist(folder: Path, split: str) -> Crops:
    images, labels = mnist.load(split, folder)
    # torch warns of arrays that cannot be written to, as these are.
    return Crops("mnist", images.copy(), labels.copy())


def _fetched(name: str, about: _Fetched, folder: Path, train: bool) -> Crops:
    try:
        from torchvision import datasets  # pyright: ignore[reportMissingImports]
    # Beside a torch that it was not built for it raises RuntimeError.
    except (ImportError, RuntimeError) as error:
        problem = str(error).splitlines()[0]
        raise DataError(f"--dataset {name}: needs torchvision, which cannot be imported here: {problem}") from error
    root = folder if (folder / about.kind).is_dir() else mnist.cache_dir()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            fetched: Any = getattr(datasets, about.kind)(root, train=train, download=True, **dict(about.arguments))
    except (OSError, RuntimeError) as error:
        raise DataError(f"--dataset {name}: not in {root}, and cannot be fetched: {error}") from error
    return _crops(name, np.asarray(fetched.data), np.asarray(fetched.targets), about)


def _crops(name: str, images: NDArray[Any], targets: Sequence[int] | NDArray[Any], about: _Fetched) -> Crops:
    labels = np.asarray(targets, np.int64) - about.first
    if images.shape != (len(labels), 28, 28) or labels.min() < 0 or labels.max() >= len(about.charset):
        raise DataError(
            f"--dataset {name}: pictures {images.shape} and labels up to {labels.max()} are not what it has"
        )
    upright = images.transpose(0, 2, 1) if about.transposed else images
    return Crops(name, np.ascontiguousarray(upright, np.uint8), labels.astype(np.uint8))
