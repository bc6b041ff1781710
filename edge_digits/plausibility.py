"""What of a page's candidates is read, and what is rejected and why.

The classifier sees one crop, scaled to one size: to it, a streak of shadow is a 1 and a comma too. What it cannot see
is how strong and how tall the ink is beside the page's sure digits; that is judged here.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_digits.decode import Span
from edge_digits.types import Box

SURE = 0.9
"""Confidence from which a digit tells what this page's digits are like."""


@dataclass(frozen=True)
class Limits:
    """What a digit must be like beside the page's sure digits.

    contrast: least share of their contrast; height: least and most share of their height; one_contrast, one_height: the
    same for what is read as 1, the shape that rules, brackets, page edges and specks take. slash: least degrees that a
    straight 1 leans which is none, and least share of their height. confidence: least calibrated probability. together,
    alone: least confidence of every digit of ink that touches and that a line model reads as several: of both models
    together, and of the line model where the digits' model takes a part for something else.
    in_word: what is a digit with less confidence counts as a letter in a word that has one, and in a neighbourhood
    that has ``letters_of_text``: one or two may be blots beside a poor hand.
    word_gap: ink closer than this share of its row's height stands in one word. neighbourhood: how far it goes around a
    digit, across and down, in heights of a digit. A word or neighbourhood with more letters than digits is text, and
    the o in it is not a 0; but a table is read beside its headings, and a sheet on a rough wall. texture: least
    candidates fainter than ``one_contrast`` that may be texture. rests, of_rests: least ones that may be what is left
    of squares, and their least share of the digits.
    """

    confidence: float = 0.5
    contrast: float = 0.3
    height: tuple[float, float] = (0.4, 3.0)
    one_contrast: float = 0.45
    one_height: tuple[float, float] = (0.5, 1.6)
    slash: tuple[float, float] = (15.0, 1.15)
    in_word: float = 0.8
    word_gap: float = 0.4
    neighbourhood: tuple[float, float] = (6.0, 3.5)
    letters_of_text: int = 3
    texture: int = 10
    rests: int = 20
    of_rests: float = 0.8
    together: float = 0.9
    alone: float = 0.95


LIMITS = Limits()
"""Those that the reader has if nothing else is said."""


@dataclass(frozen=True)
class Candidate:
    """Ink of a row that was scored. row: which row of the page. contrast: mean over its ink, 0..255.

    row_height: typical height of the row's components, pixels. lean: degrees to the right of upright of what is read as
    1, if it is one straight stroke; else 0. components: those that its ink is of, by index, the one with the most ink
    first. body: box of what is of the first; None is ``box``. alone: whether that is the same digit without the others.
    """

    row: int
    span: Span
    box: Box
    contrast: float
    row_height: float
    lean: float = 0.0
    components: tuple[int, ...] = ()
    body: Box | None = None
    alone: bool = True


def judge(
    candidates: list[Candidate], limits: Limits, least_heights: tuple[float, float] = (0.0, 0.0)
) -> list[str | None]:
    """For each candidate None if it is read, else the reason: too-small, not-a-digit or low-confidence.

    least_heights: of most of a page's digits, and of ones on a page with nothing but ones, in pixels; specks look like
    digits, and like ones most of all.
    """
    reasons = [_reason_alone(candidate, limits) for candidate in candidates]
    sure = _sure(candidates, reasons)
    if not sure:
        return reasons
    contrast, page_height = _like(sure)
    row_heights = {
        row: statistics.median([c.box.height for c in sure if c.row == row]) for row in {c.row for c in sure}
    }
    reasons = [
        reason or _reason_beside(candidate, contrast, row_heights.get(candidate.row, page_height), limits)
        for candidate, reason in zip(candidates, reasons, strict=True)
    ]
    letters = [
        c.contrast >= limits.one_contrast * contrast
        and reason == "not-a-digit"
        and _has_letter_shape(c.box, page_height)
        and not _is_slash(c, page_height, limits)
        for c, reason in zip(candidates, reasons, strict=True)
    ]
    reasons = _without_text(candidates, reasons, letters, limits)
    left = [c for c, reason in zip(candidates, reasons, strict=True) if reason is None]
    only_ones = not any(c.span.value != 1 and c.span.confidence >= SURE for c in left)
    if left and statistics.median([c.box.height for c in left]) < least_heights[only_ones]:
        return [reason or "too-small" for reason in reasons]
    return reasons


def contrast_of_texture(candidates: list[Candidate], limits: Limits) -> float | None:
    """The contrast, 0..255, below which what is dark on this page is texture: of a rough desk, grain, what shines
    through. None unless most of the candidates are like that, beside the page's sure digits, and hardly a digit among
    them.
    """
    if len(candidates) < limits.texture:
        return None
    sure = _sure(candidates, [_reason_alone(candidate, limits) for candidate in candidates])
    if not sure:
        return None
    # What stands out most: of so much texture some looks like digits.
    most = limits.one_contrast * _weighted_median([c.contrast for c in sure], [c.contrast * c.box.height for c in sure])
    fainter = sum(c.contrast < most for c in candidates)
    digits = sum(c.contrast < most for c in sure)
    is_texture = fainter >= limits.texture and 2 * fainter > len(candidates) and 4 * digits < fainter
    return most if is_texture else None


def rests_of_lines(candidates: list[Candidate], limits: Limits, heights: Sequence[int]) -> list[Candidate]:
    """The candidates that are read as 1 and are what is left of a page's squares where its lines cross: very many,
    hardly another digit among them, on a page where something larger is written. [] if they are not.

    heights: of the page's components that could be digits, pixels.
    """
    digits = [c for c in candidates if _reason_alone(c, limits) is None]
    ones = [c for c in digits if c.span.value == 1]
    if len(ones) < limits.rests or len(ones) < limits.of_rests * len(digits):
        return []
    least = statistics.median([c.box.height for c in ones]) / limits.one_height[0]
    return ones if any(height > least for height in heights) else []


def _sure(candidates: list[Candidate], reasons: list[str | None]) -> list[Candidate]:
    """The candidates that tell what this page's digits are like."""
    digits = [c for c, reason in zip(candidates, reasons, strict=True) if reason is None]
    sure = [c for c in digits if c.span.confidence >= SURE]
    return [c for c in sure if c.span.value != 1] or sure or digits


def _like(sure: list[Candidate]) -> tuple[float, float]:
    """Their contrast and their height. Grain of the paper may look like more digits than there are, but small ones."""
    heights = [c.box.height for c in sure]
    return _weighted_median([c.contrast for c in sure], heights), _weighted_median(heights, heights)


def _weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """The value up to which half of all the weight lies."""
    ranked = sorted(zip(values, weights, strict=True))
    reached = itertools.accumulate(weight for _, weight in ranked)
    return next(value for (value, _), so_far in zip(ranked, reached, strict=True) if so_far >= sum(weights) / 2)


def _without_text(
    candidates: list[Candidate], reasons: list[str | None], letter: list[bool], limits: Limits
) -> list[str | None]:
    """The reasons, with what stands among more letters than digits rejected: in a word, and in a neighbourhood.

    letter: which candidates are rejected ink of a letter's shape.
    """
    out = list(reasons)
    for group in _words(candidates, reasons, limits):
        digits = [i for i in group if reasons[i] is None]
        # Beside a letter, what may be a digit may be a letter.
        sure = sum(candidates[i].span.confidence >= limits.in_word for i in digits)
        if sum(letter[i] for i in group) > max(0, 2 * sure - len(digits)):
            for index in group:
                out[index] = out[index] or "not-a-digit"
    left = np.array([reason is None for reason in out])
    if left.any() and any(letter):
        height = statistics.median([c.box.height for c, is_left in zip(candidates, left, strict=True) if is_left])
        boxes = [c.box for c in candidates]
        middles = np.array([(box.x + box.width / 2, box.y + box.height / 2) for box in boxes]) / height
        sure = left & np.array([c.span.confidence >= limits.in_word for c in candidates])
        of_letters, of_doubtful, of_sure = (
            _near(middles[left], middles[others], limits.neighbourhood)
            for others in (np.array(letter), left & ~sure, sure)
        )
        # As in a word, what may be a digit may be a letter.
        is_text = np.where(
            of_letters >= limits.letters_of_text,
            of_letters + of_doubtful > of_sure,
            of_letters > of_doubtful + of_sure,
        )
        for index in np.flatnonzero(left)[is_text].tolist():
            out[index] = "not-a-digit"
    return out


def _near(places: NDArray[np.float64], others: NDArray[np.float64], reach: tuple[float, float]) -> NDArray[np.intp]:
    """How many of ``others`` (M, 2) are no further from each of ``places`` (N, 2) than ``reach``, across and down."""
    return (np.abs(places[:, None] - others) < reach).all(axis=2).sum(axis=1)


def _reason_alone(candidate: Candidate, limits: Limits) -> str | None:
    if candidate.box.height < limits.height[0] * candidate.row_height:
        return "too-small"
    if not candidate.span.is_digit:
        return "not-a-digit"
    if candidate.span.confidence < limits.confidence:
        return "low-confidence"
    return None


def _reason_beside(candidate: Candidate, contrast: float, height: float, limits: Limits) -> str | None:
    """The reason that only shows beside the page's sure digits. contrast, height: theirs."""
    is_one = candidate.span.value == 1
    least, most = limits.one_height if is_one else limits.height
    if candidate.box.height < least * height:
        return "too-small"
    least_contrast = limits.one_contrast if is_one else limits.contrast
    if candidate.box.height > most * height or candidate.contrast < least_contrast * contrast:
        return "not-a-digit"
    return "not-a-digit" if _is_slash(candidate, height, limits) else None


def _is_slash(candidate: Candidate, height: float, limits: Limits) -> bool:
    """Whether what is read as 1 is the slash of a date or a fraction beside digits of ``height``."""
    return candidate.lean >= limits.slash[0] and candidate.box.height >= limits.slash[1] * height


def _words(candidates: list[Candidate], reasons: list[str | None], limits: Limits) -> list[list[int]]:
    """Indices of candidates that stand close together in one row, left to right; specks do not count."""
    words: list[list[int]] = []
    for index, candidate in enumerate(candidates):
        if reasons[index] == "too-small":
            continue
        if words:
            before = candidates[words[-1][-1]]
            gap = candidate.box.x - before.box.right
            if before.row == candidate.row and gap < limits.word_gap * candidate.row_height:
                words[-1].append(index)
                continue
        words.append([index])
    return words


def _has_letter_shape(box: Box, height: float) -> bool:
    """Whether ink is as wide and tall as a letter or a word beside digits of ``height``; brackets and slashes stand
    beside digits too, and what is left of a table's lines is larger."""
    return box.width >= 0.4 * box.height and 0.5 * height <= box.height <= 1.8 * height
