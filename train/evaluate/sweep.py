"""``python -m train sweep``: what each number that decides what is read does to the figures of ``tune`` as it moves.

Where a figure is best only close to a number's own value, the number was fitted to these pictures.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.reader import DigitReader
from train import plots
from train.evaluate import photographs, tables
from train.evaluate.photographs import Read
from train.evaluate.whole_pictures import opening

PLACES = (
    "edge_digits.proposals.component_tree",
    "edge_digits.proposals.maps",
    "edge_digits.judge.cascade",
    "edge_digits.read_page",
)
"""Modules whose frozen ``SETTINGS`` decide what is read."""
FACTORS, PART = (0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 2.0), "tune"


@dataclass(frozen=True)
class Number:
    """One number of the ``SETTINGS`` of a module."""

    module: str
    field: str

    @property
    def title(self) -> str:
        """The last name of its module, and its own."""
        return f"{self.module.rpartition('.')[2]}.{self.field}"

    @property
    def current(self) -> float:
        """What it is set to."""
        return getattr(self._settings, self.field)

    @property
    def values(self) -> list[float]:
        """What is tried, ascending: its own value times each of ``FACTORS``; whole numbers stay whole."""
        return sorted({round(self.current * f) if isinstance(self.current, int) else self.current * f for f in FACTORS})

    def set(self, value: float) -> None:
        """Change it, frozen as it is: functions hold that very object as their default, and would not see another."""
        object.__setattr__(self._settings, self.field, value)

    @property
    def _settings(self) -> Any:
        return importlib.import_module(self.module).SETTINGS


Overrides = Mapping[Number, float]


def numbers(places: Sequence[str] = PLACES) -> list[Number]:
    """Every number of the settings of ``places``."""
    settings = {place: importlib.import_module(place).SETTINGS for place in places}
    every = [Number(place, field.name) for place, setting in settings.items() for field in fields(setting)]
    return [number for number in every if type(number.current) in (int, float)]


def run(read: Callable[[Overrides], Sequence[Read]], moved: Sequence[Number], out: Path) -> str:
    """``read`` the pictures with each value of each of ``moved``, one after the other, the others as they are; writes a
    table, ``sweep.md``, and ``sweep.png``, a panel for each, into ``out``. Returns the table."""
    as_they_are, rows, panels = _figures(read({})), [], {}
    for number in moved:
        current, points = number.current, []
        for value in number.values:
            points.append((value, *(as_they_are if value == current else _figures(read({number: value})))))
            mark = "own" if value == current else ""
            rates = " | ".join(tables.percent(rate) for rate in points[-1][1:4])
            rows.append(f"{number.title} | {mark} | {value:.4g} | {rates} | {points[-1][4]}")
        panels[number.title] = (current, [(value, 100 * strict, 100 * every) for value, strict, every, *_ in points])
    header = "number | | value | strict: macro CER (%) | all: macro CER (%) | strict: lines exact (%)"
    text = tables.table(f"{header} | digits read where there are none", 2, rows)
    plots.panels(out / "sweep.png", panels, ("strict", "all"), f"macro CER (%) of {PART}")
    (out / "sweep.md").write_text(text, encoding="utf-8")
    return text


def _figures(read: Sequence[Read]) -> tuple[float, float, float, int]:
    strict, every = photographs.measures(photographs.strict(read)), photographs.measures(photographs.written(read))
    return strict.macro_cer, every.macro_cer, strict.line_exact, sum(photographs.invented(read))


def read_with(shots: Sequence[LabelledPicture], overrides: Overrides, reader: str = "auto") -> list[Read]:
    """What is read in ``shots`` with other settings; afterwards they are as they were."""
    progress = ", ".join(f"{number.title} {value:.4g}" for number, value in overrides.items()) or "as they are"
    with _restored(overrides):
        return photographs.read_all(partial(_open, reader, overrides), shots, progress)


def _open(reader: str, overrides: Overrides) -> DigitReader:
    # A model is refused behind other settings than its own, so it is opened first.
    opened = opening(reader)()
    for number, value in overrides.items():
        number.set(value)
    return opened


@contextmanager
def _restored(some: Overrides) -> Iterator[None]:
    before = {number: number.current for number in some}
    try:
        yield
    finally:
        for number, value in before.items():
            number.set(value)
