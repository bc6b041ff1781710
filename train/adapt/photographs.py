"""Hands of photographs: sources with so many digits that some pictures can teach and the others test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.io.image import load_grey
from edge_digits.reader import DigitReader
from edge_digits.runtime.model import FileModel
from edge_digits.teach.examples import Examples
from edge_digits.teach.samples import candidate_at, ink_of, judge_inputs
from edge_digits.trace import Seen
from edge_digits.types import Image
from train.adapt.lessons import WRONG, Lesson, Score
from train.evaluate import photographs

LEAST_DIGITS = 40
"""Of a source."""


def sources(folder: Path) -> list[list[LabelledPicture]]:
    """The photographs of each source in the data folder that has rows to teach and others to test, at least
    ``LEAST_DIGITS`` digits in two pictures or more; [] where there are no photographs. Raises DataError if they are
    damaged."""
    by_source: dict[tuple[str, str], list[LabelledPicture]] = {}
    for one in photographs.load(folder):
        if one.match == "lines" and one.lines:
            by_source.setdefault((one.part, one.source), []).append(one)
    groups = [sorted(group, key=lambda one: one.path.name) for _, group in sorted(by_source.items())]
    return [group for group in groups if len(group) > 1 and sum(one.written for one in group) >= LEAST_DIGITS]


def lesson(photograph: LabelledPicture, reader: DigitReader, judge: FileModel, cnn: FileModel) -> Lesson:
    """What an owner could say of a photograph: of each digit that was read the one that is written there, where read
    and written can be aligned."""
    image: Image = load_grey(photograph.path)
    observed: list[Seen] = []
    readings = [digit for line in reader.read(image, observe=observed.append).lines for digit in line.digits]
    written = photographs.alignment("".join(photograph.lines), "".join(str(digit.value) for digit in readings))
    index: list[int] = []
    labels: list[int] = []
    doubt: list[float] = []
    for digit, there in zip(readings, written, strict=True):
        at = None if there is None else candidate_at(observed[0], digit.box)
        if there is not None and at is not None and at not in index:
            index.append(at)
            labels.append(int(there))
            doubt.append(1 - digit.confidence if digit.value == int(there) else WRONG)
    inputs = judge_inputs(observed[0], np.array(index, np.intp))
    examples = Examples(judge.features(inputs), cnn.features(ink_of(inputs)), np.array(labels, np.intp))
    return Lesson(examples, np.array(doubt, np.float32))


def score(some: Sequence[LabelledPicture], reader: DigitReader) -> Score:
    """How photographs are read: edits, at most as many as digits in each."""
    wrong = 0
    for one in some:
        lines = ["".join(filter(str.isdigit, line.text)) for line in reader.read(load_grey(one.path)).lines]
        wrong += min(one.errors(lines), one.written)
    return Score(sum(one.written for one in some), wrong, 0)
