"""What ``python -m train adapt`` has left -> the page that says what teaching a hand comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docs.results.page import RESULTS, write_page
from edge_digits.errors import DataError
from train.adapt.figures import plot, table
from train.adapt.lessons import Score
from train.adapt.photographs import LEAST_DIGITS
from train.adapt.simulate import EVERYBODY_PAGES, LESSON_PAGES, TEST_PAGES, Outcome

COMMAND = "python -m train adapt"

INTRODUCTION = f"""\
# Teaching a hand

What [teaching](../guide/teach.md) comes to. Made by `{COMMAND}`, then `python -m docs.results.adapt`; do not edit.

Each simulated hand writes {LESSON_PAGES + TEST_PAGES} pages, photographed by the synthesis. From the first
{LESSON_PAGES} it is taught 5, 20 and 100 labels, as `edge-digits teach` does it, with the int8 TFLite files that ship:
first what was read wrongly, which an owner sees and corrects, then what was read with the least confidence. The other
{TEST_PAGES} are read before and after, by the whole reader. *Digits wrong* are those misread or missed. Beside them
stands how many letters and signs were read as digits: "this is no digit" is a lesson, too. What the gates do not let
through counts as it ships.

- **drawn**: hands of the project's own strokes, whose habits go further than those that were trained on. No limit was
  set with them in sight: other hands were drawn for that. Letters and signs stand among their digits.
- **font**: the {{fonts}} handwriting fonts that training fetches. The networks have seen them, so there is little to
  teach.
- **semeion**: {{semeion}} of the 80 people who wrote [Semeion](../models/training-material.md)'s digits twice. What
  they wrote neatly teaches, what they wrote in haste tests. The file names nobody: rows at the same place of its blocks
  are alike in slant and stroke far beyond chance (`tests/train/adapt/test_semeion.py`). Four of five of these digits
  were trained on.
- **photographs**: the sources with {LEAST_DIGITS} digits or more in two photographs or more. Every other one teaches,
  those between test; each digit that was read is labelled with what is written in its place. Of *check* there are
  figures and nothing else, and they chose nothing.

Everybody else are {EVERYBODY_PAGES} pages by {EVERYBODY_PAGES} further hands, each digit judged alone: by how many
points more of them are read wrongly afterwards. Intervals hold with 95 % (bootstrap over hands)."""


def write(path: Path) -> None:
    """Write ``docs/results/adapt.md`` and its plot from the outcomes in ``path``. Raises DataError if it is not there
    or cannot be read."""
    outcomes = read_outcomes(path)
    plot(RESULTS / "adapt" / "curve.png", outcomes)
    hands = {kind: len({one.name for one in outcomes if one.kind == kind}) for kind in ("font", "semeion")}
    picture = "![Errors against the number of labels](adapt/curve.png)"
    write_page(
        RESULTS / "adapt.md",
        INTRODUCTION.replace("{fonts}", str(hands["font"])).replace("{semeion}", str(hands["semeion"])),
        picture,
        table(outcomes),
    )


def read_outcomes(path: Path) -> list[Outcome]:
    """What ``train.adapt`` has written. Raises DataError if it is not there or something else."""
    try:
        records: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        scores = ("before", "after")
        return [Outcome(**{**record, **{name: Score(**record[name]) for name in scores}}) for record in records]
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file: {COMMAND} writes it") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path}: not what {COMMAND} writes: {error}") from error
