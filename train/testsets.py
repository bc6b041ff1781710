"""The sets that only report: MNIST, USPS, Semeion and Pendigits test, ARDIS and DIDA, as model input."""

from __future__ import annotations

import gzip
import logging
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits import ink, normalize
from edge_digits.errors import DataError
from edge_digits.segment.components import Components, find_components, region_mask
from edge_digits.segment.rules import without_rules
from edge_digits.synthesis import pen
from edge_digits.types import Box, Image
from train import datasets, sources
from train.crops import Crops

logger = logging.getLogger(__name__)

_PENDIGITS_HEIGHT = 40.0
_RENDER_SEED = 0
_PAGE = 4
"""How many crops' sizes of page are put on each side of a tight crop."""


def load_all(folder: Path) -> list[Crops]:
    """The test sets that are in the data folder; those that are not are named in a warning. Raises DataError if one
    is damaged."""
    readers: dict[str, tuple[str, Callable[[Path], Crops]]] = {
        "MNIST": ("", lambda f: datasets.normalized(sources.read_mnist(f, "test"))),
        "USPS": ("usps", lambda f: datasets.normalized(sources.read_usps(f, "test"))),
        "Semeion": ("semeion", lambda f: datasets.normalized(sources.read_semeion(f, "test"))),
        "Pendigits": ("pendigits", pendigits),
        "ARDIS": ("ardis_test_2828.csv.gz", ardis),
        "DIDA": ("dida_sample.zip", dida),
    }
    sets = []
    for name, (needed, read) in readers.items():
        if (folder / needed).exists():
            found = read(folder)
            sets.append(Crops(name, found.images, found.labels))
        else:
            logger.warning("%s is not in %s: left out", name, folder)
    return sets


def pendigits(folder: Path) -> Crops:
    """Pendigits test, drawn with pens of all widths; no camera."""
    random = np.random.default_rng(_RENDER_SEED)
    digits = sources.read_pendigits(folder, "test")
    images = [
        normalize.digit(pen.draw(random, strokes, _PENDIGITS_HEIGHT, pen.random_pen(random, _PENDIGITS_HEIGHT)).ink)
        for strokes in digits.strokes
    ]
    return Crops("pendigits", np.array(images), digits.labels)


def ardis(folder: Path) -> Crops:
    """ARDIS IV test (Kusetogullari et al. 2020): 1,000 digits of Swedish church records, ink pictures like MNIST's."""
    pixels, labels = (
        _gzipped_numbers(folder / f"ardis_test_{part}.csv.gz", columns)
        for part, columns in (("2828", 784), ("labels", 10))
    )
    bitmaps = sources.Bitmaps(
        "ardis", pixels.clip(0, 255).astype(np.uint8).reshape(-1, 28, 28), labels.argmax(axis=1).astype(np.uint8)
    )
    return datasets.normalized(bitmaps)


def dida(folder: Path) -> Crops:
    """DIDA sample (Kusetogullari et al. 2021): 1,000 colour crops of historical digits, with parts of neighbours, rules
    and full stops in them; each through the ink map, of which the central components are taken."""
    path = folder / "dida_sample.zip"
    images, labels = [], []
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if n.lower().endswith(".jpg")):
                grey = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
                images.append(central_digit(np.asarray(grey, np.uint8)))
                labels.append(int(Path(name).parent.name))
    except (OSError, zipfile.BadZipFile, ValueError, cv2.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    return Crops("dida", np.array(images), np.array(labels, np.uint8))


def central_digit(grey: Image) -> Image:
    """The digit in the middle of a tight crop (h, w) uint8 as model input (28, 28) uint8.

    The ink map expects a page around the writing, so the crop's edge is drawn out until its digit is about a twelfth
    of the picture; rules that cross the crop become long ones, and are taken out as such. What else touches the edge
    becomes lines too, more than a page has that is not ruled, so that it must not be taken for ruled paper.
    """
    large = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    h, w = large.shape
    top, left = _PAGE * h, _PAGE * w
    page = cv2.copyMakeBorder(large, top, top, left, left, cv2.BORDER_REPLICATE)
    drawn_out = ink.page_ink(np.asarray(page, np.uint8), maybe_ruled=False).ink
    found = without_rules(drawn_out, 0.8 * h, 1 / 12)
    found = np.ascontiguousarray(found[top : top + h, left : left + w])
    components = find_components(found)
    members = central(components, found)
    return normalize.digit(found, region_mask(components, members, Box(0, 0, w, h)) if members else None)


def central(components: Components, found: Image) -> list[int]:
    """Which components of a crop's ink (h, w) make up its digit: the one with the most ink near the middle; what lies
    above or below it; and a bar at its upper right, as a 5's. What touches the crop's side is a neighbour's."""
    if not len(components):
        return []
    h, w = found.shape
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    near = np.exp(-(((x - w / 2) / (0.25 * w)) ** 2) - ((y - h / 2) / (0.5 * h)) ** 2) * found
    mass = np.bincount(components.labels.ravel(), near.ravel())[components.label]
    main = int(mass.argmax())
    c = components
    left, right = c.x, c.x + c.width
    own_left, own_right = left[main], right[main]
    overlap = np.minimum(right, own_right) - np.maximum(left, own_left)
    above = c.y + c.height < c.y[main] + 0.4 * c.height[main]
    bar = above & (left >= own_left) & (left < own_right + 0.3 * c.width[main])
    inside = (left > 0) & (right < w) & (c.area >= 0.06 * c.area[main])
    chosen = inside & ((overlap > 0.5 * c.width) | bar)
    chosen[main] = True
    return np.flatnonzero(chosen).tolist()


def _gzipped_numbers(path: Path, columns: int) -> NDArray[np.float64]:
    try:
        rows = np.loadtxt(gzip.decompress(path.read_bytes()).decode("ascii").replace(",", " ").splitlines(), ndmin=2)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if rows.shape[1] != columns:
        raise DataError(f"{path}: {rows.shape[1]} columns, expected {columns}")
    return rows
