"""What a line reader says of digits side by side: where they part, whether they are digits, and which."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Judged, Transcription
from edge_digits.lines.ctc import Symbol
from edge_digits.lines.line_reader import LineReader
from edge_digits.lines.seams import seams
from edge_digits.lines.strips import hypothesis_ink, put_together
from edge_digits.model_input import normalize
from edge_digits.proposals.hypotheses import Hypotheses
from edge_digits.selection.candidates import Candidates
from edge_digits.types import Image, as_image

_LEAST = 1e-4


def transcribe(reader: LineReader, hypotheses: Hypotheses, host: int, strength: float) -> Transcription:
    """What ``reader`` reads in the hypothesis ``host``, whose contrast is ``strength``; see
    ``edge_digits.judge.cascade.Transcribe``."""
    ink, left, _ = hypothesis_ink(hypotheses, host, strength)
    symbols = reader.read(ink)
    cuts = [left + column for column in seams(ink, symbols)]
    digits = len(symbols) > 1 and all(symbol.is_digit for symbol in symbols)
    return Transcription(cuts, [symbol.confidence for symbol in symbols] if digits else [])


def read_group(
    candidates: Candidates,
    judged: Sequence[Judged],
    scales: Sequence[float],
    group: Sequence[int],
    skew: float,
    reader: LineReader,
) -> tuple[Image, tuple[Symbol, ...]]:
    """The strip (32, W) uint8 of candidates that stand in a row which falls by ``skew`` radians, from left to right,
    and what the line reader reads in it. judged, scales: as ``gather`` takes them."""
    strip, _ = normalize.line(_together(candidates, judged, scales, group, skew))
    return strip, tuple(reader.read_strip(strip))


def with_votes(
    digits: NDArray[np.floating], groups: Sequence[Sequence[int]], read: Sequence[Sequence[Symbol]]
) -> NDArray[np.floating]:
    """Chances (N, 10) of each digit, in which the line reader's opinion of each group is taken in.

    groups: indices of candidates from left to right. read: what the line reader read in each. Where it saw as many
    digits as stand there, the chances are the geometric mean of both; else it has seen something else, and has no vote.
    """
    digits = digits.copy()
    for group, symbols in zip(groups, read, strict=True):
        if len(symbols) != len(group) or any(symbol.value == REJECT for symbol in symbols):
            continue
        theirs = np.stack([_chances(symbol) for symbol in symbols])
        both = np.sqrt(digits[list(group)] * theirs)
        digits[list(group)] = both / both.sum(axis=1, keepdims=True)
    return digits


def touching(candidates: Candidates, judged: Sequence[Judged], chosen: NDArray[np.intp]) -> list[list[int]]:
    """Groups of the chosen pieces of one node, from left to right."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index in chosen[candidates.is_piece[chosen]].tolist():
        of_map = int(candidates.map[index])
        host = int(judged[of_map].hypotheses.host[candidates.place[index]])
        groups.setdefault((of_map, host), []).append(index)
    ordered = [sorted(group, key=lambda i: float(candidates.boxes[i, 0])) for group in groups.values()]
    return [group for group in ordered if len(group) > 1]


def _together(
    candidates: Candidates, judged: Sequence[Judged], scales: Sequence[float], group: Sequence[int], skew: float
) -> Image:
    """The ink (h, w) uint8 of a group, levelled, in pixels of the picture."""
    parts: list[tuple[Image, int, int]] = []
    start = float(candidates.boxes[group[0], 0])
    for index in group:
        of_map = int(candidates.map[index])
        hypotheses = judged[of_map].hypotheses
        ink, left, top = hypothesis_ink(hypotheses, int(candidates.place[index]), float(candidates.strength[index]))
        scale = scales[of_map]
        if scale != 1.0:
            ink = as_image(cv2.resize(ink, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_LINEAR))
        x, y = round(left / scale), top / scale
        parts.append((ink, x, round(y - (x - start) * np.tan(skew))))
    return put_together(parts)


def _chances(symbol: Symbol) -> NDArray[np.float32]:
    """(10,) chances of each digit; of the others nothing is known but their sum."""
    chances = np.full(REJECT, max((1.0 - symbol.confidence) / (REJECT - 1), _LEAST), np.float32)
    chances[symbol.value] = max(symbol.confidence, _LEAST)
    return chances / chances.sum()
