"""What ``python -m docs.results.robustness`` does: the photographs altered as cameras and light alter them, read again.

A reader that was fitted to some photographs reads them well and nothing else. What it makes of the same photographs
smaller, turned, darker or in noise says more of how it reads those of other people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from docs.results.page import RESULTS, write_page
from docs.results.prose import robustness as prose
from docs.results.robustness.alterations import ALTERATIONS, Alteration
from edge_digits.errors import DataError
from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.evaluation.intervals import Figures
from edge_digits.io.image import load_grey
from edge_digits.reader import open_reader
from edge_digits.types import Image
from train.evaluate import photographs, reading, tables
from train.evaluate.photograph_tables import INTERVALS_NOTE, ranged
from train.evaluate.photographs import Read
from train.evaluate.reading import Opening
from train.provenance import commit

PAGE = RESULTS / "robustness.md"
AS_THEY_ARE = "as they are"


@dataclass(frozen=True)
class Row:
    """What is read in the photographs of one part after one alteration. strict: of numbers on paper. all: of every
    photograph in which something is written. invented: digits read in those without."""

    alteration: str
    strict: Figures
    all: Figures
    invented: int


def run(folder: Path, ship: bool, part: str | None = None) -> str:
    """Read the altered photographs of the data folder with the models that ship; returns the tables, in Markdown.

    ship: write the page on robustness. part: of the photographs; None is all. Raises DataError if there are no
    photographs.
    """
    place = folder / photographs.FOLDER
    if not place.is_dir():
        raise DataError(f"{place}: no such folder; expected photographs with their labels")
    shots = photographs.load(folder, part)
    rows_of = read_altered(partial(open_reader, "auto"), shots, {AS_THEY_ARE: as_it_is, **ALTERATIONS})
    text = "\n\n".join([*(f"{_title(name)}{table(rows)}" for name, rows in rows_of.items()), INTERVALS_NOTE])
    print(text)
    if ship:
        write_page(PAGE, prose.HEAD, text, f"Commit {commit()}.", prose.TAIL)
    return text


def as_it_is(grey: Image) -> Image:
    """The alteration that leaves a picture alone."""
    return grey


def read_altered(
    opening: Opening, shots: Sequence[LabelledPicture], alterations: dict[str, Alteration]
) -> dict[str, list[Row]]:
    """By part one row for each of ``alterations``, by its name."""
    tasks = [(one.path, alter) for alter in alterations.values() for one in shots]
    pages = reading.read_pictures(opening, tasks, "altered photographs", _altered)
    rows: dict[str, list[Row]] = {}
    for number, name in enumerate(alterations):
        read_pages = pages[number * len(shots) : (number + 1) * len(shots)]
        read = [Read(one, page) for one, page in zip(shots, read_pages, strict=True)]
        for part, some in photographs.parts(read).items():
            strict, written = photographs.strict(some), photographs.written(some)
            row = Row(name, photographs.figures(strict), photographs.figures(written), sum(photographs.invented(some)))
            rows.setdefault(part, []).append(row)
    return rows


def _altered(task: tuple[Path, Alteration]) -> Image:
    path, alter = task
    return alter(load_grey(path))


def _title(part: str) -> str:
    return f"### {part}\n\n" if part else ""


def table(rows: list[Row]) -> str:
    """The rows as Markdown; the last one is the mean over all but the first, the photographs as they are."""
    header = "photographs | strict: macro CER (%) | lines exact (%) | all: macro CER (%) | digits read where are none"
    lines = [
        f"{row.alteration} | {ranged(row.strict.macro_cer)} | {ranged(row.strict.line_exact)} "
        f"| {ranged(row.all.macro_cer)} | {row.invented}"
        for row in rows
    ]
    if len(rows) > 1:
        lines.append(f"mean of the altered | {_means(rows[1:])}")
    return tables.table(header, 1, lines).strip()


def _means(rows: list[Row]) -> str:
    rates = [(row.strict.macro_cer.value, row.strict.line_exact.value, row.all.macro_cer.value) for row in rows]
    means = [tables.percent(sum(column) / len(column)) for column in zip(*rates, strict=True)]
    return " | ".join([*means, f"{sum(row.invented for row in rows) / len(rows):.3g}"])
