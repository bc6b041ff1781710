"""Both sides over the set, sample by sample in turns -> what is right, and how long it took."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge_digits.accuracy.sample_set import Sample, SampleSet
from edge_digits.accuracy.sides import Side
from edge_digits.model_input import normalize
from edge_digits.reader import DigitReader
from edge_digits.runtime.model import Model
from edge_digits.system.progress import Progress

DIGIT, PICTURE = 0.001, 0.1
"""What a sample takes, in the same unit: for the time that is left."""


@dataclass(frozen=True)
class Measured:
    """One side on one kind of sample. right: (N,) bool, of each digit or row. seconds: (M,), of each sample alone."""

    right: NDArray[np.bool_]
    seconds: NDArray[np.float64]

    @property
    def share(self) -> float:
        """Of digits or rows that are read rightly, 0..1."""
        return float(self.right.mean())

    @property
    def median(self) -> float:
        """Seconds of one sample."""
        return float(np.median(self.seconds))


@dataclass(frozen=True)
class Outcome:
    """What one side comes to: None where its files cannot do it. digits: single ones, by the network alone. lines:
    pictures of a row, by the network for rows. tiles: by all networks together."""

    side: Side
    digits: Measured | None
    lines: Measured | None
    tiles: Measured


@dataclass
class _Record:
    right: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, answer: Callable[[], list[bool]]) -> None:
        began = time.perf_counter()
        right = answer()
        self.seconds.append(time.perf_counter() - began)
        self.right += right

    def measured(self) -> Measured | None:
        return Measured(np.array(self.right), np.array(self.seconds)) if self.right else None


def compare(sides: Sequence[Side], samples: SampleSet) -> list[Outcome]:
    """Let all sides read all samples. Right is a digit that is taken for itself, and a row if one with just its digits
    was read."""
    with_digits = [(side, side.digits) for side in sides if side.digits is not None]
    with_lines = [(side, side.lines) for side in sides if side.lines is not None]
    tasks = [(DIGIT * len(samples.labels), with_digits), (PICTURE * len(samples.lines), with_lines)]
    expected = sum(seconds * len(some) for seconds, some in tasks) + PICTURE * len(samples.tiles) * len(sides)
    progress = Progress(len(samples.lines) + len(samples.tiles) + 1, expected)
    records = {(side.name, kind): _Record() for side in sides for kind in ("digits", "lines", "tiles")}
    for image, label in zip(samples.digits, samples.labels.tolist(), strict=True):
        pixels = normalize.digit(image)[None]
        for side, model in with_digits:
            records[side.name, "digits"].add(lambda model=model, pixels=pixels, label=label: _is(model, pixels, label))
    progress.done(tasks[0][0] * len(with_digits))
    for kind, some, readers in (
        ("lines", samples.lines, with_lines),
        ("tiles", samples.tiles, [(side, side.whole) for side in sides]),
    ):
        for sample in some:
            for side, reader in readers:
                records[side.name, kind].add(lambda reader=reader, sample=sample: _rows(reader, sample))
            progress.done(PICTURE * len(readers))
    outcomes = []
    for side in sides:
        digits, lines, tiles = (records[side.name, kind].measured() for kind in ("digits", "lines", "tiles"))
        assert tiles is not None
        outcomes.append(Outcome(side, digits, lines, tiles))
    return outcomes


def _is(model: Model, pixels: NDArray[np.uint8], label: int) -> list[bool]:
    return [int(model.scores(pixels)[0].argmax()) == label]


def _rows(reader: DigitReader, sample: Sample) -> list[bool]:
    """Of each row that is written whether one with just its digits was read."""
    read = Counter(line.text for line in reader.read(sample.image).lines)
    right = []
    for text in sample.lines:
        right.append(read[text] > 0)
        read[text] -= 1
    return right
