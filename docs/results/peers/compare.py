"""All readers over all sets, picture by picture in turns -> what each read, and how long it took."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from docs.results.peers.install_size import installed_bytes
from docs.results.peers.opening import READERS
from docs.results.peers.pictures import load_pictures
from docs.results.peers.worker import Answer, Worker, in_turns
from edge_digits.errors import EdgeDigitsError
from edge_digits.evaluation.ground_truth import LabelledPicture

_WARM_UP = 2
"""Pictures that are read before any counts."""


@dataclass(frozen=True)
class Reader:
    """memory: bytes that its process held at most; installed: bytes on the disk; None where nobody tells."""

    name: str
    memory: int | None
    installed: int | None


@dataclass(frozen=True)
class Comparison:
    """readers: those that ran. left_out: the others, with the reason. pictures: by set. answers: by set and reader, one
    for each of its pictures."""

    readers: tuple[Reader, ...]
    left_out: dict[str, str]
    pictures: dict[str, list[LabelledPicture]]
    answers: dict[str, dict[str, list[Answer]]]


def compare(data: Path, demo_cnn: Path | None, names: Sequence[str] = READERS) -> Comparison:
    """Let the readers ``names`` read; a progress bar shows how far they are. data: the data folder. demo_cnn: the
    network file of the demo. Raises DataError if the data is damaged."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pictures = load_pictures(data, place)
        workers: list[Worker] = []
        left_out: dict[str, str] = {}
        for name in names:
            if name == "demo-cnn" and demo_cnn is None:
                left_out[name] = "no network was given (--demo-cnn FILE)"
                continue
            try:
                workers.append(stack.enter_context(Worker(name, str(demo_cnn))))
            except EdgeDigitsError as error:
                left_out[name] = str(error)
        answers = _read(workers, pictures)
        readers = tuple(Reader(one.name, one.memory(), installed_bytes(one.name)) for one in workers)
    return Comparison(readers, left_out, pictures, answers)


def _read(workers: Sequence[Worker], pictures: dict[str, list[LabelledPicture]]) -> dict[str, dict[str, list[Answer]]]:
    tasks = [(name, number) for name, some in pictures.items() for number in range(len(some))]
    # A slow minute meets all sets.
    random.Random(0).shuffle(tasks)
    for name, number in tasks[:_WARM_UP]:
        in_turns(workers, str(pictures[name][number].path))
    read: dict[tuple[str, int], list[Answer]] = {}
    for name, number in tqdm(tasks, unit="picture"):
        read[name, number] = in_turns(workers, str(pictures[name][number].path))
    return {
        name: {worker.name: [read[name, number][k] for number in range(len(some))] for k, worker in enumerate(workers)}
        for name, some in pictures.items()
    }
