"""What quantization is judged on, and what only reports.

Judges are augmented digits of MNIST's validation split and photographed sheets of our own strokes, drawn with another
seed than the calibration set. A test set never judges.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import torch

from edge_digits.charset import REJECT
from edge_digits.errors import DataError
from edge_digits.synthesis.strokes import digit_strokes, other_strokes
from train.crops import Crops, join
from train.glyphs import StrokeGlyph
from train.datasets import normalized
from train.sheets import photographed, plan
from train.sources import read_mnist
from train.tensors import augment

logger = logging.getLogger(__name__)

AUGMENTED = 50_000
SYNTHESIZED = 3_000
SEED = 20_261
_BATCH = 500


def judges(data_dir: Path) -> Crops:
    """``AUGMENTED`` crops of MNIST and ``SYNTHESIZED`` ones; only the latter, with a warning, where there is no MNIST."""
    made = synthesized(SYNTHESIZED)
    try:
        return join("validation", [augmented_mnist(data_dir, AUGMENTED), made])
    except DataError as error:
        logger.warning("judged on %d synthesized crops only, for want of MNIST: %s", len(made), error)
        return Crops("validation", made.images, made.labels)


def augmented_mnist(data_dir: Path, count: int) -> Crops:
    """``count`` crops made from the 5,000 MNIST images that only choose, each one another hand.

    Raises DataError if MNIST is not there and cannot be fetched.
    """
    source = normalized(read_mnist(data_dir, "validation"))
    random = torch.Generator().manual_seed(SEED)
    order = np.arange(count) % len(source)
    images = np.empty((count, *source.images.shape[1:]), np.uint8)
    for start in range(0, count, _BATCH):
        made = augment(torch.from_numpy(source.images[order[start : start + _BATCH]]), random)
        images[start : start + _BATCH] = (made[:, 0] * 255).round().to(torch.uint8).numpy()
    return Crops("mnist-validation-augmented", images, source.labels[order])


def synthesized(count: int) -> Crops:
    """``count`` crops of our own strokes through paper, light, camera, ink and normalization; every eleventh is no
    digit."""
    random = np.random.default_rng(SEED)
    sheets: list[Crops] = []
    while sum(map(len, sheets)) < count:
        height, most = plan(random)
        labels = random.permutation(np.arange(most) % (REJECT + 1))
        glyphs = [
            StrokeGlyph(other_strokes(random) if label == REJECT else digit_strokes(random, label), label)
            for label in labels.tolist()
        ]
        sheets.append(Crops("sheet", *photographed(glyphs, height, random)))
    made = join("synthesized", sheets)
    return Crops("synthesized", made.images[:count], made.labels[:count])


def reports(data_dir: Path) -> dict[str, Crops]:
    """The sets whose accuracy goes into the specs: MNIST's 10,000 test images, where MNIST is there."""
    try:
        test = normalized(read_mnist(data_dir, "test"))
    except DataError as error:
        logger.warning("no MNIST accuracy in the specs: %s", error)
        return {}
    return {"mnist_test": test}
