"""The two systems that are no networks, fitted by scikit-learn (the extra ``published``), kept as plain arrays."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError
from edge_digits.system.extras import require
from train.digits.crops import Crops
from train.published.recipes import NeighbourRecipe, VectorRecipe

_BATCH = 500
Floats = NDArray[np.float32]


def _points(images: NDArray[np.uint8]) -> Floats:
    """(N, 28, 28) uint8 -> (N, 784) in 0..1."""
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


@dataclass(frozen=True, eq=False)
class VectorMachine:
    """A fitted support vector machine, one against one (Knerr et al. 1990). vectors: (V, 28, 28) uint8, class by class;
    counts: (C,) how many of each; weights: (C - 1, V); offsets: (C (C - 1) / 2,); as scikit-learn has them."""

    vectors: NDArray[np.uint8]
    counts: NDArray[np.int64]
    weights: Floats
    offsets: Floats
    gamma: float

    @property
    def parameters(self) -> int:
        """Numbers that it consists of."""
        return self.vectors.size + self.weights.size + self.offsets.size

    @property
    def macs(self) -> int:
        """Multiply-accumulates for a picture."""
        return self.vectors.size + self.weights.size

    def probabilities(self, images: NDArray[np.uint8]) -> Floats:
        """(N, C): the share of the pairs of classes that each class wins; no probabilities, but the first of the
        greatest is the machine's answer."""
        vectors = _points(self.vectors)
        parts = [self._batch(images[i : i + _BATCH], vectors) for i in range(0, len(images), _BATCH)]
        return np.concatenate(parts)

    def _batch(self, images: NDArray[np.uint8], vectors: Floats) -> Floats:
        points = _points(images)
        squares = (points**2).sum(1)[:, None] + (vectors**2).sum(1)[None] - 2 * points @ vectors.T
        kernel = np.exp(-self.gamma * np.maximum(squares, 0))
        classes = len(self.counts)
        ends = np.cumsum(self.counts)
        columns = [slice(end - count, end) for end, count in zip(ends, self.counts, strict=True)]
        votes = np.zeros((len(images), classes), np.float32)
        pair = 0
        for a in range(classes):
            for b in range(a + 1, classes):
                lead = (
                    kernel[:, columns[a]] @ self.weights[b - 1, columns[a]]
                    + kernel[:, columns[b]] @ self.weights[a, columns[b]]
                )
                lead += self.offsets[pair]
                votes[:, a] += lead > 0
                votes[:, b] += lead <= 0
                pair += 1
        return votes / votes.sum(1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Nearest neighbours: the training set itself. images: (T, 28, 28) uint8. neighbours: how many vote."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    neighbours: int
    classes: int

    @property
    def parameters(self) -> int:
        """Numbers that it consists of."""
        return self.images.size

    @property
    def macs(self) -> int:
        """Multiply-accumulates for a picture."""
        return self.images.size

    def probabilities(self, images: NDArray[np.uint8]) -> Floats:
        """(N, C): shares of the votes. Raises RuntimeMissingError without scikit-learn."""
        sklearn = _sklearn()
        classifier = sklearn.neighbors.KNeighborsClassifier(self.neighbours, algorithm="brute")
        classifier.fit(_points(self.images), self.labels)
        out = np.zeros((len(images), self.classes), np.float32)
        out[:, classifier.classes_] = classifier.predict_proba(_points(images))
        return out


def _sklearn() -> Any:
    require("published", "published")
    import sklearn.neighbors
    import sklearn.svm

    return sklearn


def fit_vectors(recipe: VectorRecipe, train: Crops, classes: int) -> VectorMachine:
    """Fit a support vector machine. Raises RuntimeMissingError without scikit-learn, DataError if a class has no
    picture."""
    missing = [value for value, count in enumerate(np.bincount(train.labels, minlength=classes)) if not count]
    if missing:
        raise DataError(f"{train.name}: no training picture of class {missing[0]}")
    made = _sklearn().svm.SVC(C=recipe.c, gamma=recipe.gamma, kernel="rbf", cache_size=1000)
    made.fit(_points(train.images), train.labels)
    weights, offsets = np.asarray(made.dual_coef_, np.float32), np.asarray(made.intercept_, np.float32)
    # Of two classes scikit-learn turns the sign.
    sign = -1 if classes == 2 else 1
    return VectorMachine(
        train.images[made.support_],
        np.asarray(made.n_support_, np.int64),
        sign * weights,
        sign * offsets,
        recipe.gamma,
    )


def save(path: Path, machine: VectorMachine) -> None:
    """Write a machine to an .npz file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        vectors=machine.vectors,
        counts=machine.counts,
        weights=machine.weights,
        offsets=machine.offsets,
        gamma=machine.gamma,
    )


def load(path: Path) -> VectorMachine:
    """Read it back. Raises DataError if the file is missing or damaged."""
    try:
        with np.load(path) as stored:
            arrays = (stored["vectors"], stored["counts"], stored["weights"], stored["offsets"])
            return VectorMachine(*arrays, gamma=float(stored["gamma"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not a support vector machine: {error}") from error


def neighbours(recipe: NeighbourRecipe, train: Crops, classes: int) -> Neighbours:
    """Nothing is fitted: the training set is the system."""
    return Neighbours(train.images, train.labels, recipe.neighbours, classes)
