"""What judges the judge's networks and those that read digits: nodes of synthesized tiles that nothing is trained on.

Making them takes some minutes, so they are kept in the user's cache; only those of the last time are.
"""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import count as numbers
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from convert.check.inputs import NodeInputs
from edge_digits.charset import REJECT
from edge_digits.io.mnist import cache_dir
from edge_digits.judge_classes import NONE
from edge_digits.model_input import judge_parameters, normalize
from edge_digits.model_input.views import judge_input
from train import parallel
from train.data.build_pool import open_pool, pool_dir
from train.data.code_files import code_files
from train.data.pool import Pool
from train.data.tiles import make_tile
from train.digits.crops import Crops
from train.judge.labels import IGNORED
from train.judge.nodes import joined, tile_nodes

logger = logging.getLogger(__name__)

COUNT = 200_000
"""Nodes: 1 GB in the cache."""
SEED = 20_262
"""Another one than training's; the glyphs, fonts and pictures are those of the validation part."""
_TILES = 25
"""Of one task."""
_PART, _A_DAY = ".part", 86_400.0
_COLUMNS = ("first", "second", "label", "is_piece", "is_gap")

Columns = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int8], NDArray[np.bool_], NDArray[np.bool_]]
"""Of N nodes what the first stage sees (N, 2, s, s), what the second sees (N, 4, S, S), labels, whether each is a
piece, and whether it is a gap between digits."""


def judges(task: str, folder: Path, count: int = COUNT, processes: int = 0) -> NodeInputs:
    """``count`` nodes for "judge-first" or "judge", made by ``processes`` at once (0: as many as there are cores) if
    they are not in the user's cache, where the first of more are as good. The truth for the first stage, which sees no
    gaps, is whether a node is anything.

    folder: the data folder. Raises DataError if MNIST is missing or a data set is damaged; what else tiles are made of
    (fonts, photographed paper) may be missing, which is said.
    """
    return for_task(task, _load(folder, count, processes or parallel.default_processes()))


def for_task(task: str, columns: Columns) -> NodeInputs:
    """Nodes as they judge one of the two stages."""
    first, second, label, is_piece, is_gap = columns
    if task == "judge-first":
        first, label, is_piece = first[~is_gap], label[~is_gap], is_piece[~is_gap]
        return NodeInputs("validation", first, (label != NONE).astype(np.int8), task, label, first, is_piece)
    return NodeInputs("validation", second, label, task, label, first, is_piece | is_gap)


def crops(folder: Path, count: int = COUNT, processes: int = 0) -> Crops:
    """The ink of the same nodes, without gaps, as it is read: 0..9, or ``charset.REJECT`` for all that is no digit.

    Raises DataError as ``judges`` does.
    """
    return as_crops(_load(folder, count, processes or parallel.default_processes()))


def as_crops(columns: Columns) -> Crops:
    """The ink of nodes, the first of the channels that the second stage sees, with what it is to be read as."""
    _, second, label, _, is_gap = columns
    margin = (second.shape[-1] - normalize.PARAMETERS.size) // 2
    ink = second[:, 0, margin:-margin, margin:-margin][~is_gap]
    return Crops("validation", ink, np.minimum(label[~is_gap], REJECT).astype(np.uint8))


def _load(folder: Path, count: int, processes: int) -> Columns:
    # Opened even where all is there: it says what is missing of what tiles are made of.
    pool = open_pool(folder, "validation")
    place = _place(cache_dir() / "judge-nodes", _key(folder), count)
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{place.name}-", suffix=_PART, dir=place.parent) as part:
            _write(Path(part) / "whole", folder, count, processes, pool)
            _forget_others(place)
            (Path(part) / "whole").replace(place)
    first, second, *others = (np.load(place / f"{name}.npy", mmap_mode="c")[:count] for name in _COLUMNS)
    label, is_piece, is_gap = map(np.array, others)
    return first, second, label, is_piece, is_gap


def _place(kept: Path, key: str, count: int) -> Path:
    """Where at least ``count`` nodes lie, else where so many are to be put."""
    counts = [int(path.name.rpartition("-")[2]) for path in kept.glob(f"{key}-*") if path.suffix != _PART]
    return kept / f"{key}-{min((stored for stored in counts if stored >= count), default=count)}"


def _forget_others(place: Path) -> None:
    """Remove what other versions of the code made, fewer nodes, and what was interrupted days ago."""
    for other in place.parent.iterdir():
        if not other.name.endswith(_PART) or other.stat().st_mtime < time.time() - _A_DAY:
            shutil.rmtree(other, ignore_errors=True)


def _write(place: Path, folder: Path, count: int, processes: int, pool: Pool) -> None:
    """One file for each column, written as nodes come: together they would fill a small computer's memory."""
    place.mkdir()
    done = 0
    with ExitStack() as stack:
        bar = stack.enter_context(tqdm(total=count, desc="nodes that judge", unit="node"))
        files = [stack.enter_context((place / f"{name}.npy").open("wb")) for name in _COLUMNS]
        for made in _tasks(folder, processes, pool):
            fitting = min(len(made[2]), count - done)
            for file, values in zip(files, made, strict=True):
                if not done:
                    shape = (count, *values.shape[1:])
                    header = {"descr": values.dtype.str, "fortran_order": False, "shape": shape}
                    np.lib.format.write_array_header_1_0(file, header)
                file.write(values[:fitting].tobytes())
            done += fitting
            bar.update(fitting)
            if done == count:
                break


def _tasks(folder: Path, processes: int, pool: Pool) -> Iterator[Columns]:
    """Nodes of some tiles after the other, without end; the same however many processes make them."""
    if processes == 1:
        yield from (of_tiles(pool, number) for number in numbers())
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(folder,)) as executor:
        try:
            ahead = deque(executor.submit(_of_tiles_here, number) for number in range(2 * processes))
            for number in numbers(len(ahead)):
                yield ahead.popleft().result()
                ahead.append(executor.submit(_of_tiles_here, number))
        finally:
            executor.shutdown(cancel_futures=True)


def of_tiles(pool: Pool, number: int) -> Columns:
    """The nodes of the ``number``-th task's tiles."""
    random = np.random.default_rng([SEED, number])
    parts = []
    while not parts:
        tiles = [make_tile(pool, random) for _ in range(_TILES)]
        parts = [part for tile in tiles for part in tile_nodes(tile.image, tile.boxes, tile.labels, random)]
    nodes = joined(parts)
    some = np.flatnonzero(~nodes.first_only & (nodes.label != IGNORED))
    second = judge_input(nodes.ink[some], nodes.views[some])
    return nodes.first[some], second, nodes.label[some], nodes.piece[some], nodes.gap[some]


_pool: Pool | None = None


def _start(folder: Path) -> None:
    global _pool
    # Ctrl-C reaches all processes; the first of them ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    logging.disable(logging.WARNING)
    _pool = open_pool(folder, "validation")


def _of_tiles_here(number: int) -> Columns:
    assert _pool is not None
    return of_tiles(_pool, number)


def _key(folder: Path) -> str:
    """Hash of all that the nodes depend on: what tiles are made of, and the code from them to the judge's input."""
    digest = hashlib.sha256(json.dumps([SEED, pool_dir(folder, "validation").name]).encode())
    digest.update(json.dumps(judge_parameters.parameters()).encode())
    for file in code_files(tile_nodes.__module__, make_tile.__module__, judge_input.__module__):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
