"""MNIST test digits, drawn lines and drawn pages -> the data set of ``edge-digits accuracy``. No model has a say."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from convert.atomic_place import place, staging
from edge_digits.accuracy.dataset import PATH, packed
from edge_digits.charset import DIGITS
from edge_digits.io import mnist
from edge_digits.model_input import normalize
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.synthesis import pen
from edge_digits.synthesis.page import make_page
from edge_digits.synthesis.strokes import digit_strokes, random_hand
from edge_digits.types import Image, as_image
from train.lines import spacing

SEED = 20_261_201

PER_DIGIT, LINES, PAGES = 100, 200, 40

LENGTHS = (3, 8)
"""Fewest and most digits of a line."""

LINE_HEIGHTS = (22.0, 40.0)
PAGE_SIZE, PAGE_HEIGHTS = (256, 192), (16.0, 32.0)
"""Width and height of a page, and how tall its digits are, in pixels."""

JPEG_QUALITY = 85

LICENCE = (
    "1,000 digits of MNIST's test set (Yann LeCun, Corinna Cortes, Christopher J.C. Burges; Creative Commons "
    "Attribution-ShareAlike 3.0), shared under CC BY-SA 3.0; lines and pages of this project's own strokes (Apache-2.0)"
)


def make(data_dir: Path, made: Path = PATH) -> Path:
    """Make the set; the same each time. Returns where it is. Raises DataError if MNIST cannot be had, ConversionError
    if the set cannot be written."""
    images, labels = mnist.load("test", data_dir)
    random = np.random.default_rng([SEED, 0])
    each = [random.permutation(np.flatnonzero(labels == digit))[:PER_DIGIT] for digit in range(len(DIGITS))]
    index = random.permutation(np.concatenate(each))
    lines = [_line(np.random.default_rng([SEED, 1, number])) for number in range(LINES)]
    pages = _pages()
    arrays = packed(images[index], labels[index], index, lines, [next(pages) for _ in range(PAGES)])
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    with staging(made.parent) as folder:
        staged = folder / made.name
        staged.write_bytes(content.getvalue())
        spec = {"sha256": sha256_of(staged), "seed": SEED, "licence": LICENCE}
        spec_path(staged).write_text(json.dumps(spec, indent=2) + "\n", "utf-8")
        place([spec_path(staged), staged], made.parent)
    return made


def _line(random: np.random.Generator) -> tuple[Image, str]:
    """A strip as model input, and its digits: one hand, one pen, digits apart or touching."""
    hand, height = random_hand(random), float(random.uniform(*LINE_HEIGHTS))
    tool = pen.random_pen(random, height)
    values = random.integers(0, len(DIGITS), int(random.integers(LENGTHS[0], LENGTHS[1] + 1))).tolist()
    parts = [_cut(pen.draw(random, digit_strokes(random, value, hand), height, tool).ink) for value in values]
    kinds = random.choice(spacing.SPACINGS, len(values) - 1).tolist()
    return normalize.line(spacing.beside(parts, kinds, random))[0], "".join(map(str, values))


def _cut(ink: Image) -> Image:
    box = pen.ink_box(ink)
    return as_image(ink[box.y : box.bottom, box.x : box.right])


def _pages() -> Iterator[tuple[bytes, list[str]]]:
    """Photographed pages whose digits are all inside, as JPEG files, and the digits of their rows."""
    number = 0
    while True:
        random = np.random.default_rng([SEED, 2, number])
        number += 1
        page = make_page(random, *PAGE_SIZE, digit_height=float(random.uniform(*PAGE_HEIGHTS)))
        if not page.lines or page.cut:
            continue
        content = cv2.imencode(".jpg", page.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
        yield content, ["".join(str(digit.value) for digit in line.digits) for line in page.lines]
