"""Line models and the device's reader on MNIST's test digits, alone and side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from docs.results.lines import testsets
from docs.results.lines.testsets import KINDS, WrittenLine
from edge_digits.evaluation.statistics import paired_loss
from edge_digits.lines.line_reader import LineReader
from edge_digits.reader import DigitReader
from train.evaluate import pages
from train.evaluate.pages import Answers
from train.evaluate.photographs import aligned
from train.lines import dataset
from train.lines.labelled_lines import to_text

SINGLE = "single"
NO_ANSWERS = Answers(np.empty(0), np.empty(0, np.bool_))


@dataclass(frozen=True)
class LineResult:
    """One reader on one set. read: what it made of each line. right: (N,) bool, whether it is the whole line exactly.
    seconds: it took for all. digits, lines: how sure it was of each digit, and of each line in which it read one, the
    product of its digits' confidences."""

    reader: str
    data: str
    read: list[str]
    right: NDArray[np.bool_]
    seconds: float
    digits: Answers = NO_ANSWERS
    lines: Answers = NO_ANSWERS

    @property
    def exact(self) -> float:
        """Share of lines read without a mistake, 0..1."""
        return float(self.right.mean())


@dataclass(frozen=True)
class TestLines:
    """One set, as it is written and as model input."""

    name: str
    written: list[WrittenLine]
    strips: list[NDArray[np.uint8]]
    texts: list[str]


def sets(folder: Path, count: int = testsets.COUNT) -> list[TestLines]:
    """MNIST's test digits as lines of one, and ``count`` lines of each kind. Raises DataError if MNIST is missing."""
    one = dataset.single(folder, "test", count)
    test_sets = [TestLines(SINGLE, [], [one.strip(i) for i in range(len(one))], [one.text(i) for i in range(len(one))])]
    return test_sets + [written(folder, kind, count, "test") for kind in KINDS]


def written(folder: Path, kind: str, count: int, part: str) -> TestLines:
    """``count`` lines of one kind of a part of MNIST. Raises DataError if MNIST is missing."""
    some = list(tqdm(testsets.written(folder, kind, count, part), f"writing {kind} lines", count, unit="line"))
    strips = testsets.strips(kind, some)
    return TestLines(kind, some, [strips.strip(i) for i in range(len(strips))], [to_text(line.labels) for line in some])


def strips_read(name: str, reader: LineReader, lines: TestLines) -> LineResult:
    """What a line model reads in the strips alone."""
    start = time.perf_counter()
    symbols = [reader.read_strip(strip) for strip in tqdm(lines.strips, f"{name} on {lines.name}", unit="line")]
    seconds = time.perf_counter() - start
    read = [to_text([symbol.value for symbol in row]) for row in symbols]
    result = _result(name, lines, read, seconds)
    digits = [
        (symbol.confidence, right)
        for row, text, truth in zip(symbols, read, lines.texts, strict=True)
        for symbol, right in zip(row, aligned(truth, text), strict=True)
        if symbol.is_digit
    ]
    whole = [
        (math.prod(symbol.confidence for symbol in row if symbol.is_digit), right)
        for row, right in zip(symbols, result.right.tolist(), strict=True)
        if any(symbol.is_digit for symbol in row)
    ]
    return replace(result, digits=pages.answers(digits), lines=pages.answers(whole))


def pictures_read(name: str, reader: DigitReader, lines: TestLines) -> LineResult:
    """What the whole road reads in pictures of the lines; spaces do not count."""
    start = time.perf_counter()
    read = []
    for line in tqdm(lines.written, f"{name} on {lines.name}", unit="line"):
        page = reader.read(line.picture())
        read.append(" ".join(row.text for row in page.lines).replace(" ", ""))
    return _result(name, lines, read, time.perf_counter() - start)


def loss(result: LineResult, expected: LineResult) -> tuple[float, float]:
    """By how many points fewer lines are read by ``result`` than by ``expected``, paired, and half the width of its
    95 % interval (McNemar 1947)."""
    lost, margin = paired_loss(expected.right, result.right)
    return 100 * lost, 100 * margin


def _result(name: str, lines: TestLines, read: Sequence[str], seconds: float) -> LineResult:
    right = np.array([a == b for a, b in zip(read, lines.texts, strict=True)], np.bool_)
    return LineResult(name, lines.name, list(read), right, seconds)
