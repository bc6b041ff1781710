"""Single digits as pictures of their own, through the whole reader: pen digits and MNIST's as files.

The test sets of ``train.evaluate.testsets`` are shown to a network; here the digit has to be found first.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_digits.charset import DIGITS
from edge_digits.io import mnist, sources
from edge_digits.page import Page
from edge_digits.types import Image

logger = logging.getLogger(__name__)

PEN, MNIST = "pen digits", "MNIST as files"
FOLDER = "pen_digits"
MNIST_COUNT = 600
"""MNIST's test digits that are read unless more are asked for, spread over all."""


@dataclass(frozen=True, eq=False)
class SinglePictures:
    """A set: its name, the pictures, each a file or the picture itself, (H, W) uint8, and which digit each shows."""

    name: str
    pictures: list[Path | Image]
    labels: list[int]


@dataclass(frozen=True)
class Singles:
    """What was read in a set. right: pictures in which that digit was read and no other. missed: in which none was.
    several: in which more than one was; in the others it was another one."""

    name: str
    count: int
    right: int
    missed: int
    several: int


def load(folder: Path, mnist_count: int = MNIST_COUNT) -> list[SinglePictures]:
    """The sets that the data folder has. Raises DataError if MNIST cannot be had."""
    sets = [mnist_files(folder, mnist_count)]
    if (folder / FOLDER).is_dir():
        return [pen_digits(folder / FOLDER), *sets]
    logger.warning("%s is not in %s: left out", FOLDER, folder)
    return sets


def pen_digits(folder: Path) -> SinglePictures:
    """The pictures of ``folder``: each lies in a folder that is called as its digit."""
    named = [(digit, folder / digit) for digit in DIGITS if (folder / digit).is_dir()]
    files = [(Path(name), int(digit)) for digit, place in named for name in sources.pictures(str(place))]
    return SinglePictures(PEN, [path for path, _ in files], [digit for _, digit in files])


def mnist_files(folder: Path, count: int) -> SinglePictures:
    """``count`` of MNIST's test digits, all if there are fewer: light on dark, 28×28, as files hold them. None is
    written, since a PNG keeps every pixel. Raises DataError if MNIST cannot be had."""
    images, labels = mnist.load("test", folder)
    index = np.linspace(0, len(images) - 1, min(count, len(images))).round().astype(int)
    return SinglePictures(MNIST, list(images[index]), labels[index].tolist())


def score(given: SinglePictures, pages: Sequence[Page]) -> Singles:
    """What ``pages`` say of the pictures of a set."""
    read = ["".join(c for line in page.lines for c in line.text if c.isdigit()) for page in pages]
    right = sum(text == str(label) for text, label in zip(read, given.labels, strict=True))
    return Singles(given.name, len(read), right, sum(not text for text in read), sum(len(text) > 1 for text in read))
