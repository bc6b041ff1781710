"""What quantization is judged on, and what only reports.

Judges of networks that read digits are augmented digits of MNIST's validation split and photographed sheets of our own
strokes, drawn with another seed than the calibration set; of networks that read lines, the lines that choose in
training. A test set never judges.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from convert import sheets
from convert.sheets import LIGHTS, PENS, legible_sheet
from edge_digits.charset import REJECT
from edge_digits.errors import DataError
from edge_digits.ink import ink_map
from train import line_data, lines, testsets
from train.crops import Crops, join
from train.datasets import normalized
from train.lines import Lines
from train.sources import read_mnist
from train.tensors import augment

logger = logging.getLogger(__name__)

AUGMENTED = 50_000
SYNTHESIZED = 5_000
SEED = 20_261
HEIGHTS = (14.0, 60.0)
"""Of synthesized digits in pixels, log-uniform."""
_BATCH = 500


def judges(data_dir: Path) -> Crops:
    """``AUGMENTED`` crops of MNIST and ``SYNTHESIZED`` ones; without MNIST only the latter, and a warning."""
    made = synthesized(SYNTHESIZED)
    try:
        return join("validation", [augmented_mnist(data_dir, AUGMENTED), made])
    except DataError as error:
        logger.warning("judged on %d synthesized crops only, for want of MNIST: %s", len(made), error)
        return Crops("validation", made.images, made.labels)


def digits_alone(judges: Crops) -> Crops:
    """Those of ``judges`` that are digits."""
    digits = judges.labels < REJECT
    return Crops(judges.name, judges.images[digits], judges.labels[digits])


def line_judges(data_dir: Path) -> Lines:
    """The lines that choose a network in training: plain ones, and those that took the device's road.

    Raises DataError if MNIST, whose digits they are written with, is not there and cannot be fetched.
    """
    return lines.join("validation", line_data.validation(data_dir, os.cpu_count() or 1))


def line_reports(data_dir: Path) -> dict[str, Lines]:
    """What goes into the specs of line models beside it: MNIST's test digits as lines of one; nothing, and a warning,
    if they cannot be had."""
    if not _has_mnist_test(data_dir):
        return {}
    return {"mnist-test": line_data.single(data_dir, "test")}


def augmented_mnist(data_dir: Path, count: int) -> Crops:
    """``count`` crops made from the 5,000 MNIST images that only choose, each one another hand.

    Raises DataError if MNIST is not there and cannot be fetched.
    """
    source = normalized(read_mnist(data_dir, "validation"))
    random = torch.Generator().manual_seed(SEED)
    order = np.arange(count) % len(source)
    images = np.empty((count, *source.images.shape[1:]), np.uint8)
    for start in tqdm(range(0, count, _BATCH), "crops that judge", disable=None, leave=False):
        made = augment(torch.from_numpy(source.images[order[start : start + _BATCH]]), random)
        images[start : start + _BATCH] = (made[:, 0] * 255).round().to(torch.uint8).numpy()
    return Crops("mnist-validation-augmented", images, source.labels[order])


def synthesized(count: int, seed: int = SEED) -> Crops:
    """``count`` crops of our own strokes, all pens and lights in turn; a sixth of them is no digit."""
    random = np.random.default_rng(seed)
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    for pen, light in cycle(product(PENS, LIGHTS)):
        sheet = legible_sheet(random, pen, light, float(np.exp(random.uniform(*np.log(HEIGHTS)))))
        images.append(sheets.normalized(ink_map(sheet.picture), sheet.boxes))
        labels += sheet.labels
        if len(labels) >= count:
            break
    return Crops("synthesized", np.concatenate(images)[:count], np.array(labels, np.uint8)[:count])


def reports(data_dir: Path) -> dict[str, Crops]:
    """The sets whose accuracy goes into the specs: each test set that the data folder holds, as "mnist-test". MNIST is
    fetched if need be, and left out with a warning if it cannot be had."""
    without = () if _has_mnist_test(data_dir) else ("MNIST",)
    with _without_warnings("train.testsets"):
        return {f"{crops.name.lower()}-test": crops for crops in testsets.load_all(data_dir, without)}


def _has_mnist_test(data_dir: Path) -> bool:
    """Whether MNIST's test set is there or could be fetched. It only reports: without it no conversion need fail."""
    try:
        read_mnist(data_dir, "test")
    except DataError as error:
        logger.warning("the specs will hold no accuracy on MNIST's test set: %s", error)
        return False
    return True


@contextmanager
def _without_warnings(name: str) -> Iterator[None]:
    """A newcomer has MNIST and no other set; one warning for each would hide the warnings that matter."""
    level = logging.getLogger(name).level
    logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        logging.getLogger(name).setLevel(level)
