"""Makes the calibration set: photographed sheets of our own strokes, and digits of MNIST's training set.

Every pen meets every light, and each sheet holds all ten digits and things that are none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from convert.atomic_place import place, staging
from convert.quantize.calibration import FORMAT, LABELS
from convert.quantize.sheets import LIGHTS, PENS, legible_sheet
from edge_digits.charset import DIGITS
from edge_digits.io import mnist
from edge_digits.types import Image
from train.data.digit_sets import MNIST_VALIDATION

SEED = 5
MNIST_PER_DIGIT = 20
MNIST_LICENCE = "CC BY-SA 3.0, MNIST by Yann LeCun, Corinna Cortes and Christopher J.C. Burges"
PROJECT_LICENCE = "Apache-2.0"
HEIGHTS = (18.0, 28.0)
"""Of the digits on a sheet, in pixels: small, for the repository's sake."""


@dataclass(frozen=True, eq=False)
class _Entry:
    """A picture (H, W) uint8, what labels.json says of it, and of each digit in it."""

    picture: Image
    about: dict[str, str]
    digits: list[dict[str, Any]]


def make(out: Path, data_dir: Path, seed: int = SEED) -> None:
    """Write the calibration set to ``out``: the same seed and data give the same pictures.

    Raises DataError if MNIST is not to be had, ConversionError if the folder cannot be written.
    """
    entries = [_mnist(data_dir, seed)]
    pairs = [(pen, light) for pen in PENS for light in LIGHTS]
    entries += [_photographed(np.random.default_rng([seed, n]), *pair) for n, pair in enumerate(pairs)]
    with staging(out) as folder:
        for entry in entries:
            png = cv2.imencode(".png", entry.picture, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1]
            (folder / entry.about["file"]).write_bytes(png.tobytes())
        (folder / LABELS).write_text(_text(entries, seed), encoding="utf-8")
        place(sorted(folder.iterdir()), out)


def _text(entries: list[_Entry], seed: int) -> str:
    """labels.json with one digit a line."""
    sheets = []
    for entry in entries:
        digits = ",\n".join("   " + json.dumps(digit) for digit in entry.digits)
        sheets.append("  " + json.dumps(entry.about)[:-1] + ', "digits": [\n' + digits + "\n  ]}")
    head = f'"format": {FORMAT},\n "made_by": "python -m convert calibrate", "seed": {seed},\n "sheets": [\n'
    return "{" + head + ",\n".join(sheets) + "\n ]\n}\n"


def _mnist(data_dir: Path, seed: int) -> _Entry:
    """Digits from the part of MNIST's training set that trains, unchanged, a row of each."""
    images, labels = mnist.load("train", data_dir)
    random = np.random.default_rng(seed)
    usable = np.arange(len(labels)) < len(labels) - MNIST_VALIDATION
    rows = [
        np.sort(random.choice(np.flatnonzero(usable & (labels == value)), MNIST_PER_DIGIT, replace=False))
        for value in range(len(DIGITS))
    ]
    side = images.shape[1]
    picture = np.vstack([np.hstack(list(images[row])) for row in rows])
    digits = [
        {"label": value, "box": [column * side, value * side, side, side], "index": int(index)}
        for value, row in enumerate(rows)
        for column, index in enumerate(row)
    ]
    about = {"file": "mnist.png", "kind": "ink", "source": "MNIST training set", "licence": MNIST_LICENCE}
    return _Entry(picture, about, digits)


def _photographed(random: np.random.Generator, pen: str, light: str) -> _Entry:
    sheet = legible_sheet(random, pen, light, float(random.uniform(*HEIGHTS)))
    about = {"file": f"{pen}-{light}.png", "kind": "grey", "source": "own synthesis", "licence": PROJECT_LICENCE}
    digits = [{"label": label, "box": box.as_list()} for label, box in zip(sheet.labels, sheet.boxes, strict=True)]
    return _Entry(sheet.picture, about | {"pen": pen, "light": light}, digits)
