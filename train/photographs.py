"""The photographs of the data folder: how well they are read. They only measure; nothing is trained on them.

They are a labelled folder (``edge_digits.labelled``); the measures are those of the folder's own ``score.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from edge_digits import labelled
from edge_digits.image import load_grey
from edge_digits.labelled import LabelledPicture, Measures
from edge_digits.reader import DigitReader
from edge_digits.types import Page
from train.pages import Answers

FOLDER = "photos"


@dataclass(frozen=True, eq=False)
class Read:
    """A photograph and what was read in it."""

    photograph: LabelledPicture
    page: Page

    @property
    def lines(self) -> tuple[str, ...]:
        """Digits of each line that was read."""
        return tuple("".join(filter(str.isdigit, line.text)) for line in self.page.lines)

    @property
    def errors(self) -> int:
        """See ``LabelledPicture.errors``."""
        return self.photograph.errors(self.lines)


def read_all(reader: DigitReader, photographs: Sequence[LabelledPicture]) -> list[Read]:
    """Read each of ``photographs``. Raises ImageError if one cannot be read."""
    return [Read(one, reader.read(load_grey(one.path))) for one in tqdm(photographs, "photographs", leave=False)]


def measures(read: Sequence[Read]) -> Measures:
    """The measures of pictures with digits."""
    return labelled.measures([(one.photograph, one.lines) for one in read])


def by_source(read: Sequence[Read]) -> dict[str, list[Read]]:
    """The pictures of each source, by its name."""
    return {s: [r for r in read if r.photograph.source == s] for s in sorted({r.photograph.source for r in read})}


def answers(read: Sequence[Read]) -> Answers:
    """Confidence of each digit that was read, and whether it is right: whether it is matched with an equal digit where
    written and read are aligned with the fewest edits. What was missed is nobody's answer."""
    confidence = [digit.confidence for r in read for line in r.page.lines for digit in line.digits]
    right = [ok for r in read for ok in aligned("".join(r.photograph.lines), "".join(r.lines))]
    return Answers(np.array(confidence, np.float64), np.array(right, np.bool_))


def aligned(written: str, read: str) -> list[bool]:
    """For each character read whether it is matched with an equal one that was written, in an alignment with the fewest
    edits (Levenshtein 1966)."""
    cost = np.zeros((len(written) + 1, len(read) + 1), int)
    cost[:, 0], cost[0, :] = np.arange(len(written) + 1), np.arange(len(read) + 1)
    for i, a in enumerate(written, 1):
        for j, b in enumerate(read, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (a != b))
    right = [False] * len(read)
    i, j = len(written), len(read)
    while i and j:
        equal = written[i - 1] == read[j - 1]
        if cost[i, j] == cost[i - 1, j - 1] + (not equal):
            right[j - 1] = equal
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i, j - 1] + 1:
            j -= 1
        else:
            i -= 1
    return right
