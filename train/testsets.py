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
from edge_digits.synthesis import pen
from edge_digits.types import Image
from train import datasets, sources
from train.crops import Crops

logger = logging.getLogger(__name__)

_PENDIGITS_HEIGHT = 40.0
_RENDER_SEED = 0


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
    """DIDA sample (Kusetogullari et al. 2021): 1,000 colour crops of historical digits; each through the ink map, of
    which the central components are taken."""
    path = folder / "dida_sample.zip"
    images, labels = [], []
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if n.lower().endswith(".jpg")):
                grey = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
                found = ink.ink_map(np.asarray(grey, np.uint8))
                images.append(normalize.digit(found, central(found)))
                labels.append(int(Path(name).parent.name))
    except (OSError, zipfile.BadZipFile, ValueError, cv2.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    return Crops("dida", np.array(images), np.array(labels, np.uint8))


def central(found: Image) -> NDArray[np.bool_]:
    """The components of a crop's ink (h, w) that make up its digit: the one with the most ink near the middle, and
    those whose middle lies within its height and close beside it."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(
        (found >= normalize.PARAMETERS.edge).view(np.uint8), connectivity=8
    )
    if count <= 1:
        return np.ones(found.shape, np.bool_)
    h, w = found.shape
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    near = np.exp(-(((x - w / 2) / (0.3 * w)) ** 2 + ((y - h / 2) / (0.5 * h)) ** 2))
    mass = np.bincount(labels.ravel(), (near * found).ravel(), count)
    mass[0] = 0
    main = int(mass.argmax())
    left, top, width, height, _ = stats[main].tolist()
    inside = (
        (centres[:, 0] > left - 0.15 * width)
        & (centres[:, 0] < left + 1.15 * width)
        & (centres[:, 1] > top - 0.25 * height)
        & (centres[:, 1] < top + 1.1 * height)
    )
    # A full stop beside the digit's foot, or a speck, is not part of it.
    inside &= stats[:, cv2.CC_STAT_AREA] >= 0.06 * stats[main, cv2.CC_STAT_AREA]
    inside[0], inside[main] = False, True
    return inside[labels]


def _gzipped_numbers(path: Path, columns: int) -> NDArray[np.float64]:
    try:
        rows = np.loadtxt(gzip.decompress(path.read_bytes()).decode("ascii").replace(",", " ").splitlines(), ndmin=2)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if rows.shape[1] != columns:
        raise DataError(f"{path}: {rows.shape[1]} columns, expected {columns}")
    return rows
