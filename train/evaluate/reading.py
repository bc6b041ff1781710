"""Many pictures through the reader, each once, by several processes. It knows of the reader only how to open it and
``read``, and imports no torch, so that processes start quickly."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from edge_digits.io.image import load_grey
from edge_digits.page import Page
from edge_digits.reader import DigitReader
from edge_digits.types import Image
from train import parallel

Opening = Callable[[], DigitReader]
"""Opens a reader; can be sent to another process, such as ``partial(open_reader, "auto")``."""
Load = Callable[[Any], Image]
"""The grey picture (H, W) uint8 of a task; a function of a module."""

EACH = 8
"""Pictures for which another process is worth its start."""


def load(task: Path | Image) -> Image:
    """The picture in a file, or the picture itself. Raises ImageError if a file cannot be read."""
    return task if isinstance(task, np.ndarray) else load_grey(task)


def read_pictures(
    opening: Opening, tasks: Sequence[Any], progress: str, load: Load = load, processes: int | None = None
) -> list[Page]:
    """What is read in the picture of each of ``tasks``, in their order, the same however many processes there are.

    progress: what its bar is called. processes: None is one for every core, fewer for a few pictures; a single one is
    this one. Raises what ``opening``, ``load`` and the reader raise.
    """
    if processes is None:
        processes = max(1, min(parallel.default_processes(), len(tasks) // EACH))
    return list(tqdm(_pages(opening, tasks, load, processes), progress, len(tasks), unit="picture", disable=None))


def _pages(opening: Opening, tasks: Sequence[Any], load: Load, processes: int) -> Iterator[Page]:
    if not tasks:
        return
    if processes == 1:
        reader = opening()
        yield from (reader.read(load(task)) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(opening, load)) as pool:
        yield from pool.map(_read_here, tasks)


_reader: DigitReader | None = None
_load: Load = load


def _start(opening: Opening, load: Load) -> None:
    global _reader, _load
    cv2.setNumThreads(1)
    logging.disable(logging.WARNING)
    _reader, _load = opening(), load


def _read_here(task: Any) -> Page:
    assert _reader is not None
    return _reader.read(_load(task))
