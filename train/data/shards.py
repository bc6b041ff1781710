"""Tiles on disk: shards that are there whole or not at all, the same bytes from the same seed on the same machine."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from edge_digits.errors import ConfigError, DataError
from edge_digits.io.mnist import cache_dir
from edge_digits.system.atomic_write import atomic_path
from train.data.build_pool import open_pool, pool_dir
from train.data.pool import Pool
from train.data.tiles import Tile, make_page, make_tile

TILES_EACH, PAGES_EACH = 1000, 40
"""How many tiles or pages a shard holds."""
_PAGE_SIDES = (240, 1300)
_MANIFEST = "tiles.json"


@dataclass(frozen=True)
class Order:
    """What is to be made. count: tiles; pages: whole pages beside them; seed: of all of them; part: "train" or
    "validation", of the glyphs, fonts and pictures that are used. pool: which glyphs these are; code: which code makes
    pages of them."""

    count: int
    pages: int
    seed: int
    part: str
    pool: str
    code: str

    def shards(self) -> list[tuple[str, int, int]]:
        """Each shard's kind, first number and count."""
        tiles = [("tiles", k, min(TILES_EACH, self.count - k)) for k in range(0, self.count, TILES_EACH)]
        return tiles + [("pages", k, min(PAGES_EACH, self.pages - k)) for k in range(0, self.pages, PAGES_EACH)]


def tiles_dir() -> Path:
    """Where tiles go if no folder is named: in the user's cache."""
    return cache_dir() / "tiles"


def tiles_of(order: Order) -> Path:
    """Where the tiles of an order go if no folder is named, so that all who want them share them; those of other
    sources, and of another version of the code, lie elsewhere."""
    return tiles_dir() / f"{order.part}-{order.seed}-{order.pool.rpartition('-')[2]}-{order.code}"


def make_one(pool: Pool, order: Order, kind: str, number: int) -> Tile:
    """One tile or page of an order; the same whoever makes it."""
    random = np.random.default_rng([order.seed, order.part == "train", kind == "tiles", number])
    if kind == "tiles":
        return make_tile(pool, random)
    short, long = sorted(random.uniform(*_PAGE_SIDES, 2))
    short = max(short, long / 4)
    upright = random.random() < 0.4
    height, width = (long, short) if upright else (short, long)
    if random.random() < 0.15:
        height, width = random.uniform(28, 220, 2)
    return make_page(pool, random, int(height), int(min(width, 4 * height)))


def make(folder: Path, out: Path, order: Order, processes: int, most_bytes: int) -> None:
    """Make what is missing of an order in ``out``, by several processes, shard by shard, and show how far it is.

    folder: the data folder. Raises ConfigError if ``out`` holds another order, DataError where the shards grow beyond
    ``most_bytes``: those that are whole stay.
    """
    _claim(out, order)
    missing = [shard for shard in order.shards() if not shard_path(out, shard[0], shard[1]).is_file()]
    size = sum(path.stat().st_size for path in out.glob("*.npz"))
    total = order.count + order.pages
    context = multiprocessing.get_context("spawn")
    with (
        tqdm(total=total, initial=total - sum(count for _, _, count in missing), unit="tile") as bar,
        ProcessPoolExecutor(processes, context, initializer=_start, initargs=(folder, order)) as workers,
    ):
        tasks = [(out, *shard) for shard in missing]
        for (_, _, count), written in zip(missing, workers.map(_write, tasks), strict=True):
            bar.update(count)
            size += written
            if size > most_bytes:
                workers.shutdown(cancel_futures=True)
                raise DataError(f"{out}: more than {most_bytes / 1e9:.0f} GB: raise --limit, or make fewer")


def shard_path(out: Path, kind: str, first: int) -> Path:
    """The file of the shard that begins with a number."""
    return out / f"{kind}-{first:07d}.npz"


def read(out: Path, kind: str = "tiles") -> Iterator[Tile]:
    """All tiles (or "pages") of a folder in order, each with its shard's other tiles left unread until they come.

    Raises DataError if a shard is damaged.
    """
    for path in sorted(out.glob(f"{kind}-*.npz")):
        yield from read_shard(path)


def read_shard(path: Path) -> Iterator[Tile]:
    """The tiles of one file. Raises DataError if it is damaged."""
    try:
        with np.load(path) as file:
            columns = {name: file[name] for name in file.files}
        bounds = np.concatenate([[0], np.cumsum(columns["digits"])])
        starts = np.concatenate([[0], np.cumsum(columns["bytes"])])
        names = columns["kinds"].tolist()
        for number, kind in enumerate(columns["kind"].tolist()):
            encoded = columns["png"][starts[number] : starts[number + 1]]
            image = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
            rows = slice(bounds[number], bounds[number + 1])
            yield Tile(
                np.asarray(image, np.uint8),
                columns["boxes"][rows],
                columns["labels"][rows],
                names[kind],
                float(columns["turn"][number]),
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, cv2.error) as error:
        raise DataError(f"{path}: not a whole shard of tiles: {error}") from error


def write_shard(path: Path, tiles: list[Tile]) -> None:
    """Write tiles into one file."""
    encoded = [cv2.imencode(".png", tile.image, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1] for tile in tiles]
    kinds = sorted({tile.kind for tile in tiles})
    with atomic_path(path, make_folder=True) as part, part.open("wb") as file:
        np.savez(
            file,
            png=np.concatenate([one.ravel() for one in encoded]),
            bytes=np.array([one.size for one in encoded], np.int64),
            boxes=np.concatenate([tile.boxes for tile in tiles]),
            labels=np.concatenate([tile.labels for tile in tiles]),
            digits=np.array([len(tile.labels) for tile in tiles], np.int64),
            kind=np.array([kinds.index(tile.kind) for tile in tiles], np.uint8),
            kinds=np.array(kinds),
            turn=np.array([tile.turn for tile in tiles], np.float32),
        )


def order_of(count: int, pages: int, seed: int, part: str, folder: Path) -> Order:
    """An order for the sources that are in the data folder now."""
    return Order(count, pages, seed, part, pool_dir(folder, part).name, _code())


def _code() -> str:
    """A fingerprint of all code that a tile depends on."""
    root = Path(__file__).parents[2]
    files = [
        *sorted((root / "train" / "data").rglob("*.py")),
        *sorted((root / "edge_digits" / "synthesis").glob("*.py")),
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _claim(out: Path, order: Order) -> None:
    """Write into the folder what its shards are made from, or check that it says the same."""
    path = out / _MANIFEST
    stated = asdict(order)
    if path.is_file():
        old = json.loads(path.read_text("utf-8"))
        # More of the same goes on where the last order ended.
        same = {name: value for name, value in old.items() if name not in ("count", "pages")}
        if same != {name: value for name, value in stated.items() if name not in ("count", "pages")}:
            raise ConfigError(
                f"{path}: holds tiles of another seed, part, set of sources or version of the code: name another --out"
            )
        if (old["count"] % TILES_EACH and old["count"] < order.count) or (
            old["pages"] % PAGES_EACH and old["pages"] < order.pages
        ):
            raise ConfigError(f"{path}: its last shard is not full: name another --out")
        stated |= {"count": max(old["count"], order.count), "pages": max(old["pages"], order.pages)}
    with atomic_path(path, make_folder=True) as part:
        part.write_text(json.dumps(stated, indent=2) + "\n", "utf-8")


_pool: Pool | None = None
_order: Order | None = None


def _start(folder: Path, order: Order) -> None:
    global _pool, _order
    cv2.setNumThreads(1)
    _pool, _order = open_pool(folder, order.part), order


def _write(task: tuple[Path, str, int, int]) -> int:
    """Make one shard. Returns its size in bytes."""
    out, kind, first, count = task
    assert _pool is not None and _order is not None
    path = shard_path(out, kind, first)
    write_shard(path, [make_one(_pool, _order, kind, number) for number in range(first, first + count)])
    return path.stat().st_size
