"""Everything that can stand on a page, in a few large arrays that processes share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.data.glyphs.fields import Field, extent
from train.data.glyphs.words import Word

Group = tuple[int, int]
"""First of a run of rows, and how many."""


@dataclass(frozen=True)
class Glyphs:
    """Glyphs as columns. fields: (N, SIDE, SIDE) uint8; halves: (N,) float32 half of the stroke's own width in the
    field's pixels, 0 where any pen may draw it; units: (N,) float32 digit heights per pixel of the field; centres:
    (N,) float32 y of the glyph's middle, 0 a digit's top and 1 its foot; sizes: (N, 2) float32 width and height of the
    pen's path in the field's pixels. groups: the rows of each kind: "FAMILY/DIGIT", "signs/NAME", "drawings",
    "others"."""

    fields: NDArray[np.uint8]
    halves: NDArray[np.float32]
    units: NDArray[np.float32]
    centres: NDArray[np.float32]
    sizes: NDArray[np.float32]
    groups: dict[str, Group]

    def families(self) -> list[str]:
        """The kinds of digits there are."""
        return sorted({name.partition("/")[0] for name in self.groups if name[-2:-1] == "/" and name[-1].isdigit()})


@dataclass(frozen=True)
class Words:
    """Words as columns. pixels: all their fields, flat; starts: (N + 1,) where each begins; shapes: (N, 2) rows and
    columns; halves, middles: see ``Word``; digits: (M, 5) float32 word, x0, y0, x1, y1. groups: the rows of each kind:
    "pen", "letters", "script", "printed"."""

    pixels: NDArray[np.uint8]
    starts: NDArray[np.int64]
    shapes: NDArray[np.int64]
    halves: NDArray[np.float32]
    middles: NDArray[np.float32]
    digits: NDArray[np.float32]
    groups: dict[str, Group]

    def word(self, index: int) -> Word:
        """One of them."""
        field = self.pixels[self.starts[index] : self.starts[index + 1]].reshape(tuple(self.shapes[index]))
        boxes = self.digits[self.digits[:, 0] == index, 1:]
        return Word(field, float(self.halves[index]), float(self.middles[index]), boxes)


@dataclass(frozen=True)
class Pictures:
    """Photographs without digits. pixels: grey, flat; starts: (N + 1,); shapes: (N, 2) rows and columns. groups: the
    rows of each kind: "paper", "scene"."""

    pixels: NDArray[np.uint8]
    starts: NDArray[np.int64]
    shapes: NDArray[np.int64]
    groups: dict[str, Group]

    def picture(self, index: int) -> NDArray[np.uint8]:
        """One of them, (H, W) uint8."""
        return self.pixels[self.starts[index] : self.starts[index + 1]].reshape(tuple(self.shapes[index]))


@dataclass(frozen=True)
class Pool:
    """What pages are made of."""

    glyphs: Glyphs
    words: Words
    pictures: Pictures


@dataclass(frozen=True)
class Entry:
    """One glyph on its way into ``Glyphs``. unit: digit heights per pixel, None where it is as high as a digit."""

    group: str
    field: Field
    half: float = 0.0
    unit: float | None = None
    centre: float = 0.5


def to_glyphs(entries: Iterable[Entry]) -> Glyphs:
    """Glyphs in columns; those of a group need not follow one another, and keep their order."""
    ordered = sorted(entries, key=lambda entry: entry.group)
    sizes = np.array([extent(entry.field) for entry in ordered], np.float32).reshape(-1, 2)
    units = [1 / size[1] if e.unit is None else e.unit for e, size in zip(ordered, sizes, strict=True)]
    return Glyphs(
        np.stack([entry.field for entry in ordered]),
        np.array([entry.half for entry in ordered], np.float32),
        np.array(units, np.float32),
        np.array([entry.centre for entry in ordered], np.float32),
        sizes,
        _runs([entry.group for entry in ordered]),
    )


def to_words(named: Iterable[tuple[str, Word]]) -> Words:
    """Words in columns, from (group, word)."""
    ordered = sorted(named, key=lambda one: one[0])
    words = [word for _, word in ordered]
    pixels, starts, shapes = _flat([word.field for word in words])
    digits = [(k, *box) for k, word in enumerate(words) for box in word.digits.tolist()]
    return Words(
        pixels,
        starts,
        shapes,
        np.array([word.half for word in words], np.float32),
        np.array([word.middle for word in words], np.float32),
        np.array(digits, np.float32).reshape(-1, 5),
        _runs([group for group, _ in ordered]),
    )


def to_pictures(named: Iterable[tuple[str, NDArray[np.uint8]]]) -> Pictures:
    """Pictures in columns, from (group, grey picture)."""
    ordered = sorted(named, key=lambda one: one[0])
    return Pictures(*_flat([picture for _, picture in ordered]), _runs([group for group, _ in ordered]))


def save(pool: Pool, folder: Path) -> None:
    """Write the pool's arrays into a folder that exists."""
    groups = {}
    for part in ("glyphs", "words", "pictures"):
        columns = getattr(pool, part)
        groups[part] = columns.groups
        for column in fields(columns):
            if column.name != "groups":
                np.save(folder / f"{part}-{column.name}.npy", getattr(columns, column.name))
    (folder / "groups.json").write_text(json.dumps(groups), "utf-8")


def load(folder: Path) -> Pool:
    """Read what ``save`` wrote; the arrays are mapped into memory, so that processes share them."""
    groups = json.loads((folder / "groups.json").read_text("utf-8"))
    parts = []
    for part, kind in (("glyphs", Glyphs), ("words", Words), ("pictures", Pictures)):
        names = [column.name for column in fields(kind) if column.name != "groups"]
        arrays = {name: np.load(folder / f"{part}-{name}.npy", mmap_mode="r") for name in names}
        # Small columns are looked up all the time, and a mapped array is slow at that.
        arrays = {
            name: array if array.ndim == 3 or name == "pixels" else np.array(array) for name, array in arrays.items()
        }
        parts.append(kind(**arrays, groups={name: tuple(run) for name, run in groups[part].items()}))
    return Pool(*parts)


def _runs(names: list[str]) -> dict[str, Group]:
    """The run of rows of each name, in a list in which equal names follow one another."""
    runs: dict[str, Group] = {}
    for row, name in enumerate(names):
        first, count = runs.get(name, (row, 0))
        runs[name] = (first, count + 1)
    return runs


def _flat(images: list[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    starts = np.concatenate([[0], np.cumsum([image.size for image in images], dtype=np.int64)]).astype(np.int64)
    pixels = np.concatenate([image.ravel() for image in images]) if images else np.zeros(0, np.uint8)
    return pixels, starts, np.array([image.shape for image in images], np.int64).reshape(-1, 2)
