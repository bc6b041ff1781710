"""Rows of handwriting before they are drawn: what stands where, in digit heights, so that a page can choose
its size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge_digits.synthesis.strokes import Hand, Strokes, digit_strokes, extent, other_strokes

OTHER = "?"
"""Stands in a row's text for something that is no digit."""

LINE_HEIGHT = 1.5
"""What a row takes at most from the top of its digits down, in digit heights: they differ in size and
place."""


@dataclass(frozen=True, eq=False)
class Item:
    """One character of a row. x, y: its left top corner; scale: its height; all in digit heights."""

    character: str
    strokes: Strokes
    x: float
    y: float
    scale: float


@dataclass(frozen=True, eq=False)
class Row:
    """A written row: x begins at 0, y 0 is the top of its digits. text: what its items say, with a space for
    each gap between groups. width: in digit heights. cells: left edges of its cells, empty where it has
    none."""

    items: tuple[Item, ...]
    text: str
    width: float
    cells: tuple[float, ...]


def lay_row(
    rng: np.random.Generator, hand: Hand, text: str, *, cell: float | None = None, most: float = math.inf
) -> Row:
    """Set a row of digits, spaces and ``?``.

    cell: width of a cell around each character (None: no cells). most: width at which the row is broken off,
    in digit heights. The gap that a space leaves is at least 2.5 times the others.
    """
    gap = float(rng.uniform(0.15, 0.45))
    word_gap = max(float(rng.uniform(1.2, 2.2)), 3.5 * gap)
    slope = float(np.clip(rng.normal(0, 0.006), -0.15 / max(1, len(text)), 0.15 / max(1, len(text))))
    items: list[Item] = []
    cells: list[float] = []
    written, x, end = "", 0.0, 0.0
    for character in text:
        if character == " ":
            x += word_gap - (gap if cell is None else 0.0)
            written += " " if items else ""
            continue
        strokes = _strokes(rng, hand, character)
        scale = 1.0 + 0.05 * float(np.clip(rng.normal(), -2, 2))
        width = float(extent(strokes)[1][0]) * scale
        if cell is not None:  # narrow cells make people write narrow
            scale = min(scale, 0.85 * cell / width * scale)
            width = min(width, 0.85 * cell)
        if x + max(width, cell or 0.0) > most:
            break
        y = 0.035 * float(np.clip(rng.normal(), -2, 2))
        if cell is not None:
            items.append(Item(character, strokes, x + (cell - width) / 2, y + (1 - scale) / 2, scale))
            cells.append(x)
            x += cell
            end = x
        else:
            items.append(Item(character, strokes, x, y + slope * x, scale))
            end = x + width
            # A 1 gets a little more air than its width would give it, as most hands do.
            x = max(end + 0.06, x + max(width, 0.25) + gap + float(rng.normal(0, 0.05)))
        written += character
    return Row(tuple(items), written.strip(), end, tuple(cells))


def random_texts(rng: np.random.Generator, rows: int, longest: int, most: int, others: bool) -> list[str]:
    """Texts for ``rows`` rows: groups of digits, now and then a sign between them, an empty row, or a word.

    longest: characters in a row. most: characters on the page, about. others: whether to write what is no
    digit.
    """
    texts: list[str] = []
    for _ in range(rows):
        kind = rng.random()
        if most <= 0 or kind < 0.08:
            texts.append("")
        elif others and kind < 0.16:
            texts.append(OTHER * int(rng.integers(1, 9)))
        else:
            texts.append(_random_text(rng, max(1, min(longest, most)), others))
        most -= len(texts[-1])
    return texts


def _random_text(rng: np.random.Generator, most: int, others: bool) -> str:
    groups: list[str] = []
    left = int(rng.integers(1, most + 1))
    while left > 0:
        length = min(left, int(rng.integers(1, 9)))
        digits = "".join(map(str, rng.integers(0, 10, length).tolist()))
        if others and length > 1 and rng.random() < 0.15:
            at = int(rng.integers(1, length))
            digits = digits[:at] + OTHER + digits[at + 1 :]
        groups.append(digits)
        left -= length + 2
    return " ".join(groups)


def _strokes(rng: np.random.Generator, hand: Hand, character: str) -> Strokes:
    if character != OTHER:
        return digit_strokes(rng, int(character), hand)
    while True:  # what fits into a row; most do
        strokes = other_strokes(rng, hand)
        low, high = extent(strokes)
        if high[0] <= 1.1 and low[1] > -0.2 and high[1] < 1.2:
            return strokes
