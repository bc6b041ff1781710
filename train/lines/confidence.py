"""What the confidence of a network that reads lines means: of each digit, and of the whole line.

The temperature makes the digits' confidences come true (Guo et al. 2017, section 4.2). Guo's likelihood is that of the
class, of which a step of CTC has none of its own; here it is that of each digit read being right. The line exponent
and the thresholds are fitted behind it as they are for single digits.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from edge_digits.charset import BLANK, REJECT, UNREADABLE
from edge_digits.errors import ModelError
from edge_digits.runtime.spec import ModelSpec, write_spec
from train import checkpoint, parallel
from train.evaluate.confidence import line_exponent, thresholds
from train.evaluate.pages import Answers, answers
from train.evaluate.photographs import aligned
from train.lines import dataset
from train.lines.labelled_lines import Lines, to_text
from train.lines.task import predict
from train.temperature_scaling import softmax

logger = logging.getLogger(__name__)

_TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(10.0), 139))


@dataclass(frozen=True)
class ReadLine:
    """One line as it was read. steps: for each of its digits the logits (T, classes) of the steps that make it, and
    which class they stand for. right: of each digit, and of the line as a whole."""

    steps: list[tuple[NDArray[np.float32], int]]
    right: list[bool]
    exact: bool

    def confidences(self, temperature: float) -> list[float]:
        """Of each digit, 0..1: as sure as the surest of its steps, see ``edge_digits.lines.ctc.greedy``."""
        return [float(softmax(logits, temperature)[:, value].max()) for logits, value in self.steps]


def run(path: Path, folder: Path) -> ModelSpec:
    """Fit the confidence of a checkpoint and write it into its spec. folder: the data folder.

    Files for devices have theirs from the checkpoint that they were made of. Raises ModelError for another file,
    DataError if MNIST cannot be had.
    """
    if path.suffix != ".safetensors":
        raise ModelError(
            f"{path}: the confidence of a line model is fitted before it is converted; name a .safetensors"
        )
    network, spec = checkpoint.load(path)
    plain, tiles = dataset.validation(folder, parallel.default_processes())
    spec = fitted(spec, read_lines(network, tiles), read_lines(network, plain))
    write_spec(path, spec)
    logger.info("%s: temperature %g, line exponent %g", path, spec.temperature, spec.line_exponent)
    return spec


def fitted(spec: ModelSpec, tiles: Sequence[ReadLine], plain: Sequence[ReadLine]) -> ModelSpec:
    """``spec`` with temperature, line exponent and thresholds. tiles, plain: validation lines as they were read; the
    first two are fitted on those that took the device's road, a threshold holds on both."""
    heat = temperature(tiles)
    digits = [digit_answers(part, heat) for part in (tiles, plain)]
    exponent = line_exponent(line_answers(tiles, heat))
    return dataclasses.replace(spec, temperature=round(heat, 4), line_exponent=exponent, thresholds=thresholds(digits))


def read_lines(network: nn.Module, lines: Lines) -> list[ReadLine]:
    """What ``network`` reads in each of ``lines``, in the order in which it is given them."""
    lines_read = []
    for chosen, scores in predict(network, lines):
        lines_read += [_read(logits, lines.text(int(index))) for index, logits in zip(chosen, scores, strict=True)]
    return lines_read


def temperature(read: Sequence[ReadLine]) -> float:
    """The temperature between 0.1 and 10 under which it is likeliest that those digits are right which are; 1 if none
    was read."""
    right = np.array([ok for line in read for ok in line.right], np.bool_)
    steps = [step for line in read for step in line.steps]
    if not steps:
        return 1.0
    logits = np.concatenate([scores for scores, _ in steps])
    value = np.concatenate([np.full(len(scores), value) for scores, value in steps])
    starts = np.cumsum([0, *(len(scores) for scores, _ in steps[:-1])])

    def loss(heat: float) -> float:
        chance = np.maximum.reduceat(softmax(logits, heat)[np.arange(len(value)), value], starts)
        chance = np.clip(chance, 1e-9, 1 - 1e-9)
        return -float(np.where(right, np.log(chance), np.log1p(-chance)).mean())

    return min(_TEMPERATURES.tolist(), key=loss)


def digit_answers(read: Sequence[ReadLine], heat: float) -> Answers:
    """Every digit that was read."""
    return answers([pair for line in read for pair in zip(line.confidences(heat), line.right, strict=True)])


def line_answers(read: Sequence[ReadLine], heat: float) -> Answers:
    """Every line in which a digit was read, its confidence the product of its digits'."""
    return answers([(prod(line.confidences(heat)), line.exact) for line in read if line.steps])


def _read(logits: NDArray[np.float32], truth: str) -> ReadLine:
    best = logits.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1)).tolist()
    runs = [(first, after, int(best[first])) for first, after in pairwise([*starts, len(best)])]
    text = to_text([value for _, _, value in runs if value != BLANK])
    right = [ok for ok, sign in zip(aligned(truth, text), text, strict=True) if sign != UNREADABLE]
    steps = [(logits[first:after], value) for first, after, value in runs if value < REJECT]
    return ReadLine(steps, right, text == truth)
