"""Whole pictures through a reader, ours or a peer's: what was read, and how long that took."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from device.benchmark.opening import open_own_reader
from device.benchmark.peers.opening import open_peer
from device.benchmark.peers.reader import PictureReader, Sight
from edge_digits.io.image import load_grey
from edge_digits.reader import DigitReader


class OwnReader:
    """The reader that ships."""

    def __init__(self, reader: DigitReader) -> None:
        self._reader = reader

    def read(self, sight: Sight) -> list[str]:
        """See ``device.benchmark.peers.reader.PictureReader.read``."""
        return [line.text for line in self._reader.read(sight.grey).lines]


def open_any_reader(job: dict[str, Any]) -> PictureReader:
    """The reader that the job names: ``reader`` is "edge-digits", with a model, or a peer's name."""
    cv2.setNumThreads(job["threads"])
    if job["reader"] == "edge-digits":
        return OwnReader(open_own_reader(job))
    return open_peer(job["reader"], job["options"])


def load_sight(path: str) -> Sight:
    """A picture as every reader may see it: grey, and in colour where the file has colours that OpenCV reads."""
    grey = load_grey(path)
    colour = cv2.imread(path, cv2.IMREAD_COLOR)
    if colour is None or colour.shape[:2] != grey.shape:
        colour = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    return Sight(path, grey, np.asarray(colour, np.uint8))


def read_pictures(reader: PictureReader, files: Sequence[str], seed: int) -> dict[str, Any]:
    """Read every file once, in a random order, after one that warms up.

    Returns ``lines``: digits of each line for each file, ``seconds`` for each file; loading is not in them.
    """
    lines: dict[int, list[str]] = {}
    seconds: dict[int, float] = {}
    order = random.Random(seed).sample(range(len(files)), len(files))
    reader.read(load_sight(files[order[-1]]))
    for index in order:
        sight = load_sight(files[index])
        began = time.perf_counter()
        texts = reader.read(sight)
        seconds[index] = time.perf_counter() - began
        lines[index] = ["".join(filter(_is_digit, text)) for text in texts]
    everyone = range(len(files))
    return {"lines": [lines[i] for i in everyone], "seconds": [seconds[i] for i in everyone]}


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"
