"""``calibration_data/`` -> hypotheses and their ink -> samples: what int8 takes its ranges from.

The folder holds pictures, never model input, so that a change of how a page is read reaches calibration, too.
``labels.json`` says for each picture what it is (``kind`` "grey": a photograph; "ink": ink that is cut out already, as
MNIST's images are), where it comes from, and where each digit stands.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.quantize.sheet_digits import find_digits
from convert.quantize.sheets import LIGHTS, PENS
from edge_digits.charset import REJECT
from edge_digits.errors import DataError
from edge_digits.io.image import load_grey
from edge_digits.model_input import normalize
from edge_digits.types import Box, Image

LABELS = "labels.json"
FORMAT = 1
LEAST_SAMPLES = 100
_INKED = 64
"""From here on a pixel counts where ink ends."""


@dataclass(frozen=True)
class CalibrationSet:
    """pixels: (N, 28, 28) uint8 model input, 0 and 255 among the values. labels: (N,) uint8, 0..9 or
    ``charset.REJECT``. sha256: of the pictures' pixels and of labels.json, in hexadecimal. pens, lights: those that
    labels.json names. ink: sheet by sheet the ink of each digit that is found, (h, w) uint8 cut to it, of which lines
    are made.
    pictures: the photographed sheets, (H, W) uint8 grey, in which the judge's hypotheses are found."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    sha256: str
    pens: frozenset[str]
    lights: frozenset[str]
    ink: tuple[tuple[Image, ...], ...] = ()
    pictures: tuple[Image, ...] = ()


def load(folder: Path) -> CalibrationSet:
    """Read ``folder`` (see the module) and look at its digits as a reader does; what no hypothesis fits is left out.

    Raises DataError or ImageError if something is missing or damaged, a class has no sample, or there are too few.
    """
    description, text = _description(folder)
    digest = hashlib.sha256(text)
    pixels: list[Image] = []
    labels: list[int] = []
    glyphs: list[tuple[Image, ...]] = []
    photographed: list[Image] = []
    for sheet in description["sheets"]:
        picture = load_grey(folder / sheet["file"])
        digest.update(repr(picture.shape).encode() + picture.tobytes())
        boxes = tuple(Box(*digit["box"]) for digit in sheet["digits"])
        outside = [box for box in boxes if not box.cut(picture).size]
        if outside:
            raise DataError(f"{folder / LABELS}: box {outside[0].as_list()} is outside {sheet['file']}")
        named = [digit["label"] for digit in sheet["digits"]]
        if sheet["kind"] == "grey":
            photographed.append(picture)
            seen = [
                (one, label) for one, label in zip(find_digits(picture, boxes), named, strict=True) if one is not None
            ]
            pixels += [one.pixels for one, _ in seen]
            labels += [label for _, label in seen]
            glyphs.append(tuple(cut_to_ink(one.ink) for one, _ in seen))
        else:
            pixels += [normalize.digit(box.cut(picture)) for box in boxes]
            labels += named
            glyphs.append(tuple(cut_to_ink(box.cut(picture)) for box in boxes))
    pens, lights = (
        frozenset(str(sheet[key]) for sheet in description["sheets"] if key in sheet) for key in ("pen", "light")
    )
    calibration_set = CalibrationSet(
        np.array(pixels, np.uint8).reshape(-1, normalize.PARAMETERS.size, normalize.PARAMETERS.size),
        np.array(labels, np.uint8),
        digest.hexdigest(),
        pens,
        lights,
        tuple(glyphs),
        tuple(photographed),
    )
    _check(folder, calibration_set)
    return calibration_set


def check_variety(folder: Path, calibration_set: CalibrationSet) -> None:
    """Raises DataError if a pen or a light of our own synthesis is not in a set that claims to be made by it."""
    missing = [name for name in (*PENS, *LIGHTS) if name not in calibration_set.pens | calibration_set.lights]
    if missing:
        raise DataError(f"{folder}: nothing written or lit like this is in it: {', '.join(missing)}")


def cut_to_ink(ink: Image) -> Image:
    """``ink`` (h, w) without the empty border."""
    x, y, w, h = cv2.boundingRect((ink >= _INKED).view(np.uint8))
    return ink[y : y + h, x : x + w] if w else ink


def _description(folder: Path) -> tuple[dict[str, Any], bytes]:
    """labels.json, checked for its form, and its bytes."""
    path = folder / LABELS
    if not folder.is_dir():
        raise DataError(f"{folder}: no such calibration folder")
    if not path.is_file():
        raise DataError(f"{folder}: no calibration set: {LABELS} is missing (python -m convert calibrate makes one)")
    try:
        text = path.read_bytes()
        description = json.loads(text)
        if description["format"] != FORMAT:
            raise DataError(f"{path}: format is {description['format']}, expected {FORMAT}")
        for sheet in description["sheets"]:
            if sheet["kind"] not in ("grey", "ink"):
                raise DataError(f"{path}: kind of {sheet['file']} is {sheet['kind']!r}, expected grey or ink")
            if not isinstance(sheet["file"], str):
                raise DataError(f"{path}: file is {sheet['file']!r}, expected the name of a picture")
            for digit in sheet["digits"]:
                if not _is_class(digit["label"]) or not _is_box(digit["box"]):
                    raise DataError(f"{path}: {sheet['file']} holds a wrong label or box: {digit}")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: not the description of a calibration set: {error!r}") from error
    return description, text


def _is_class(label: object) -> bool:
    return type(label) is int and 0 <= label <= REJECT


def _is_box(box: object) -> bool:
    """Whether it is four whole numbers: what else ``int`` takes would fail, or be rounded, where the picture is cut."""
    return isinstance(box, list) and len(box) == 4 and all(type(side) is int for side in box)


def _check(folder: Path, calibration_set: CalibrationSet) -> None:
    missing = [str(c) if c != REJECT else "not a digit" for c in range(REJECT + 1) if c not in calibration_set.labels]
    if len(calibration_set.labels) < LEAST_SAMPLES or missing:
        lacks = f", none of: {', '.join(missing)}" if missing else ""
        raise DataError(
            f"{folder}: {len(calibration_set.labels)} samples{lacks}; at least {LEAST_SAMPLES} of all classes needed"
        )
    # They set the input's range to 0..1 and so its scale to 1/255.
    least, most = calibration_set.pixels.min(), calibration_set.pixels.max()
    if least != 0 or most != 255:
        raise DataError(f"{folder}: the values reach from {least} to {most}, not 0 to 255")
