"""Each reader in a process of its own, so that its memory can be told, asked for one picture after another."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Self

from device.benchmark.child import peak_memory
from docs.results.peers.opening import open_picture_reader
from docs.results.peers.readers import PictureReader, load_sight

_reader: PictureReader | None = None


@dataclass(frozen=True)
class Answer:
    """lines: digits of each line that was read. seconds: of reading alone, the picture was loaded before."""

    lines: tuple[str, ...]
    seconds: float


class Worker:
    """The reader ``name`` in its process. Raises what opening it raises."""

    def __init__(self, name: str, demo_cnn: str) -> None:
        self.name = name
        self._process = ProcessPoolExecutor(1, get_context("spawn"))
        self._process.submit(_open, name, demo_cnn).result()

    def read(self, path: str) -> Answer:
        """What it reads in the file."""
        return self._process.submit(_read, path).result()

    def memory(self) -> int | None:
        """Bytes that its process held at most, the picture and Python included."""
        return self._process.submit(peak_memory).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.shutdown()


def in_turns(workers: Sequence[Worker], path: str) -> list[Answer]:
    """One picture by all, one after another, so that whatever else this computer does falls on all of them."""
    return [worker.read(path) for worker in workers]


def _open(name: str, demo_cnn: str) -> None:
    global _reader
    # One core is one thread at a time, whatever a reader starts.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    _reader = open_picture_reader(name, demo_cnn)


def _read(path: str) -> Answer:
    assert _reader is not None
    sight = load_sight(path)
    began = time.perf_counter()
    texts = _reader.read(sight)
    seconds = time.perf_counter() - began
    return Answer(tuple("".join(c for c in text if "0" <= c <= "9") for text in texts), seconds)
