"""The crops that a network is trained and chosen with: plain bitmaps, and digits that took the device's road."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_digits import (
    ink,
    ink_parameters,
    level_lines,
    normalize,
    paper_light,
    polarity,
    quarter,
    ruling,
    segment,
    synthesis,
)
from train import augment, crops, pools, sheets, sources, workers
from train import glyphs as glyph_kinds
from train.crops import Crops
from train.pools import Item, Pool
from train.recipes import PHOTOGRAPHED, DigitRecipe
from train.sources import Bitmaps

logger = logging.getLogger(__name__)

CACHE = Path("runs") / "cache"
VALIDATION_COUNTS = {
    "mnist": 5_000,
    "usps": 700,
    "semeion": 120,
    "pendigits": 700,
    "strokes": 2_500,
    "rejects": 1_000,
    "blanks": 20,
}
"""Photographed crops that choose and calibrate: each digit of the validation parts once, and new ones of our own."""
_VALIDATION_SEED = 20_261_120
_TASK = 500

_Task = tuple[Sequence[Item], list[int]]
"""Some items, and the seed of what happens to them."""
_Arrays = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""images (N, 28, 28), labels (N,)."""


@dataclass(frozen=True)
class Data:
    """train: what is learned from; counts: how many crops of which origin are in it. plain: MNIST's validation digits
    as they are. camera: validation crops that took the device's road."""

    train: Crops
    plain: Crops
    camera: Crops
    counts: dict[str, int]


def normalized(bitmaps: Bitmaps) -> Crops:
    """Bitmaps as model input: they are ink already and enter at ``normalize``."""
    size = normalize.PARAMETERS.size
    images = np.array([normalize.digit(image) for image in bitmaps.images], np.uint8)
    return Crops(bitmaps.name, images.reshape(-1, size, size), bitmaps.labels)


def load(recipe: DigitRecipe, folder: Path, processes: int, cache: Path = CACHE) -> Data:
    """All crops of a recipe; those that were photographed come from ``cache`` if they are there.

    folder: the data folder. Raises DataError if MNIST cannot be had or a set is damaged.
    """
    training, validation = Pool(folder, "train"), Pool(folder, "validation")
    limit = recipe.limit or None
    plain = [normalized(b.first(limit)) for b in training.bitmaps()]
    counts = {kind: recipe.count(kind) for kind in PHOTOGRAPHED}
    seen = photographed(folder, "train", training, counts, recipe.seed, processes, cache)
    camera = photographed_validation(folder, validation, processes, recipe.limit, cache)
    first = next(b for b in validation.bitmaps() if b.name == "mnist")
    made = {f"{c.name} plain": len(c) for c in plain} | {
        "photographed": len(seen),
        "photographed validation": len(camera),
    }
    return Data(crops.join("train", [*plain, seen]), normalized(first.first(limit)), camera, made)


def photographed_validation(folder: Path, pool: Pool, processes: int, limit: int = 0, cache: Path = CACHE) -> Crops:
    """The crops that choose and calibrate, at most ``limit`` of each kind (0: all). pool: of the validation part."""
    few = {kind: min(n, limit or n) for kind, n in VALIDATION_COUNTS.items()}
    return photographed(folder, "validation", pool, few, _VALIDATION_SEED, processes, cache)


def photographed(
    folder: Path, part: str, pool: Pool, counts: dict[str, int], seed: int, processes: int, cache: Path
) -> Crops:
    """Crops of ``counts`` glyphs of each kind that took the device's road, made by ``processes`` at once.

    The same arguments give the same crops, however many processes make them.
    """
    items = pool.items(counts, np.random.default_rng([seed, 0]))
    path = cache / f"{part}-{_key(items, seed)}.npz"
    if path.is_file():
        logger.info("crops from %s", path)
        return crops.load(path)
    tasks: list[_Task] = [(items[i : i + _TASK], [seed, 1 + i]) for i in range(0, len(items), _TASK)]
    images, labels = [], []
    with tqdm(total=len(items), desc=f"photographing {part} digits", unit="digit") as bar:
        results = workers.made(_make, tasks, folder, part, pool, processes)
        for (some_images, some_labels), task in zip(results, tasks, strict=True):
            images.append(some_images)
            labels.append(some_labels)
            bar.update(len(task[0]))
    made = Crops(path.stem, np.concatenate(images), np.concatenate(labels))
    logger.info("%d crops of %d glyphs and sheets", len(made), len(items))
    crops.save(path, made)
    return made


def _make(pool: Pool, task: _Task) -> _Arrays:
    """One task's crops: as many sheets as its items fill."""
    items, seed = task
    random = np.random.default_rng(seed)
    made = [crop for kind, number in items if kind == "blanks" for crop in _blank(number)]
    written = [item for item in items if item[0] != "blanks"]
    start = 0
    while start < len(written):
        height, most = sheets.plan(random)
        glyphs = [pool.glyph(item) for item in written[start : start + most]]
        made += sheets.photographed(glyphs, height, random)
        start += most
    size = normalize.PARAMETERS.size
    images = np.array([image for image, _ in made], np.uint8).reshape(-1, size, size)
    return images, np.array([label for _, label in made], np.uint8)


def _blank(seed: int) -> list[sheets.Crop]:
    random = np.random.default_rng(seed)
    return sheets.blank(sheets.plan(random)[0], random)


def _key(items: list[Item], seed: int) -> str:
    """Hash of all that the crops depend on: the items, the parameters of the device's road, and the code that draws."""
    modules = (augment, glyph_kinds, pools, sheets, sources)
    return road_key([seed, items, ink.parameters(), normalize.parameters()], modules)


def road_key(what: object, modules: Sequence[ModuleType]) -> str:
    """Hash of what is made (as JSON), and of the code of ``modules`` and of the device's road from a picture to a
    model's input and of synthesis."""
    found = hashlib.sha256(json.dumps(what).encode())
    road = (ink, ink_parameters, level_lines, normalize, paper_light, polarity, quarter, ruling)
    files = [Path(m.__file__) for m in (*road, *modules) if m.__file__]
    for package in (segment, synthesis):
        files += sorted(Path(next(iter(package.__path__))).glob("*.py"))
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()[:12]
