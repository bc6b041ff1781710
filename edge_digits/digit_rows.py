"""A row's ink read digit by digit: its pieces, the runs of them that could be one digit, the chain that explains them.

What may be several digits is cut where that severs little ink; where there is a line model, it says where and what they
are, and the digits' own model checks every part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge_digits import normalize
from edge_digits.charset import REJECT
from edge_digits.decode import CUT_COST, Opinion, Span, best_path, opinions
from edge_digits.line_reader import LineReader
from edge_digits.line_rows import seams
from edge_digits.plausibility import LIMITS, Candidate, Limits
from edge_digits.segment.pieces import (
    Piece,
    Run,
    components_of,
    in_parts,
    lean,
    mean_contrast,
    parts_at,
    possible_runs,
    run_pixels,
)
from edge_digits.segment.rows import Row
from edge_digits.types import Box, Image, union

SURE_WHOLE = 0.8
"""A wide component that is a digit with less confidence may be several."""

SURE_PART = 0.96
"""Least confidence of every part of a component that was cut."""

Classify = Callable[[list[Box], NDArray[np.uint8]], NDArray[np.float32]]
"""Where on the page each input stands, and the inputs (N, 28, 28) uint8 -> calibrated probabilities (N, classes)."""

_NO_DIGIT = opinions(np.eye(REJECT + 1, dtype=np.float32)[REJECT:])[0]

_Key = tuple[tuple[int, int, int], ...]
"""What a run is made of: component, left edge and width of each of its pieces; parts of one component are one."""


def read_row(
    index: int,
    row: Row,
    pieces: list[Piece],
    contrast: Image,
    classify: Classify,
    lines: LineReader | None = None,
    limits: Limits = LIMITS,
) -> list[Candidate]:
    """The best explanation of one row's ink, from left to right.

    A component is cut only where the classifier doubts it whole, and stays cut only if all its parts are digits: a word
    in longhand has an o and an l in it too. index: of the row on its page. pieces: the row's, whole. contrast: (H, W)
    uint8 of the page. lines: reads what may be several digits; None cuts it only where little ink is severed. limits:
    of the page's digits; the model is not asked about ink that is too low for them, whatever it looks like.
    """
    asked = _Asked(row.height, limits.height[0] * row.height, classify)
    path, spans = asked.best_path(pieces)
    doubted = [
        pieces[span.first]
        for span in spans
        if span.last == span.first + 1
        and (not span.is_digit or span.confidence < SURE_WHOLE)
        and pieces[span.first].box.width > 0.5 * row.height
        and pieces[span.first].box.height >= asked.least_height
    ]
    if lines is not None and doubted:
        joined = [found for piece in doubted if (found := _read_together(piece, lines, asked, limits))]
        known = {own[0].component: own for own in joined}
        if known:
            pieces = _replaced(pieces, known)
            path, _ = asked.best_path(pieces)
            doubted = [piece for piece in doubted if piece.component not in known]
    parts = {piece.component: in_parts(piece, row.height) for piece in doubted}
    cut = {component for component, own in parts.items() if len(own) > 1}
    while cut:
        mixed = _replaced(pieces, {component: parts[component] for component in cut})
        cut_path, _ = asked.best_path(mixed)
        torn = {
            piece.component
            for span in cut_path
            if not span.is_digit or span.confidence < SURE_PART
            for piece in mixed[span.first : span.last]
        }
        if not cut & torn:
            pieces, path = mixed, cut_path
            break
        cut -= torn
    return [_candidate(index, span, pieces[span.first : span.last], row, contrast, asked) for span in path]


class _Asked:
    """What the model said of one row's runs: cutting one component leaves the others as they were."""

    def __init__(self, row_height: float, least_height: float, classify: Classify) -> None:
        self._row_height, self._classify = row_height, classify
        self.least_height = least_height
        self._seen: dict[_Key, Opinion] = {}
        self._settled: set[_Key] = set()

    def best_path(self, pieces: list[Piece]) -> tuple[list[Span], list[Span]]:
        """The chain of spans that explains the pieces best, and all the spans."""
        amounts = sorted(piece.ink for piece in pieces)
        # Specks are many, so a digit's ink is what the larger half of the pieces have.
        typical = max(amounts[3 * len(amounts) // 4], 1.0)
        weights = [piece.ink / typical for piece in pieces]
        spans = self._spans(pieces, self._worth_asking(pieces, weights, possible_runs(pieces, self._row_height)))
        return best_path(len(pieces), spans, weights), spans

    def alone(self, pieces: list[Piece]) -> NDArray[np.float32]:
        """Probabilities (len(pieces), classes) of each piece by itself."""
        pixels = np.stack([normalize.digit(piece.pixels) for piece in pieces])
        return self._classify([piece.box for piece in pieces], pixels)

    def is_same_alone(self, span: Span, pieces: list[Piece]) -> bool:
        """Whether the piece with the most ink is the span's digit by itself, as surely as digits are read."""
        opinion = self._seen.get((_key(max(pieces, key=lambda piece: piece.ink)),))
        return opinion is not None and opinion.value == span.value and opinion.confidence >= SURE_WHOLE

    def settle(self, piece: Piece, chances: NDArray[np.float32]) -> None:
        """From now on the piece is read as one digit by itself, with these probabilities (classes,)."""
        self._seen[(_key(piece),)] = opinions(chances[None])[0]
        self._settled.add((_key(piece),))

    def _worth_asking(self, pieces: list[Piece], weights: list[float], runs: list[Run]) -> list[Run]:
        """The runs without those that cannot be in the best chain, because the cuts beside them cost more than their
        component does whole (a bound as in branch and bound, Land & Doig 1960)."""
        begins = [index for index in range(len(pieces)) if not _is_cut(pieces, index)]
        if len(begins) == len(pieces):
            return runs
        most = [math.inf] * len(pieces)
        for first, last in pairwise([*begins, len(pieces)]):
            whole = self._seen.get((_key(pieces[first], pieces[last - 1]),))
            if whole is not None and last > first + 1 and (_key(pieces[first]),) not in self._settled:
                # Rounding takes less than a millionth.
                most[first:last] = [whole.cost * sum(weights[first:last]) + 1e-6] * (last - first)
        return [
            run
            for run in runs
            if CUT_COST * (_is_cut(pieces, run.first) + _is_cut(pieces, run.last)) <= most[run.first]
        ]

    def _spans(self, pieces: list[Piece], runs: list[Run]) -> list[Span]:
        settled = [(_key(piece),) in self._settled for piece in pieces]
        if any(settled):
            runs = [run for run in runs if run.last == run.first + 1 or not any(settled[run.first : run.last])]
        keys = [_run_key(pieces[run.first : run.last]) for run in runs]
        for key, run in zip(keys, runs, strict=True):
            if run.box.height < self.least_height:
                self._seen.setdefault(key, _NO_DIGIT)
        new = {key: run for key, run in zip(keys, runs, strict=True) if key not in self._seen}
        if new:
            pixels = np.stack([normalize.digit(run_pixels(pieces, run)) for run in new.values()])
            chances = self._classify([run.box for run in new.values()], pixels)
            self._seen.update(zip(new, opinions(chances), strict=True))
        return [
            Span(run.first, run.last, self._seen[key], not settled[run.first] and _is_cut(pieces, run.first))
            for key, run in zip(keys, runs, strict=True)
        ]


def _read_together(piece: Piece, lines: LineReader, asked: _Asked, limits: Limits) -> list[Piece]:
    """The digits of a component that holds several: as the line model reads them, the digits' model being asked about
    every part.

    Where both say the same, their opinions are multiplied (Hinton 1999), so that agreement is surer than either. Where
    they differ the line model counts by itself, for it has seen what was cut apart; but it must then be surer. Returns
    [] if there are not several digits, or if one is not sure.
    """
    symbols = lines.read(piece.pixels)
    if len(symbols) < 2 or not all(symbol.is_digit for symbol in symbols):
        return []
    bounds = [piece.box.x + column for column in seams(piece.pixels, symbols)]
    starts, stops = [piece.box.x, *bounds], [*bounds, piece.box.right]
    parts = [part for start, stop in zip(starts, stops, strict=True) for part in parts_at(piece, start, stop)]
    if len(parts) != len(symbols):
        return []
    # An observer may keep what the model said.
    both = asked.alone(parts).copy()
    for chances, symbol in zip(both, symbols, strict=True):
        theirs = np.full(REJECT + 1, (1.0 - symbol.confidence) / REJECT, np.float32)
        theirs[symbol.value] = symbol.confidence
        agreed = chances[:REJECT].argmax() == symbol.value
        chances[:] = chances * theirs if agreed else theirs
        chances /= chances.sum()
        if chances[symbol.value] < (limits.together if agreed else limits.alone):
            return []
    for part, chances in zip(parts, both, strict=True):
        asked.settle(part, chances)
    return parts


def _replaced(pieces: list[Piece], parts: dict[int, list[Piece]]) -> list[Piece]:
    """The pieces with those of some components in parts."""
    return [part for piece in pieces for part in parts.get(piece.component, [piece])]


def _key(piece: Piece, last: Piece | None = None) -> tuple[int, int, int]:
    """Of a piece, or of all parts of a component from it to ``last``, as of the component when it was one piece."""
    return piece.component, piece.box.x, (last or piece).box.right - piece.box.x


def _run_key(pieces: list[Piece]) -> _Key:
    if pieces[0].component == pieces[-1].component:
        return (_key(pieces[0], pieces[-1]),)
    return tuple([_key(piece) for piece in pieces])


def _is_cut(pieces: list[Piece], index: int) -> bool:
    """Whether the pieces before and at ``index`` are parts of one component."""
    return 0 < index < len(pieces) and pieces[index - 1].component == pieces[index].component


def _candidate(index: int, span: Span, pieces: list[Piece], row: Row, contrast: Image, asked: _Asked) -> Candidate:
    box = union([piece.box for piece in pieces])
    leaning = lean(pieces) if span.value == 1 else 0.0
    own, body = components_of(pieces)
    alone = len(own) == 1 or asked.is_same_alone(span, pieces)
    return Candidate(index, span, box, mean_contrast(pieces, contrast), row.height, leaning, own, body, alone)
