"""Folders of labels by a drawn hand that is often misread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge_digits.reader import open_reader
from edge_digits.synthesis.page import SyntheticPage
from edge_digits.teach.labels import SampleRow, add_label, add_sample
from edge_digits.teach.samples import candidate_at, sample_of
from edge_digits.trace import Seen
from train.adapt.hands import drawn_writers

SEED, NUMBER = 7, 4
"""Of a hand of which every sixth digit is misread."""


def pages(count: int, seed: int = 0) -> list[SyntheticPage]:
    """Pages by that hand."""
    writer, random = drawn_writers(NUMBER + 1, SEED)[NUMBER], np.random.default_rng(seed)
    return [writer.page(random) for _ in range(count)]


def make_folder(
    folder: Path, count: int = 2, label: Callable[[int, int], str] = lambda value, number: str(value)
) -> None:
    """The digits of ``count`` pages as labelled samples. label: of a digit's value and its number in the folder."""
    reader = open_reader("cnn")
    number = 0
    for page in pages(count):
        observed: list[Seen] = []
        reader.read(page.image, observe=observed.append)
        for digit in (digit for line in page.lines for digit in line.digits):
            index = candidate_at(observed[0], digit.box)
            if index is None:
                continue
            sample = sample_of(observed[0], index)
            file = f"{number:04d}.png"
            add_sample(folder, SampleRow(file, "", 0.5, "unsure", "", 0.0, sample.box), sample)
            add_label(folder, file, label(digit.value, number))
            number += 1
