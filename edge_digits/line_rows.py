"""A row's ink read by a line model: the row levelled, what is written close together as one strip, digits cut out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from edge_digits.charset import REJECT
from edge_digits.ctc import Symbol
from edge_digits.decode import Span, opinions
from edge_digits.line_reader import LineReader
from edge_digits.plausibility import Candidate
from edge_digits.segment.pieces import Piece, components_of, lean, mean_contrast, parts_at
from edge_digits.segment.rows import Row
from edge_digits.types import Box, Image, union

WORD_GAP = 0.8
"""What stands further apart than so many row heights is read by itself."""


def read_row(index: int, row: Row, pieces: list[Piece], contrast: Image, reader: LineReader) -> list[Candidate]:
    """What the line model reads in a row, from left to right.

    index: of the row on its page. pieces: the row's, whole. contrast: (H, W) uint8 of the page.
    """
    candidates: list[Candidate] = []
    for word in _words(pieces, WORD_GAP * row.height):
        drops = _levelled(word, row.height)
        image, left = _together(word, drops)
        symbols = reader.read(image)
        if not symbols:
            symbols = [Symbol(REJECT, 1.0, image.shape[1] / 2)]
        bounds = [left + column for column in seams(image, symbols)]
        for symbol, start, stop in zip(symbols, [-1, *bounds], [*bounds, 1 << 30], strict=True):
            own = [part for piece in word for part in parts_at(piece, start, stop)]
            if own:
                box = union([part.box for part in own])
                leaning = lean(own) if symbol.value == 1 else 0.0
                span = as_span(symbol)
                of = components_of(own)
                candidates.append(Candidate(index, span, box, mean_contrast(own, contrast), row.height, leaning, *of))
    return candidates


def seams(ink: Image, symbols: Sequence[Symbol]) -> list[int]:
    """The columns before which each symbol but the first begins: those with the least ink (h, w) between two."""
    amount = np.convolve(ink.sum(axis=0, dtype=np.float32), np.ones(3, np.float32) / 3, mode="same")
    found = []
    for before, after in pairwise(symbols):
        # A digit is nowhere as thin as at its ends, but a 0 is thin in its middle: look near the half.
        apart = after.position - before.position
        low = int(before.position + 0.25 * apart)
        high = max(low + 1, int(np.ceil(after.position - 0.25 * apart)))
        among = amount[low : high + 1]
        thinnest = np.flatnonzero(among <= among.min() + 1e-3) if len(among) else np.array([0])
        found.append(low + int(thinnest[len(thinnest) // 2]))
    return found


def as_span(symbol: Symbol) -> Span:
    """A symbol as one digit, or as ink that is none; of the other classes nothing is known but their sum."""
    chances = np.full(REJECT + 1, (1.0 - symbol.confidence) / REJECT, np.float32)
    chances[symbol.value] = symbol.confidence
    return Span(0, 1, opinions(chances[None])[0])


def _words(pieces: list[Piece], gap: float) -> list[list[Piece]]:
    """The pieces that stand close together, from left to right."""
    words: list[list[Piece]] = []
    right = -np.inf
    for piece in sorted(pieces, key=lambda p: p.box.x):
        if words and piece.box.x - right <= gap:
            words[-1].append(piece)
        else:
            words.append([piece])
        right = max(right, piece.box.right) if len(words[-1]) > 1 else piece.box.right
    return words


def _levelled(word: list[Piece], row_height: float) -> list[int]:
    """By how many rows each piece is moved up, so that a word that rises or falls is level."""
    tall = [piece.box for piece in word if piece.box.height > 0.6 * row_height]
    if len(tall) < 3:
        return [0] * len(word)
    x = np.array([box.x + box.width / 2 for box in tall])
    y = np.array([box.y + box.height / 2 for box in tall])
    slope = float(np.polyfit(x, y, 1)[0])
    return [round(slope * (piece.box.x + piece.box.width / 2 - x[0])) for piece in word]


def _together(word: list[Piece], drops: list[int]) -> tuple[Image, int]:
    """The pieces in one picture (h, w) uint8 ink, and the page's column at its left edge."""
    boxes = [Box(p.box.x, p.box.y - drop, p.box.width, p.box.height) for p, drop in zip(word, drops, strict=True)]
    whole = union(boxes)
    image = np.zeros((whole.height, whole.width), np.uint8)
    for piece, box in zip(word, boxes, strict=True):
        own = image[box.y - whole.y : box.bottom - whole.y, box.x - whole.x : box.right - whole.x]
        cv2.max(own, piece.pixels, dst=own)
    return image, whole.x
