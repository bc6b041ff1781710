"""Digits of every source that may train, as fields, in an order in which neighbours could be of one hand.

Sources without writers are ordered by how much their digits lean: who picks neighbours writes evenly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.strokes import digit_strokes, random_hand
from train.data import digit_sets
from train.data.digit_sets import Bitmaps
from train.data.glyphs.fields import Field, from_mask, from_strokes
from train.data.glyphs.thinning import skeleton_field

VERSIONS = 4
"""How often each hand of our own strokes writes each digit."""

_OPTDIGITS = Path("material") / "strokes" / "optdigits_32x32.npz"
_SMALLEST_INK = 4
_LARGE = 64
_WIDTHS = (0.72, 0.35, 0.76, 0.66, 0.74, 0.72, 0.62, 0.7, 0.62, 0.6)
"""How wide each digit is, as a share of its height, as a rule; sets of which each digit was stretched to a square get
this back, each digit with its own deviation."""
_STRETCHED = ("semeion", "optdigits", "pendigits")


def scanned(digits: Bitmaps, thin_share: float, random: np.random.Generator) -> Iterator[tuple[str, int, Field, float]]:
    """A set of bitmaps as (family, label, field, half width): ``thin_share`` of them as skeletons, whose half width
    is 0 and whose family ends in "-thin"."""
    for value in range(10):
        images = digits.images[digits.labels == value]
        if digits.name in _STRETCHED and len(images):
            images = np.array([_narrowed(image, _width(value, random)) for image in images], np.uint8)
        images = images[(images > 64).sum(axis=(1, 2)) >= _SMALLEST_INK]
        images = images[np.argsort([_lean(image) for image in images], kind="stable")]
        for number, image in enumerate(images):
            ink = image.astype(np.float32) / 255
            # Evenly over the order, so that both have every lean.
            if int((number + 1) * thin_share) > int(number * thin_share):
                yield f"{digits.name}-thin", value, skeleton_field(ink), 0.0
            else:
                yield digits.name, value, *from_mask(ink)


def written(digits: digit_sets.Trajectories, random: np.random.Generator) -> Iterator[tuple[str, int, Field, float]]:
    """A set of pen movements as (family, label, field, half width 0)."""
    for value in range(10):
        for index in np.flatnonzero(digits.labels == value):
            narrow = np.array([_width(value, random) if digits.name in _STRETCHED else 1.0, 1.0], np.float32)
            yield digits.name, value, from_strokes([stroke * narrow for stroke in digits.strokes[index]]), 0.0


def drawn(hands: int, random: np.random.Generator) -> Iterator[tuple[str, int, Field, float]]:
    """Our own strokes: VERSIONS of each digit by each of ``hands`` people, as (family, label, field, half width 0)."""
    people = [random_hand(random) for _ in range(hands)]
    for value in range(10):
        for hand in people:
            for _ in range(VERSIONS):
                yield "strokes", value, from_strokes(digit_strokes(random, value, hand)), 0.0


def read_optdigits(folder: Path, part: str) -> Bitmaps | None:
    """Optdigits (Alpaydin and Kaynak 1998, UCI), each stretched to a square; None where the folder has none.

    part: "train", or "validation" (13 other writers).
    """
    path = folder / _OPTDIGITS
    if not path.is_file():
        return None
    with np.load(path) as file:
        packed, labels, split = file["images"], file["labels"], file["split"]
    keep = (split == "windep") == (part != "train")
    bits = np.unpackbits(packed[keep], axis=2) * np.uint8(255)
    return Bitmaps("optdigits", bits, labels[keep].astype(np.uint8))


def _width(value: int, random: np.random.Generator) -> float:
    """A digit's width, a share of its height, at most 1."""
    spread = 0.3 if value == 1 else 0.15
    return min(1.0, _WIDTHS[value] * math.exp(spread * float(random.standard_normal())))


def _narrowed(image: NDArray[np.uint8], width: float) -> NDArray[np.uint8]:
    """A square bitmap (H, H) ``width`` times as wide, amid (_LARGE, _LARGE): large, so that thin strokes hold."""
    columns = max(8, round(width * _LARGE))
    narrow = cv2.resize(image, (_LARGE, _LARGE), interpolation=cv2.INTER_CUBIC)
    narrow = cv2.resize(narrow, (columns, _LARGE), interpolation=cv2.INTER_AREA)
    left = (_LARGE - columns) // 2
    return np.asarray(cv2.copyMakeBorder(narrow, 0, 0, left, _LARGE - columns - left, cv2.BORDER_CONSTANT), np.uint8)


def _lean(image: NDArray[np.uint8]) -> float:
    """Shear of the ink: x per y, negative leans to the right."""
    moments = cv2.moments(image)
    return moments["mu11"] / max(moments["mu02"], 1e-6)
