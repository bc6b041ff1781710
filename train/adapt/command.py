"""``python -m train adapt``: many hands are taught, and what it comes to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm import tqdm

from edge_digits.evaluation.ground_truth import LabelledPicture
from train.adapt.figures import plot, table
from train.adapt.hands import Writer, drawn_writers, font_writers
from train.adapt.photographs import sources
from train.adapt.semeion import semeion_writers
from train.adapt.simulate import EVERYBODY_PAGES, Classroom, Outcome, open_classroom, teach_source, teach_writer

SEED, EVERYBODY_SEED = 11, 12
"""Of the hands that are taught, and of those that they must not cost anything: not those that limits were set with."""

_classroom: Classroom | None = None


def run(hands: int, folder: Path, out: Path, processes: int) -> list[Outcome]:
    """Teach ``hands`` drawn hands, every handwriting font that was fetched, and Semeion's people and the sources of
    photographs in the data folder; writes ``adapt.json`` and ``adapt.png`` into ``out``, prints a table. Raises
    DataError if Semeion or photographs are damaged."""
    groups = sources(folder)
    count = len(_writers(hands, folder))
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start) as workers:
        written = [workers.submit(_of_writer, hands, folder, number) for number in range(count)]
        photographed = [workers.submit(_of_source, group) for group in groups]
        for task in tqdm([*written, *photographed], unit="hand"):
            outcomes += task.result()
    out.mkdir(parents=True, exist_ok=True)
    records = [dataclasses.asdict(one) for one in outcomes]
    (out / "adapt.json").write_text(json.dumps(records, indent=1) + "\n", "utf-8")
    plot(out / "adapt.png", outcomes)
    print(table(outcomes))
    return outcomes


def _start() -> None:
    global _classroom
    import cv2

    cv2.setNumThreads(1)
    _classroom = open_classroom(drawn_writers(EVERYBODY_PAGES, EVERYBODY_SEED), EVERYBODY_SEED)


def _writers(hands: int, folder: Path) -> list[Writer]:
    return [*drawn_writers(hands, SEED), *font_writers(), *semeion_writers(folder)]


def _of_writer(hands: int, folder: Path, number: int) -> list[Outcome]:
    return teach_writer(_room(), _writers(hands, folder)[number], np.random.default_rng([SEED, number]))


def _of_source(group: Sequence[LabelledPicture]) -> list[Outcome]:
    return teach_source(_room(), group)


def _room() -> Classroom:
    assert _classroom is not None
    return _classroom
