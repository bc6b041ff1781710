"""Could a stranger tell tiles from photographs? A sheet of both, shuffled, and its key.

The photographs are of the part ``tune`` alone, and the sheet is not to be committed or published.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from edge_digits.errors import DataError
from edge_digits.types import Image
from train.data.pool import Pool
from train.data.shards import Order, make_one
from train.data.tiles import SIDE

_EACH, _COLUMNS = 100, 20
_MOST_PIXELS = 3_000_000
_NUMBERED = 14


def compare(out: Path, pool: Pool, order: Order, folder: Path) -> None:
    """Write ``compare.png``, tiles and crops numbered from 0, and ``key.json``, the numbers of the tiles.

    Raises DataError if the data folder holds no photographs.
    """
    random = np.random.default_rng([order.seed, 77])
    crops = _crops(folder, random)
    # Noise alone and desks alone are no photographs of writing, and nobody claims that they look like it.
    number, tiles = 0, []
    while len(tiles) < _EACH:
        tile = make_one(pool, order, "tiles", number)
        number += 1
        if tile.kind not in ("noise", "scene", "crops", "blank", "drawings") and (tile.labels >= 0).any():
            tiles.append(tile.image)
    both = [(image, True) for image in tiles] + [(image, False) for image in crops]
    order_of = random.permutation(len(both))
    cells = [_numbered(both[index][0], place) for place, index in enumerate(order_of)]
    out.mkdir(parents=True, exist_ok=True)
    rows = [np.hstack(cells[k : k + _COLUMNS]) for k in range(0, len(cells), _COLUMNS)]
    cv2.imwrite(str(out / "compare.png"), np.vstack(rows))
    synthetic = [place for place, index in enumerate(order_of) if both[index][1]]
    (out / "key.json").write_text(json.dumps({"synthetic": synthetic}) + "\n", "utf-8")
    cv2.imwrite(str(out / "tiles.png"), np.vstack([np.hstack(tiles[k : k + 10]) for k in range(0, _EACH, 10)]))


def _crops(folder: Path, random: np.random.Generator) -> list[Image]:
    """Crops of photographs of ``tune``, SIDE each, with something on them; no photograph gives two."""
    place = folder / "photos"
    if not (place / "labels.json").is_file():
        raise DataError(f"{place}: no photographs to compare with")
    labels = json.loads((place / "labels.json").read_text("utf-8"))
    names = sorted(name for name, entry in labels.items() if entry["part"] == "tune")
    crops: list[Image] = []
    for index in random.permutation(len(names)):
        grey = cv2.imread(str(place / names[index]), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            continue
        most = min(1.0, (_MOST_PIXELS / grey.size) ** 0.5)
        factor = max(SIDE / min(grey.shape), most * float(np.exp(random.uniform(np.log(0.25), 0))))
        smooth = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=smooth)
        for _ in range(20):
            y, x = (int(random.integers(max(1, side - SIDE + 1))) for side in grey.shape)
            crop = np.asarray(grey[y : y + SIDE, x : x + SIDE], np.uint8)
            if crop.shape == (SIDE, SIDE) and _written_on(crop):
                crops.append(crop)
                break
        if len(crops) == _EACH:
            return crops
    raise DataError(f"{place}: only {len(crops)} photographs of tune have writing to crop, {_EACH} are needed")


def _written_on(crop: Image) -> bool:
    """Whether there is ink in a crop: some of it, not much, is far darker than what is around it."""
    around = cv2.medianBlur(crop, 51)
    dark = (around.astype(np.int16) - crop) > 30
    return 0.004 < float(dark.mean()) < 0.35


def _numbered(image: Image, number: int) -> Image:
    cell = cv2.copyMakeBorder(image, _NUMBERED, 2, 1, 1, cv2.BORDER_CONSTANT, value=(255,))
    cv2.putText(cell, str(number), (4, _NUMBERED - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0,), 1, cv2.LINE_AA)
    return np.asarray(cell, np.uint8)
