"""The lines that a CRNN is trained and chosen with: lines of one, plain ones, and lines that took the device's road."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
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
from train import (
    augment,
    glyphs,
    line_glyphs,
    line_sheets,
    line_writing,
    lines,
    pools,
    sheets,
    sources,
    workers,
)
from train.lines import Lines
from train.pools import Pool

logger = logging.getLogger(__name__)

CACHE = Path("runs") / "cache"

VALIDATION_PLAIN, VALIDATION_PHOTOGRAPHED = 4_000, 3_000
"""Lines that choose and calibrate."""
_VALIDATION_SEED = 20_261_121
_TASK = 250


@dataclass(frozen=True)
class LineData:
    """train: what is learned from; counts: how many lines of which origin are in it. plain: validation lines that are
    ink already. camera: validation lines that took the device's road."""

    train: Lines
    plain: Lines
    camera: Lines
    counts: dict[str, int]


def load(
    singles: int, plain: int, photographed: int, seed: int, folder: Path, processes: int, cache: Path = CACHE
) -> LineData:
    """So many lines of one, plain and photographed lines to train with, and those of validation; from ``cache`` if they
    are there.

    folder: the data folder. Raises DataError if MNIST cannot be had or a set is damaged.
    """
    training = Pool(folder, "train")
    parts = [
        single(folder, "train", singles),
        *(
            _made(kind, count, folder, "train", training, seed, processes, cache)
            for kind, count in (("plain", plain), ("photographed", photographed))
        ),
    ]
    few_plain, few_photographed = min(VALIDATION_PLAIN, plain), min(VALIDATION_PHOTOGRAPHED, photographed)
    choosing = Pool(folder, "validation")
    chosen = _made("plain", few_plain, folder, "validation", choosing, _VALIDATION_SEED, processes, cache)
    camera = _made("photographed", few_photographed, folder, "validation", choosing, _VALIDATION_SEED, processes, cache)
    counts = {f"{part.name} lines": len(part) for part in (*parts, chosen, camera)}
    return LineData(lines.join("train", parts), chosen, camera, counts)


def single(folder: Path, part: str, count: int | None = None) -> Lines:
    """The first ``count`` of MNIST's digits, or all, as lines of one.

    part: "train", "validation" or "test". Raises DataError if MNIST cannot be had.
    """
    digits = sources.read_mnist(folder, part).first(count)
    strips = [normalize.line(image)[0] for image in digits.images]
    labels = [[int(label)] for label in digits.labels]
    return lines.from_strips(f"single {part}", list(zip(strips, labels, strict=True)))


def validation(folder: Path, processes: int, cache: Path = CACHE) -> tuple[Lines, Lines]:
    """The lines that choose and calibrate: plain ones, and those that took the device's road."""
    pool = Pool(folder, "validation")
    return (
        _made("plain", VALIDATION_PLAIN, folder, "validation", pool, _VALIDATION_SEED, processes, cache),
        _made("photographed", VALIDATION_PHOTOGRAPHED, folder, "validation", pool, _VALIDATION_SEED, processes, cache),
    )


def _made(kind: str, count: int, folder: Path, part: str, pool: Pool, seed: int, processes: int, cache: Path) -> Lines:
    """About ``count`` lines of one kind, "plain" or "photographed"; the same arguments give the same lines."""
    modules = (
        augment, glyphs, line_glyphs, line_sheets, line_writing, lines, pools, sheets, sources
    )  # fmt: skip
    what = [kind, count, part, seed, ink.parameters(), normalize.line_parameters()]
    path = cache / f"lines-{kind}-{part}-{_road_key(what, modules)}.npz"
    if path.is_file():
        logger.info("lines from %s", path)
        found = lines.load(path)
        return Lines(f"{kind} {part}", found.pixels, found.ends, found.labels)
    make = _plain if kind == "plain" else _photographed
    sizes = [min(_TASK, count - start) for start in range(0, count, _TASK)]
    tasks: list[workers.Task] = [(size, [seed, len(kind), number]) for number, size in enumerate(sizes)]
    parts: list[Lines] = []
    with tqdm(total=count, desc=f"writing {kind} {part} lines", unit="line") as bar:
        for size, made in zip(sizes, workers.made(make, tasks, folder, part, pool, processes), strict=True):
            parts.append(made)
            bar.update(size)
    found = lines.join(f"{kind} {part}", parts)
    lines.save(path, found)
    return found


def _plain(pool: Pool, task: workers.Task) -> Lines:
    count, seed = task
    random = np.random.default_rng(seed)
    written = [line_glyphs.random_line(pool, random) for _ in range(count)]
    return lines.from_strips("plain", line_sheets.plain(written, random))


def _photographed(pool: Pool, task: workers.Task) -> Lines:
    left, seed = task
    random = np.random.default_rng(seed)
    strips: list[line_sheets.Strip] = []
    while left > 0:
        height, most = line_sheets.plan(random)
        written = [line_glyphs.random_line(pool, random) for _ in range(min(most, left))]
        strips += line_sheets.photographed(written, height, random)
        left -= len(written)
    return lines.from_strips("photographed", strips)


def _road_key(what: object, modules: Sequence[ModuleType]) -> str:
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
