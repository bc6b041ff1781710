"""What the zoo is trained, calibrated and judged on: MNIST's digits, and lines drawn with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.io import mnist

CALIBRATION = 1_000
HELD_OUT = 3_000
"""The last of the training images: what chooses."""
_TRAIN = 54_000
LINE_DIGITS = 4
LINE_SIZE = 32, 112
_LINES = {"train": 12_000, "calibration": CALIBRATION, "held out": 2_000, "test": 4_000}


@dataclass(frozen=True)
class Part:
    """inputs: (N, 1, height, width) float32 in 0..1. labels: (N,) int64, of lines (N, LINE_DIGITS)."""

    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]

    def first(self, count: int) -> Part:
        """The first ``count``."""
        return Part(self.inputs[:count], self.labels[:count])


def digits(folder: Path) -> dict[str, Part]:
    """MNIST: "train", "calibration" (of train's), "held out" and "test". Raises DataError if it cannot be had."""
    images, labels = mnist.load("train", folder)
    train, held_out = _part(images[:_TRAIN], labels[:_TRAIN]), _part(images[-HELD_OUT:], labels[-HELD_OUT:])
    return {
        "train": train,
        "calibration": train.first(CALIBRATION),
        "held out": held_out,
        "test": _part(*mnist.load("test", folder)),
    }


def lines(folder: Path) -> dict[str, Part]:
    """The same parts as lines of ``LINE_DIGITS`` digits, drawn side by side, some of them touching."""
    made = {}
    for seed, (name, part) in enumerate(digits(folder).items()):
        random = np.random.default_rng(seed)
        made[name] = _lines(part, _LINES[name], random)
    return made


def _part(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Part:
    return Part(images[:, None].astype(np.float32) / np.float32(255), labels.astype(np.int64))


def _lines(part: Part, count: int, random: np.random.Generator) -> Part:
    drawn = random.integers(0, len(part.labels), (count, LINE_DIGITS))
    inputs = np.zeros((count, 1, *LINE_SIZE), np.float32)
    for line, chosen in zip(inputs, drawn, strict=True):
        x = int(random.integers(0, 6))
        for index in chosen:
            y = int(random.integers(0, 5))
            place = line[0, y : y + 28, x : x + 28]
            np.maximum(place, part.inputs[index, 0, :, : place.shape[1]], out=place)
            # MNIST's digits have four empty columns on either side, so at 20 they touch.
            x += int(random.integers(20, 27))
    return Part(inputs, part.labels[drawn])
