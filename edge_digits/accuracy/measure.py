"""Read the data set with one model or two in turns, one thread: what is right, and how long each inference takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from edge_digits.accuracy.dataset import Dataset
from edge_digits.accuracy.pairs import Side
from edge_digits.charset import REJECT
from edge_digits.evaluation import ground_truth
from edge_digits.evaluation.intervals import Interval, macro_difference
from edge_digits.evaluation.statistics import Difference, paired_difference
from edge_digits.lines.line_reader import LineReader
from edge_digits.reader import DigitReader, open_judge, open_reader
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.types import Image

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Progress = Callable[[int, int], None]
"""Is told how many items have been read, and of how many."""


@dataclass(frozen=True)
class Measured:
    """One kind of item. kind: "digits", "lines" or "pages". network: that read them. count: of items. right: share read
    without a mistake, 0..1; milliseconds: median for one item; kilobytes: of the files; each of one side or two, in
    their order. difference: of the second side's share, less the first's. error_rate: character error rate, 0..1, mean
    of the pages; error_difference: of the second less the first."""

    kind: str
    network: str
    count: int
    right: tuple[float, ...]
    difference: Difference | None
    milliseconds: tuple[float, ...]
    kilobytes: tuple[float, ...]
    error_rate: tuple[float, ...] = ()
    error_difference: Interval | None = None


@dataclass(frozen=True)
class _Loaded:
    """A side that is ready to read."""

    digits: Model | None
    lines: LineReader | None
    reader: DigitReader


def measure(sides: Sequence[Side], data: Dataset, progress: Progress = lambda done, of: None) -> list[Measured]:
    """What each side can read by itself, and pages read by the whole reader with it. sides: one or two. Raises
    ModelError or RuntimeMissingError if a file cannot be used."""
    loaded = [_load(side) for side in sides]
    digits = [one.digits for one in loaded if one.digits is not None]
    lines = [one.lines for one in loaded if one.lines is not None]
    of = len(data.digits) * bool(digits) + len(data.lines) * bool(lines) + len(data.pages)
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        progress(done, of)

    measured = []
    if digits:
        answers, seconds = _in_turns([_digit_reader(model) for model in digits], list(data.digits), told)
        right = [np.array(read) == data.labels for read in answers]
        names = [model.spec.name for model in digits]
        files = [[side.cnn] for side in sides if side.cnn is not None]
        measured.append(_measured("digits", names[0], right, seconds, _kilobytes(files)))
    if lines:
        answers, seconds = _in_turns([_line_reader(reader) for reader in lines], data.lines, told)
        right = [np.array([a == text for a, text in zip(read, data.texts, strict=True)]) for read in answers]
        files = [side.lines for side in sides]
        measured.append(_measured("lines", lines[0].models[0].spec.name, right, seconds, _kilobytes(files)))
    read, seconds = _in_turns([_page_reader(one.reader) for one in loaded], data.pages, told)
    pairs = [list(zip(data.written, rows, strict=True)) for rows in read]
    right = [np.array([picture.errors(rows) == 0 for picture, rows in pair]) for pair in pairs]
    whole = _measured("pages", sides[0].network, right, seconds, _kilobytes([side.files for side in sides]))
    rates = tuple(ground_truth.measures(pair).macro_cer for pair in pairs)
    difference = macro_difference(*pairs) if len(pairs) == 2 else None
    return [*measured, replace(whole, error_rate=rates, error_difference=difference)]


def _load(side: Side) -> _Loaded:
    digits = None if side.cnn is None else load_model(side.cnn)
    lines = LineReader([load_model(path) for path in side.lines]) if side.lines else None
    judge = open_judge()
    if side.first is not None:
        judge = replace(judge, first=load_model(side.first))
    if side.second is not None:
        judge = replace(judge, second=load_model(side.second))
    if digits is not None:
        return _Loaded(digits, lines, DigitReader(digits, lines=lines, judge=judge))
    if lines is not None:
        return _Loaded(None, lines, DigitReader(lines.models[0], lines=lines, judge=judge))
    usual = open_reader()
    return _Loaded(None, None, DigitReader(usual.model, lines=usual.lines, judge=judge))


def _in_turns(
    readers: Sequence[Callable[[Item], Answer]], items: Sequence[Item], told: Callable[[], None]
) -> tuple[list[list[Answer]], list[list[float]]]:
    """Answers and seconds of each reader. Each item is read by one right after the other, so that what else the device
    does slows both, and by another one first each time."""
    answers: list[list[Answer]] = [[] for _ in readers]
    seconds: list[list[float]] = [[] for _ in readers]
    for read in readers:
        read(items[0])
    for number, item in enumerate(items):
        order = range(len(readers)) if number % 2 else reversed(range(len(readers)))
        for place in order:
            began = time.perf_counter()
            answer = readers[place](item)
            seconds[place].append(time.perf_counter() - began)
            answers[place].append(answer)
        told()
    return answers, seconds


def _digit_reader(model: Model) -> Callable[[Image], int]:
    return lambda digit: int(model.scores(digit[None])[0, :REJECT].argmax())


def _line_reader(reader: LineReader) -> Callable[[Image], str]:
    return lambda strip: "".join(str(symbol.value) if symbol.is_digit else "?" for symbol in reader.read_strip(strip))


def _page_reader(reader: DigitReader) -> Callable[[Image], list[str]]:
    return lambda page: ["".join(str(digit.value) for digit in line.digits) for line in reader.read(page).lines]


def _measured(
    kind: str,
    network: str,
    right: Sequence[NDArray[np.bool_]],
    seconds: Sequence[Sequence[float]],
    kilobytes: tuple[float, ...],
) -> Measured:
    return Measured(
        kind,
        network,
        len(right[0]),
        tuple(float(one.mean()) for one in right),
        paired_difference(*right) if len(right) == 2 else None,
        tuple(1000 * float(np.median(one)) for one in seconds),
        kilobytes,
    )


def _kilobytes(files: Sequence[Sequence[Path]]) -> tuple[float, ...]:
    return tuple(sum(path.stat().st_size for path in some) / 1000 for some in files)
