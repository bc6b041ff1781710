"""Made-up pictures by several processes at once, the same however many there are."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2

from train.lines.glyph_pool import Pool

Task = tuple[Any, list[int]]
"""What to make, and the seed of what happens to it."""
Make = Callable[[Pool, Task], Any]
"""A function of a module, so that a process can be told of it. What it returns is sent back."""


def parallel_map(
    make: Make, tasks: Sequence[Task], folder: Path, part: str, pool: Pool, processes: int
) -> Iterator[Any]:
    """``make`` of each task, in order; a single process is this one.

    folder, part: the data folder and the part of it that ``pool`` holds, for pools of the other processes.
    """
    if processes == 1:
        yield from (make(pool, task) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(make, folder, part)) as workers:
        yield from workers.map(_make_here, tasks)


_pool: Pool | None = None
_make: Make | None = None


def _start(make: Make, folder: Path, part: str) -> None:
    global _pool, _make
    cv2.setNumThreads(1)
    logging.disable(logging.WARNING)
    _pool, _make = Pool(folder, part), make


def _make_here(task: Task) -> Any:
    assert _pool is not None and _make is not None
    return _make(_pool, task)
