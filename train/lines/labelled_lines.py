"""Labelled strips of whole lines as one record, in memory and on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS, REJECT, UNREADABLE
from edge_digits.errors import DataError
from edge_digits.model_input.normalize import LINE_PARAMETERS
from edge_digits.system.atomic_write import atomic_path
from edge_digits.types import Image

STRIP_WIDTHS = (64, 128, 256)
"""Strips are filled up with paper on the right to the next of these; a line that is wider than the last is left out."""

MOST_DIGITS = 12
_NONE = 255


@dataclass(frozen=True)
class Lines:
    """N strips with their truth, lying side by side in one picture.

    pixels: (32, total) uint8, as ``model_input.normalize.line`` makes them. ends: (N,) int64, the column after each
    strip. labels: (N, MOST_DIGITS) uint8, 0..9 or ``charset.REJECT`` from left to right, then 255. name says where they
    come from.
    """

    name: str
    pixels: Image
    ends: NDArray[np.int64]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Raises ValueError if pixels, ends and labels do not fit together."""
        if self.labels.shape != (len(self.ends), MOST_DIGITS) or self.pixels.shape[1] != (self.ends[-1:].sum() or 0):
            raise ValueError(f"{self.name}: {self.pixels.shape}, {self.ends.shape}, {self.labels.shape} do not fit")

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def widths(self) -> NDArray[np.int64]:
        """(N,) columns of each strip."""
        return np.diff(self.ends, prepend=0)

    def strip(self, index: int) -> Image:
        """Strip ``index``, (32, width) uint8."""
        return self.pixels[:, int(self.ends[index]) - int(self.widths_at(index)) : int(self.ends[index])]

    def widths_at(self, index: int) -> int:
        """Columns of strip ``index``."""
        return int(self.ends[index]) - (int(self.ends[index - 1]) if index else 0)

    def text(self, index: int) -> str:
        """What stands in strip ``index``, ``?`` for what is no digit."""
        return to_text(self.labels[index])

    def padded(self, chosen: NDArray[np.integer], width: int) -> NDArray[np.uint8]:
        """The chosen strips filled up with paper on the right, (len(chosen), 32, width) uint8."""
        out = np.zeros((len(chosen), self.pixels.shape[0], width), np.uint8)
        for row, index in enumerate(chosen):
            strip = self.strip(int(index))
            out[row, :, : strip.shape[1]] = strip
        return out


def to_text(labels: Sequence[int] | NDArray[np.integer]) -> str:
    """Labels as text, ``?`` for ``charset.REJECT``; what follows the line is left out."""
    return "".join(DIGITS[int(v)] if v < len(DIGITS) else UNREADABLE for v in labels if v <= REJECT)


def from_strips(name: str, strips: Sequence[tuple[Image, Sequence[int]]]) -> Lines:
    """Strips (32, width) uint8 with their labels (at most ``MOST_DIGITS``) as one record."""
    pixels = [strip for strip, _ in strips] or [np.zeros((LINE_PARAMETERS.height, 0), np.uint8)]
    labels = np.full((len(strips), MOST_DIGITS), _NONE, np.uint8)
    for row, (_, text) in zip(labels, strips, strict=True):
        row[: len(text)] = text
    ends = np.cumsum([strip.shape[1] for strip, _ in strips], dtype=np.int64)
    return Lines(name, np.concatenate(pixels, axis=1), ends, labels)


def join(name: str, parts: Sequence[Lines]) -> Lines:
    """All of ``parts`` (at least one), one after the other."""
    starts = np.cumsum([0] + [part.pixels.shape[1] for part in parts])
    return Lines(
        name,
        np.concatenate([part.pixels for part in parts], axis=1),
        np.concatenate([part.ends + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.labels for part in parts]),
    )


def save(path: Path, lines: Lines) -> None:
    """Write ``lines`` to an .npz file that is there whole or not at all."""
    with atomic_path(path, make_folder=True) as part, part.open("wb") as file:
        np.savez_compressed(file, pixels=lines.pixels, ends=lines.ends, labels=lines.labels)


def load(path: Path) -> Lines:
    """Lines from ``save``'s file. Raises DataError if it is damaged."""
    try:
        with np.load(path) as file:
            return Lines(path.stem, file["pixels"], file["ends"], file["labels"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: damaged, delete it to make it anew: {error}") from error
