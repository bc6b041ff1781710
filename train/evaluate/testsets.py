"""The sets that only report: MNIST, USPS, Semeion and Pendigits test, ARDIS and DIDA, as model input."""

from __future__ import annotations

import gzip
import logging
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError, ImageError
from edge_digits.io.image import decode_grey
from edge_digits.model_input import normalize
from edge_digits.reader import DigitReader
from edge_digits.runtime.model import Model
from edge_digits.synthesis import pen
from edge_digits.types import Image, as_image
from train.data import digit_sets
from train.digits import dataset
from train.digits.crops import Crops
from train.digits.cut_out import cut_out

logger = logging.getLogger(__name__)

Crop = tuple[Image, int]
"""A grey picture (h, w) uint8 of one digit, and which one it is."""

_PENDIGITS_HEIGHT = 40.0
_RENDER_SEED = 0
_PAPER = 75
"""Percent of a tight crop that are darker than its paper."""


def load_all(folder: Path, without: Sequence[str] = ()) -> list[Crops]:
    """The test sets that are in the data folder, but for those named in ``without``; those that are not there are named
    in a warning. Raises DataError if one is damaged, or if MNIST is nowhere and cannot be fetched."""
    readers: dict[str, tuple[str, Callable[[Path], Crops]]] = {
        "MNIST": ("", lambda f: dataset.normalized(digit_sets.read_mnist(f, "test"))),
        "USPS": ("usps", lambda f: dataset.normalized(digit_sets.read_usps(f, "test"))),
        "Semeion": ("semeion", lambda f: dataset.normalized(digit_sets.read_semeion(f, "test"))),
        "Pendigits": ("pendigits", pendigits),
        "ARDIS": ("ardis_test_2828.csv.gz", ardis),
    }
    sets = []
    for name, (needed, read) in readers.items():
        if name in without:
            continue
        if (folder / needed).exists():
            crops = read(folder)
            sets.append(Crops(name, crops.images, crops.labels))
        else:
            logger.warning("%s is not in %s: left out", name, folder)
    return sets


def pendigits(folder: Path) -> Crops:
    """Pendigits test, drawn with pens of all widths; no camera."""
    random = np.random.default_rng(_RENDER_SEED)
    digits = digit_sets.read_pendigits(folder, "test")
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
    bitmaps = digit_sets.Bitmaps(
        "ardis", pixels.clip(0, 255).astype(np.uint8).reshape(-1, 28, 28), labels.argmax(axis=1).astype(np.uint8)
    )
    return dataset.normalized(bitmaps)


def dida(folder: Path) -> list[Crop]:
    """DIDA sample (Kusetogullari et al. 2021): 1,000 colour crops of historical digits, with parts of neighbours, rules
    and full stops in them, as grey pictures; [] with a warning if it is not in the data folder."""
    path = folder / "dida_sample.zip"
    if not path.exists():
        logger.warning("DIDA is not in %s: left out", folder)
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(n for n in archive.namelist() if n.lower().endswith(".jpg"))
            return [(decode_grey(archive.read(name), name), int(Path(name).parent.name)) for name in names]
    except (OSError, zipfile.BadZipFile, ValueError, ImageError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def central_digits(name: str, crops: Sequence[Crop], model: Model) -> Crops:
    """What the reader has ``model`` see of each of some tight crops: of the digits that it reads there, the one nearest
    to the middle; if it reads none, nothing."""
    reader = DigitReader(model)
    images = [_central_digit(reader, grey) for grey, _ in crops]
    return Crops(name, np.array(images), np.array([label for _, label in crops], np.uint8))


def _central_digit(reader: DigitReader, grey: Image) -> Image:
    """Model input (28, 28) uint8 for a tight crop (h, w) uint8; all zeros if no digit is read.

    A camera shows some paper around a digit, so the crop gets a margin as bright as its paper.
    """
    h, w = grey.shape
    paper = int(np.percentile(grey, _PAPER))
    page = as_image(cv2.copyMakeBorder(grey, h, h, w, w, cv2.BORDER_CONSTANT, value=(paper,)))
    digits = [digit for line in reader.read(page).lines for digit in line.digits]
    if not digits:
        return np.zeros((normalize.PARAMETERS.size,) * 2, np.uint8)
    middle = min(digits, key=lambda digit: abs(digit.box.x + digit.box.width / 2 - page.shape[1] / 2))
    return cut_out(page, [middle.box])[0]


def _gzipped_numbers(path: Path, columns: int) -> NDArray[np.float64]:
    try:
        rows = np.loadtxt(gzip.decompress(path.read_bytes()).decode("ascii").replace(",", " ").splitlines(), ndmin=2)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if rows.shape[1] != columns:
        raise DataError(f"{path}: {rows.shape[1]} columns, expected {columns}")
    return rows
