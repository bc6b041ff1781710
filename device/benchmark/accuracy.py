"""Right and wrong, item by item, so that two runs can be compared on the same items."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.lines.line_reader import LineReader
from edge_digits.model_input import normalize
from edge_digits.runtime.model import Model

BATCH = 500


def pack(right: NDArray[np.bool_]) -> str:
    """(N,) bool as hexadecimal digits, the first item in the highest bit."""
    return np.packbits(right).tobytes().hex()


def unpack(bits: str, count: int) -> NDArray[np.bool_]:
    """The ``count`` items that ``pack`` wrote, (count,) bool."""
    return np.unpackbits(np.frombuffer(bytes.fromhex(bits), np.uint8), count=count).astype(np.bool_)


def right_digits(model: Model, digits: Path) -> str:
    """Which of the ``images`` (N, 28, 28) in the file ``digits`` are read as their ``labels`` say, packed. One that is
    taken for no digit is wrong. For a model that reads lines each is a line of one, which must be read as that digit
    and nothing else."""
    with np.load(digits) as held:
        images, labels = held["images"], held["labels"]
    if model.spec.reads_lines:
        lines = LineReader([model])
        read = [[symbol.value for symbol in lines.read(image)] for image in images]
        return pack(np.array([found == [label] for found, label in zip(read, labels.tolist(), strict=True)]))
    right = []
    for start in range(0, len(images), BATCH):
        pixels = np.stack([normalize.digit(image) for image in images[start : start + BATCH]])
        right.append(model.scores(pixels).argmax(axis=1) == labels[start : start + BATCH])
    return pack(np.concatenate(right))
