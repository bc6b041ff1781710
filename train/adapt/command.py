"""``python -m train adapt``: many hands are taught, and what it comes to."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm import tqdm

from train.adapt.figures import plot, table
from train.adapt.hands import Writer, drawn_writers, font_writers
from train.adapt.simulate import EVERYBODY_PAGES, Classroom, Outcome, open_classroom, simulate

SEED, EVERYBODY_SEED = 11, 12
"""Of the hands that are taught, and of those that they must not cost anything: not those that limits were set with."""

_classroom: Classroom | None = None


def run(hands: int, out: Path, processes: int) -> list[Outcome]:
    """Teach ``hands`` drawn hands and every handwriting font that was fetched; writes ``adapt.json`` and ``adapt.png``
    into ``out``, prints a table."""
    writers = [*drawn_writers(hands, SEED), *font_writers()]
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start) as workers:
        tasks = workers.map(_taught, [(hands, number) for number in range(len(writers))])
        for of_hand in tqdm(tasks, total=len(writers), unit="hand"):
            outcomes += of_hand
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


def _taught(task: tuple[int, int]) -> list[Outcome]:
    hands, number = task
    writer: Writer = [*drawn_writers(hands, SEED), *font_writers()][number]
    assert _classroom is not None
    return simulate(_classroom, writer, np.random.default_rng([SEED, number]))
