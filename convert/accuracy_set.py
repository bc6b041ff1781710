"""The set that ``edge-digits accuracy`` reads: made once, with a seed, of MNIST's test digits and our own strokes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from convert.atomic_place import place, staging
from edge_digits.accuracy.sample_set import PATH, Sample, SampleSet, as_file
from edge_digits.io import mnist
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.synthesis.page import SyntheticPage, make_page

SEED = 7
DIGITS, LINES, TILES = 1_000, 60, 30

_LINE_SIZE, _TILE_SIZE = (400, 80), (256, 256)
_KINDS = ("plain", "plain", "ruled", "squared")

LICENCE = (
    "digits: 1,000 of MNIST's test set (Yann LeCun, Corinna Cortes, Christopher J.C. Burges; Creative Commons "
    "Attribution-ShareAlike 3.0), their places in it under 'mnist'; lines and tiles: this project's own strokes "
    "(Apache-2.0)"
)


def make(data_dir: Path, path: Path = PATH) -> Path:
    """Make the set and put it into the package, or at ``path``. Returns where it is. Raises DataError if MNIST cannot
    be had, ConversionError if it cannot be written."""
    random = np.random.default_rng(SEED)
    images, labels = mnist.load("test", data_dir)
    index = np.sort(random.choice(len(labels), DIGITS, replace=False))
    lines = tuple(_line(random) for _ in range(LINES))
    tiles = tuple(_tile(random) for _ in range(TILES))
    content = as_file(SampleSet(images[index], labels[index], lines, tiles))
    with staging(path.parent) as folder:
        staged = folder / path.name
        staged.write_bytes(content)
        spec = {"sha256": sha256_of(staged), "seed": SEED, "licence": LICENCE, "mnist": index.tolist()}
        spec_path(staged).write_text(json.dumps(spec) + "\n", "utf-8")
        place([spec_path(staged), staged], path.parent)
    return path


def _line(random: np.random.Generator) -> Sample:
    text = _number(random, 4, 8)
    height = float(random.uniform(26, 40))
    return _sample(make_page(random, *_LINE_SIZE, texts=[text], digit_height=height, kind=_kind(random), others=False))


def _tile(random: np.random.Generator) -> Sample:
    texts = [_number(random, 2, 5) for _ in range(3)]
    height = float(random.uniform(22, 38))
    return _sample(make_page(random, *_TILE_SIZE, texts=texts, digit_height=height, kind=_kind(random), others=True))


def _number(random: np.random.Generator, least: int, most: int) -> str:
    return "".join(str(value) for value in random.integers(10, size=int(random.integers(least, most + 1))))


def _kind(random: np.random.Generator) -> str:
    return str(random.choice(_KINDS))


def _sample(page: SyntheticPage) -> Sample:
    return Sample(page.image, tuple("".join(str(digit.value) for digit in line.digits) for line in page.lines))
