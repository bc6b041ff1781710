"""``python -m train fetch`` and ``python -m train tiles``."""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_digits.errors import ConfigError, DataError
from edge_digits.io import mnist

logger = logging.getLogger(__name__)

COMMANDS = ("fetch", "tiles")
NEEDED = ("PIL", "fontTools", "brotli", "tqdm")
"""Packages."""
_SHOWN = 60


def add(commands: Any, formatter: type[argparse.HelpFormatter] | Any, shared: Callable[..., None]) -> None:
    """Add the commands to ``python -m train``."""
    fetch = commands.add_parser(
        "fetch",
        help="fetch fonts and backgrounds for training tiles",
        description="Fetch the handwriting and print fonts (with npm) and the background pictures (from GitHub) that "
        "training tiles are made of, into the user's cache; what is there is kept.",
        epilog="example: python -m train fetch",
        formatter_class=formatter,
    )
    shared(fetch)
    tiles = commands.add_parser(
        "tiles",
        help="synthesize training tiles and pages",
        description="Synthesize 256×256 tiles and whole pages with the box of every digit, from all sources in the "
        "data folder and what `python -m train fetch` fetched. The same command goes on where it was interrupted.",
        epilog="example: python -m train tiles --count 300000 --pages 20000",
        formatter_class=formatter,
    )
    tiles.add_argument("--count", type=int, default=1000, metavar="N", help="tiles (1000)")
    tiles.add_argument("--pages", type=int, default=0, metavar="N", help="whole pages beside them (0)")
    tiles.add_argument("--seed", type=int, default=1, metavar="N", help="of all of them (1)")
    meaning = "train, or validation: of the glyphs, fonts and pictures used (train)"
    tiles.add_argument("--part", choices=("train", "validation"), default="train", metavar="NAME", help=meaning)
    tiles.add_argument("--processes", type=int, default=0, metavar="N", help="at once (as many as cores)")
    tiles.add_argument("--limit", type=float, default=40.0, metavar="GB", help="the most that --out may hold (40)")
    tiles.add_argument("--out", type=Path, metavar="DIR", help="where shards go (the user's cache)")
    tiles.add_argument("--show", type=Path, metavar="FILE", help=f"draw {_SHOWN} tiles with boxes instead")
    meaning = "draw 100 tiles among 100 crops of photographs, and who is who, instead"
    tiles.add_argument("--compare", type=Path, metavar="DIR", help=meaning)
    tiles.add_argument("--speed", action="store_true", help="measure tiles a second on one core instead")
    shared(tiles)


def run(options: argparse.Namespace) -> None:
    """Run one of COMMANDS. Raises ConfigError, DataError."""
    if options.command == "fetch":
        _fetch()
    else:
        _tiles(options)


def _fetch() -> None:
    from train.data.fonts import fetch_font, listed_fonts
    from train.data.picture.backgrounds import fetch_background, listed_backgrounds

    folder = mnist.data_dir()
    missed: list[str] = []
    for font in listed_fonts():
        missed += _tried(lambda font=font: fetch_font(font))
    for background in listed_backgrounds():
        if not (folder / "material" / "backgrounds" / background.file).is_file():
            missed += _tried(lambda background=background: fetch_background(background))
    if missed:
        raise DataError(f"{len(missed)} of the fonts and backgrounds are missing; the same command tries them again")


def _tried(fetch: Callable[[], Path]) -> list[str]:
    """Fetch something. Returns what went wrong, said already, or nothing."""
    try:
        fetch()
    except DataError as error:
        logger.warning("%s", error)
        return [str(error)]
    return []


def _tiles(options: argparse.Namespace) -> None:
    for name, least in (("count", 0), ("pages", 0), ("seed", 0), ("processes", 0)):
        if getattr(options, name) < least:
            raise ConfigError(f"--{name} is {getattr(options, name)}, expected {least} or more")
    folder = mnist.data_dir(options.data_dir)
    # Imported late: a wrong command line should not wait for it.
    from train import parallel
    from train.data import shards
    from train.data.build_pool import open_pool

    order = shards.order_of(options.count, options.pages, options.seed, options.part, folder)
    pool = open_pool(folder, options.part)
    if options.show:
        _show(options.show, pool, order)
    elif options.compare:
        from train.data.compare import compare

        compare(options.compare, pool, order, folder)
    elif options.speed:
        _speed(pool, order)
    else:
        out = options.out or shards.tiles_of(order)
        processes = options.processes or parallel.default_processes()
        shards.make(folder, out, order, processes, int(options.limit * 1e9))
        logger.info("%s", out)


def _show(path: Path, pool: Any, order: Any) -> None:
    import cv2

    from train.data import shards
    from train.data.show import contact_sheet

    kind = "pages" if order.pages else "tiles"
    tiles = [shards.make_one(pool, order, kind, number) for number in range(_SHOWN)]
    if not cv2.imwrite(str(path), contact_sheet(tiles, 10)):
        raise DataError(f"{path}: cannot be written")


def _speed(pool: Any, order: Any) -> None:
    import cv2

    from train.data import shards

    cv2.setNumThreads(1)
    for number in range(20):
        shards.make_one(pool, order, "tiles", number)
    count = max(200, min(order.count, 2000))
    start = time.process_time()
    digits = sum(int((shards.make_one(pool, order, "tiles", 100 + k).labels >= 0).sum()) for k in range(count))
    seconds = time.process_time() - start
    print(f"{count / seconds:.0f} tiles a second on one core, {digits / count:.1f} digits each")
