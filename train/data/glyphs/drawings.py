"""Strokes of people who drew no digits: Omniglot's alphabets, Quick Draw's doodles, KanjiVG's characters.

What can look like a digit by itself is left out (``material/README.md``): classes flagged as such, and whatever has
few strokes. Latin letters keep who drew them, so that a word is of one hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.data.glyphs.fields import Field, from_strokes

_FOLDER = Path("material") / "strokes"
_FEWEST = {"omniglot": 4, "kanji": 5, "quickdraw": 3}
"""With fewer strokes a drawing could be a digit."""
_VALIDATION_STEP = 10


def read_drawings(folder: Path, part: str, count: int, random: np.random.Generator) -> Iterator[Field]:
    """Up to ``count`` of each set that the data folder holds, none of which looks like a digit. part: "train", or
    "validation" for every tenth."""
    for name, file in (
        ("omniglot", "omniglot_all_strokes_unlabelled.npz"),
        ("kanji", "kanji_strokes.npz"),
        ("quickdraw", "quickdraw_strokes.npz"),
    ):
        if not (folder / _FOLDER / file).is_file():
            continue
        table = _read(folder / _FOLDER / file)
        fine = table["n_strokes"] >= _FEWEST[name]
        if name == "quickdraw":
            fine &= ~table["digit_like_class"][table["label"]]
        rows = np.flatnonzero(fine)
        rows = rows[(rows % _VALIDATION_STEP == 0) == (part != "train")]
        for index in random.permutation(rows)[:count]:
            yield from_strokes(_drawing(table, int(index)))


def read_latin(folder: Path) -> Iterator[tuple[int, int, list[NDArray[np.float32]]]]:
    """Omniglot's Latin letters as (drawer, letter 0..25, strokes), nothing where the folder has none."""
    path = folder / _FOLDER / "omniglot_small_strokes.npz"
    if not path.is_file():
        return
    table = _read(path)
    latin = int(np.flatnonzero(table["alphabet_names"] == "Latin")[0])
    for index in np.flatnonzero(table["alphabet"] == latin):
        yield int(table["drawer"][index]), int(table["character"][index]) - 1, _drawing(table, int(index))


def _read(path: Path) -> dict[str, NDArray]:
    # A plain dict: an NpzFile reads an array anew at every access.
    with np.load(path) as file:
        table = {name: file[name] for name in file.files}
    table["stroke_start"] = np.concatenate([[0], np.cumsum(table["stroke_len"], dtype=np.int64)])
    table["drawing_start"] = np.concatenate([[0], np.cumsum(table["n_strokes"], dtype=np.int64)])
    return table


def _drawing(table: dict[str, NDArray], index: int) -> list[NDArray[np.float32]]:
    starts = table["stroke_start"]
    strokes = range(int(table["drawing_start"][index]), int(table["drawing_start"][index + 1]))
    return [table["xy"][starts[k] : starts[k + 1]].astype(np.float32) for k in strokes]
