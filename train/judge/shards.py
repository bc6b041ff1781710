"""Labelled hypotheses on disk: a file for each shard of tiles, by several processes, each there whole or not at all."""

from __future__ import annotations

import multiprocessing
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from edge_digits.errors import DataError
from edge_digits.system.atomic_write import atomic_path
from train.data.shards import read_shard
from train.judge.nodes import LabelledNodes, joined, tile_nodes

Task = tuple[Path, Path, int]
"""A shard of tiles, the file of its hypotheses, and the seed of what is kept."""


def make(tiles: Path, out: Path, seed: int, processes: int, most: int | None = None) -> list[Path]:
    """Make what is missing of the hypotheses of the first ``most`` shards of tiles in ``tiles`` (None: all), and show
    how far it is. Returns the files in order. Raises DataError where a shard of tiles is damaged or there is none."""
    shards = sorted(tiles.glob("tiles-*.npz"))[:most]
    if not shards:
        raise DataError(f"{tiles}: no tiles (python -m train tiles makes some)")
    tasks = [(shard, out / shard.name.replace("tiles", "nodes"), seed) for shard in shards]
    missing = [task for task in tasks if not task[1].is_file()]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=cv2.setNumThreads, initargs=(1,)) as workers:
        bar = tqdm(workers.map(_write, missing), "hypotheses", len(missing), unit="shard", disable=not missing)
        for _ in bar:
            pass
    return [task[1] for task in tasks]


def load(path: Path) -> LabelledNodes:
    """One file. Raises DataError if it is damaged."""
    try:
        with np.load(path) as file:
            return LabelledNodes(**{field.name: file[field.name] for field in fields(LabelledNodes)})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: damaged, delete it to make it anew: {error}") from error


def _write(task: Task) -> None:
    shard, path, seed = task
    random = np.random.default_rng([seed, int(shard.stem.rpartition("-")[2])])
    parts = [part for tile in read_shard(shard) for part in tile_nodes(tile.image, tile.boxes, tile.labels, random)]
    with atomic_path(path, make_folder=True) as part, part.open("wb") as file:
        nodes = joined(parts)
        np.savez(file, **{field.name: getattr(nodes, field.name) for field in fields(LabelledNodes)})
