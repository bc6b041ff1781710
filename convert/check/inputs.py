"""What a model file is judged on: pixels as it takes them, with their truth; digits, whole lines, or nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from train.digits.crops import Crops
from train.lines import labelled_lines
from train.lines.labelled_lines import Lines


@dataclass(frozen=True)
class Inputs:
    """pixels: (N, height, width) uint8, of several channels (N, channels, height, width). truth: (N,) class indices; of
    lines (N, MOST_DIGITS) labels, see ``train.lines.labelled_lines.Lines``. name: of the set. task: of the networks
    that it judges, one of ``edge_digits.runtime.spec.TASKS``."""

    name: str
    pixels: NDArray[np.uint8]
    truth: NDArray[Any]
    task: str

    def __len__(self) -> int:
        return len(self.truth)

    def spread(self, count: int) -> NDArray[np.uint8]:
        """Pixels of ``count`` inputs (of fewer, all) from all over the set, whose parts differ."""
        return self.pixels[np.linspace(0, len(self) - 1, min(count, len(self))).astype(int)]


@dataclass(frozen=True)
class NodeInputs(Inputs):
    """Nodes for one of the judge's stages. label: (N,) int8, see ``edge_digits.judge_classes``. first: what the first
    stage sees of them, (N, channels, height, width) uint8. unasked: (N,) bool, those that the first stage is not asked
    about in reading: pieces of a node, and gaps between digits."""

    label: NDArray[np.int8]
    first: NDArray[np.uint8]
    unasked: NDArray[np.bool_]


Judges = Crops | Lines | NodeInputs
"""Digits judge a CNN, lines a CRNN, nodes the judge's networks."""


def thinned(judges: Crops | Lines, share: int) -> Crops | Lines:
    """One in ``share`` of digits or lines, from all over the set."""
    if share == 1:
        return judges
    if isinstance(judges, Crops):
        return Crops(judges.name, judges.images[::share], judges.labels[::share])
    strips = [(judges.strip(i), judges.labels[i][judges.labels[i] <= REJECT]) for i in range(0, len(judges), share)]
    return labelled_lines.from_strips(judges.name, strips)


def inputs(judges: Judges, shape: tuple[int, int]) -> Inputs:
    """``judges`` for a file that takes pixels of ``shape`` (height, width): all digits or nodes, or the lines that fit,
    filled up with paper on the right."""
    if isinstance(judges, NodeInputs):
        return judges
    if isinstance(judges, Crops):
        return Inputs(judges.name, judges.images, judges.labels, "digits")
    fitting = np.flatnonzero(judges.widths <= shape[1])
    return Inputs(judges.name, judges.padded(fitting, shape[1]), judges.labels[fitting], "lines")
