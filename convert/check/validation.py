"""What quantization is judged on beside the nodes of ``convert.check.nodes``, and what only reports.

Judges of networks that read lines are the lines that choose in training. A test set never judges.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_digits.charset import REJECT
from edge_digits.errors import DataError
from train.data.digit_sets import read_mnist
from train.digits.crops import Crops
from train.evaluate import testsets
from train.lines import dataset, labelled_lines
from train.lines.labelled_lines import Lines

logger = logging.getLogger(__name__)


def digits_alone(judges: Crops) -> Crops:
    """Those of ``judges`` that are digits."""
    digits = judges.labels < REJECT
    return Crops(judges.name, judges.images[digits], judges.labels[digits])


def line_judges(data_dir: Path) -> Lines:
    """The lines that choose a network in training: plain ones, and those that took the device's road.

    Raises DataError if MNIST, whose digits they are written with, is not there and cannot be fetched.
    """
    return labelled_lines.join("validation", dataset.validation(data_dir, os.cpu_count() or 1))


def line_reports(data_dir: Path) -> dict[str, Lines]:
    """What goes into the specs of line models beside it: MNIST's test digits as lines of one; nothing, and a warning,
    if they cannot be had."""
    if not _has_mnist_test(data_dir):
        return {}
    return {"mnist-test": dataset.single(data_dir, "test")}


def reports(data_dir: Path) -> dict[str, Crops]:
    """The sets whose accuracy goes into the specs: each test set that the data folder holds, as "mnist-test". MNIST is
    fetched if need be, and left out with a warning if it cannot be had."""
    without = () if _has_mnist_test(data_dir) else ("MNIST",)
    with _without_warnings("train.evaluate.testsets"):
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
