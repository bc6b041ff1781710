"""The lines that a CRNN is trained and chosen with: lines of one, plain ones, and lines cut from synthesized tiles."""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from edge_digits.model_input import normalize
from train.data import digit_sets
from train.data.shards import TILES_EACH, read_shard
from train.judge.training import tile_files
from train.lines import glyphs, hypotheses, labelled_lines, strips
from train.lines.glyph_pool import Pool
from train.lines.labelled_lines import Lines
from train.lines.parallel_map import Task, parallel_map
from train.recipes import CRNN, LineRecipe

logger = logging.getLogger(__name__)

CACHE = Path("runs") / "cache"
VALIDATION_PLAIN = 4_000
"""Plain lines that choose and calibrate; of tiles there are as many as the recipe's validation tiles have."""
_VALIDATION_SEED = 20_261_121
_TASK = 250

_ROOT = Path(__file__).parents[2]
_WRITTEN = ("lines/glyph", "lines/glyphs", "lines/labelled_lines", "lines/spacing", "lines/strips")
_PLAIN = (*_WRITTEN, "lines/glyph_pool", "data/digit_sets")
_OF_TILES = (*_WRITTEN, "lines/hypotheses", "judge/labels", "judge/nodes")
_ROAD = ("illumination", "judge", "lines", "model_input", "proposals")
"""Code that lines depend on: modules of ``train``, and packages of ``edge_digits``."""


@dataclass(frozen=True)
class LineData:
    """train: what is learned from; counts: how many lines of which origin are in it. plain: validation lines that are
    ink already. tiles: validation lines cut from tiles."""

    train: Lines
    plain: Lines
    tiles: Lines
    counts: dict[str, int]


def load(recipe: LineRecipe, folder: Path, processes: int, cache: Path = CACHE) -> LineData:
    """The lines of a recipe to train with, and those of validation; from ``cache`` if they are there.

    folder: the data folder. Raises DataError if MNIST cannot be had or a set is damaged.
    """
    singles, count = recipe.counts()
    files = tile_files(recipe, folder, "train", recipe.wanted_tiles(TILES_EACH), processes)
    parts = [
        single(folder, "train", singles),
        _plain(count, folder, "train", recipe.seed, processes, cache),
        _of_tiles(files, "train", recipe.seed, processes, cache),
    ]
    plain, tiles = validation(folder, processes, cache, recipe)
    counts = {f"{part.name} lines": len(part) for part in (*parts, plain, tiles)}
    return LineData(labelled_lines.join("train", parts), plain, tiles, counts)


def single(folder: Path, part: str, count: int | None = None) -> Lines:
    """The first ``count`` of MNIST's digits, or all, as lines of one.

    part: "train", "validation" or "test". Raises DataError if MNIST cannot be had.
    """
    digits = digit_sets.read_mnist(folder, part).first(count)
    strips = [normalize.line(image)[0] for image in digits.images]
    labels = [[int(label)] for label in digits.labels]
    return labelled_lines.from_strips(f"single {part}", list(zip(strips, labels, strict=True)))


def validation(folder: Path, processes: int, cache: Path = CACHE, recipe: LineRecipe = CRNN) -> tuple[Lines, Lines]:
    """The lines that choose and calibrate: plain ones, and those of a recipe's validation tiles."""
    count = min(VALIDATION_PLAIN, recipe.counts()[1])
    files = tile_files(recipe, folder, "validation", recipe.validation_tiles, processes)
    return (
        _plain(count, folder, "validation", _VALIDATION_SEED, processes, cache),
        _of_tiles(files, "validation", _VALIDATION_SEED, processes, cache),
    )


def _plain(count: int, folder: Path, part: str, seed: int, processes: int, cache: Path) -> Lines:
    """About ``count`` plain lines; the same arguments give the same lines."""
    path = cache / f"lines-plain-{part}-{_key([count, part, seed], _PLAIN, ('synthesis',))}.npz"
    sizes = [min(_TASK, count - start) for start in range(0, count, _TASK)]
    tasks: list[Task] = [(size, [seed, number]) for number, size in enumerate(sizes)]
    if path.is_file():
        return _kept(path, f"plain {part}")
    made = parallel_map(_write_plain, tasks, folder, part, Pool(folder, part), processes)
    return _saved(path, f"plain {part}", tqdm(made, f"writing plain {part} lines", len(tasks), unit=f"{_TASK} lines"))


def _write_plain(pool: Pool, task: Task) -> Lines:
    count, seed = task
    random = np.random.default_rng(seed)
    written = [glyphs.random_line(pool, random) for _ in range(count)]
    return labelled_lines.from_strips("plain", strips.plain(written, random))


def _of_tiles(files: Sequence[Path], part: str, seed: int, processes: int, cache: Path) -> Lines:
    """Lines cut from the tiles of ``files``; the same arguments give the same lines."""
    what = [str(file.relative_to(file.parents[2])) for file in files]
    path = cache / f"lines-tiles-{part}-{_key([what, seed], _OF_TILES, _ROAD)}.npz"
    if path.is_file():
        return _kept(path, f"tiles {part}")
    tasks = [(file, [seed, number]) for number, file in enumerate(files)]
    progress = f"cutting {part} lines from tiles"
    if processes == 1:
        return _saved(path, f"tiles {part}", tqdm(map(_cut, tasks), progress, len(tasks), unit="shard"))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        return _saved(path, f"tiles {part}", tqdm(pool.map(_cut, tasks), progress, len(tasks), unit="shard"))


def _cut(task: tuple[Path, list[int]]) -> Lines:
    file, seed = task
    random = np.random.default_rng(seed)
    strips = [strip for tile in read_shard(file) for strip in hypotheses.tile_strips(tile, random)]
    return labelled_lines.from_strips("tiles", strips)


def _saved(path: Path, name: str, parts: Iterable[Lines]) -> Lines:
    joined = labelled_lines.join(name, list(parts))
    labelled_lines.save(path, joined)
    return joined


def _kept(path: Path, name: str) -> Lines:
    logger.info("lines from %s", path)
    stored = labelled_lines.load(path)
    return Lines(name, stored.pixels, stored.ends, stored.labels)


def _key(what: object, modules: Sequence[str], packages: Sequence[str]) -> str:
    """Hash of what is made (as JSON), and of the code that it depends on."""
    files = [_ROOT / "train" / f"{name}.py" for name in modules] + [
        _ROOT / "edge_digits" / "model_input" / "normalize.py"
    ]
    for package in packages:
        files += sorted((_ROOT / "edge_digits" / package).glob("*.py"))
    return hashlib.sha256(json.dumps(what).encode() + b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
