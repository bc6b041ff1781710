"""Draws the calibration set: photographed sheets of our own strokes, and digits of MNIST's training set.

Every pen meets every light, each sheet holds all ten digits and things that are none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.calibration import FORMAT, LABELS
from convert.placing import place, staging
from edge_digits import mnist
from edge_digits.charset import DIGITS, REJECT
from edge_digits.ink import ink_map
from edge_digits.segment.components import INK_THRESHOLD
from edge_digits.synthesis import camera, paper, pen
from edge_digits.synthesis.light import lit, random_light
from edge_digits.synthesis.strokes import digit_strokes, extent, other_strokes, random_hand
from edge_digits.types import Box, Image

SEED = 5
LIGHTS = ("even", "uneven", "dim")
MNIST_PER_DIGIT = 20
MNIST_LICENCE = "CC BY-SA 3.0, MNIST by Yann LeCun, Corinna Cortes and Christopher J.C. Burges"
OWN_LICENCE = "Apache-2.0"
_COLUMNS, _ROWS = 6, 4
"""Places on a photographed sheet."""
_CELL = 44
_HEIGHTS = (18.0, 28.0)
_LEAST_FOUND = 0.8
"""Share of the written pixels that the ink map must hold."""
_UNEVEN = 0.7
"""The darkest spot of uneven light has at most this share of the brightest's."""


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A picture (H, W) uint8 and its entry in labels.json."""

    picture: Image
    entry: dict[str, Any]


def draw(out: Path, data_dir: Path, seed: int = SEED) -> None:
    """Write the calibration set to ``out``: the same seed and data give the same pictures.

    Raises DataError if MNIST is not to be had, ConversionError if the folder cannot be written.
    """
    sheets = [_mnist_sheet(data_dir, seed)]
    for number, (kind, light) in enumerate((kind, light) for kind in pen.KINDS for light in LIGHTS):
        sheets.append(_legible_sheet(np.random.default_rng([seed, number]), kind, light))
    with staging(out) as folder:
        for sheet in sheets:
            (folder / sheet.entry["file"]).write_bytes(cv2.imencode(".png", sheet.picture)[1].tobytes())
        (folder / LABELS).write_text(_text([sheet.entry for sheet in sheets], seed), encoding="utf-8")
        place(sorted(folder.iterdir()), out)


def _text(entries: list[dict[str, Any]], seed: int) -> str:
    """labels.json with one digit a line."""
    sheets = []
    for entry in entries:
        head = {key: value for key, value in entry.items() if key != "digits"}
        digits = ",\n".join("   " + json.dumps(digit) for digit in entry["digits"])
        sheets.append("  " + json.dumps(head)[:-1] + ', "digits": [\n' + digits + "\n  ]}")
    head = f'"format": {FORMAT},\n "made_by": "python -m convert calibrate", "seed": {seed},\n "sheets": [\n'
    return "{" + head + ",\n".join(sheets) + "\n ]\n}\n"


def _mnist_sheet(data_dir: Path, seed: int) -> _Sheet:
    """Digits of the part of MNIST's training set that also trains, unchanged, a row or two of each."""
    images, labels = mnist.load("train", data_dir)
    random = np.random.default_rng(seed)
    # The last 5,000 choose models and judge quantization.
    usable = np.arange(len(labels)) < max(len(labels) - 5_000, len(labels) // 2)
    rows = [
        np.sort(random.choice(np.flatnonzero(usable & (labels == d)), MNIST_PER_DIGIT, replace=False))
        for d in range(len(DIGITS))
    ]
    side = images.shape[1]
    picture = np.vstack([np.hstack(list(images[row])) for row in rows])
    digits = [
        {"label": d, "box": [column * side, d * side, side, side], "index": int(index)}
        for d, row in enumerate(rows)
        for column, index in enumerate(row)
    ]
    entry = {"file": "mnist.png", "kind": "ink", "source": "MNIST training set", "licence": MNIST_LICENCE}
    return _Sheet(picture, entry | {"digits": digits})


def _legible_sheet(random: np.random.Generator, kind: str, light: str) -> _Sheet:
    """The first sheet of which the ink map finds the writing: noise is nothing to calibrate with."""
    while True:
        sheet, written = _photographed_sheet(random, kind, light)
        found = ink_map(sheet.picture)[written] >= INK_THRESHOLD
        if found.mean() >= _LEAST_FOUND:
            return sheet


def _photographed_sheet(random: np.random.Generator, kind: str, light: str) -> tuple[_Sheet, NDArray[np.bool_]]:
    """One hand, one pen, one light: digits and other things in a grid; and where ink is, (H, W)."""
    height, width = (_ROWS + 1) * _CELL, (_COLUMNS + 1) * _CELL
    size = float(random.uniform(*_HEIGHTS))
    tool = pen.random_pen(random, size, kind)
    sheet = paper.random_paper(random, height, width, "board" if kind == "chalk" else "plain")
    written = np.zeros_like(sheet)
    hand = random_hand(random)
    places = _ROWS * _COLUMNS
    labels = random.permutation([*range(len(DIGITS)), *range(len(DIGITS)), *[REJECT] * (places - 2 * len(DIGITS))])
    digits = []
    for place_, label in enumerate(labels.tolist()):
        strokes = other_strokes(random, hand) if label == REJECT else digit_strokes(random, label, hand)
        while max(extent(strokes)[1] - np.minimum(extent(strokes)[0], 0)) > 1.3:
            strokes = other_strokes(random, hand)
        drawing = pen.draw(random, strokes, size, tool)
        h, w = drawing.ink.shape
        x = _CELL // 2 + place_ % _COLUMNS * _CELL + (_CELL - w) // 2
        y = _CELL // 2 + place_ // _COLUMNS * _CELL + (_CELL - h) // 2
        paper.lay_ink(sheet, drawing.ink, x, y, tool.reflectance, tool.kind == "chalk")
        written[y : y + h, x : x + w] = drawing.ink
        digits.append({"label": label, "box": Box(x - 1, y - 1, w + 2, h + 2).as_list()})
    entry = {
        "file": f"{kind}-{light}.png",
        "kind": "grey",
        "source": "own synthesis",
        "licence": OWN_LICENCE,
        "pen": kind,
        "light": light,
    }
    picture = _photograph(random, sheet, light, tool.width)
    return _Sheet(picture, entry | {"digits": digits}), written >= 128


def _photograph(random: np.random.Generator, sheet: Image, light: str, finest: float) -> Image:
    shot = camera.random_shot(random, finest)
    while (shot.exposure < 0.7) != (light == "dim"):
        shot = camera.random_shot(random, finest)
    if light == "uneven":
        lamp = random_light(random, *sheet.shape)
        while lamp.min() > _UNEVEN * lamp.max():
            lamp = random_light(random, *sheet.shape)
        sheet = lit(sheet, lamp)
    return camera.photograph(random, sheet, shot)
