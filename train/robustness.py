"""``python -m train robustness``: the photographs read again after they were altered as cameras and light alter them.

A reader that was fitted to some photographs reads them well and nothing else. What it makes of the same photographs
smaller, turned, darker or in noise says more of how it reads those of other people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from edge_digits import labelled
from edge_digits.errors import DataError
from edge_digits.image import load_grey
from edge_digits.labelled import Measures
from edge_digits.reader import DigitReader, open_reader
from train import photographs
from train.alterations import ALTERATIONS, Alteration
from train.document import END, split
from train.photographs import Read
from train.provenance import commit

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "robustness.md"
BEGIN = "<!-- figures: made by `python -m train robustness --ship`, do not edit -->"
AS_THEY_ARE = "as they are"


@dataclass(frozen=True)
class Row:
    """What is read in all photographs after one alteration. strict: of numbers on paper. all: of every photograph in
    which something is written. invented: digits read in those without."""

    alteration: str
    strict: Measures
    all: Measures
    invented: int


def run(folder: Path, ship: bool) -> str:
    """Read the altered photographs of the data folder with the models that ship; returns the table, in Markdown.

    ship: put it into ``docs/robustness.md``. Raises DataError if there are no photographs, or the document has no place
    for figures.
    """
    place = folder / photographs.FOLDER
    if not place.is_dir():
        raise DataError(f"{place}: no such folder; expected photographs with their labels")
    if ship:
        split(DOCUMENT, BEGIN)
    rows = read_altered(open_reader(), place, {AS_THEY_ARE: lambda grey: grey, **ALTERATIONS})
    text = table(rows)
    print(text)
    if ship:
        before, after = split(DOCUMENT, BEGIN)
        DOCUMENT.write_text("\n\n".join([before + BEGIN, text, f"Commit {commit()}.", END]) + after, encoding="utf-8")
    return text


def read_altered(reader: DigitReader, folder: Path, alterations: dict[str, Alteration]) -> list[Row]:
    """One row for each of ``alterations``, by its name. folder: labelled pictures."""
    pictures = [(one, load_grey(one.path)) for one in labelled.load_folder(folder)]
    rows = []
    with tqdm(total=len(alterations) * len(pictures), desc="altered photographs", unit="picture", disable=None) as bar:
        for name, alter in alterations.items():
            read = []
            for one, grey in pictures:
                read.append(Read(one, reader.read(alter(grey))))
                bar.update()
            written = [one for one in read if one.photograph.lines]
            strict = [one for one in written if one.photograph.is_strict]
            invented = sum(len(line) for one in read if not one.photograph.lines for line in one.lines)
            rows.append(Row(name, photographs.measures(strict), photographs.measures(written), invented))
    return rows


def table(rows: list[Row]) -> str:
    """The rows as Markdown; the last one is the mean over all but the first, the photographs as they are."""
    header = "photographs | strict: macro CER (%) | lines exact (%) | all: macro CER (%) | digits read where are none"
    return "\n".join(
        [
            f"| {header} |",
            "|---|---:|---:|---:|---:|",
            *(_line(row.alteration, *_figures(row)) for row in rows),
            *([_line("mean of the altered", *_mean([_figures(row) for row in rows[1:]]))] if len(rows) > 1 else []),
        ]
    )


def _figures(row: Row) -> tuple[float, float, float, float]:
    return 100 * row.strict.macro_cer, 100 * row.strict.line_exact, 100 * row.all.macro_cer, row.invented


def _mean(figures: list[tuple[float, float, float, float]]) -> list[float]:
    return [sum(column) / len(column) for column in zip(*figures, strict=True)]


def _line(name: str, strict: float, exact: float, every: float, invented: float) -> str:
    return f"| {name} | {strict:.2f} | {exact:.1f} | {every:.2f} | {invented:.3g} |"
