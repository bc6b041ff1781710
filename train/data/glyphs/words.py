"""Whole words and printed lines as distance fields of any width, made once: letters keep the joins of their hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from train.data.glyphs.fields import FIELD_FINE, MARGIN, STEPS, Field, from_strokes, quantized

CAPITAL = 32
"""Height of a capital letter in a word's field, pixels; a digit beside it is as high."""
_LONGEST = 640
_ASCENDERS, _DESCENDERS = "bdfhklt", "gpqy"


@dataclass(frozen=True)
class Word:
    """One word. field: (H, W) distance field, a capital being CAPITAL high. half: of its stroke's width in the field's
    pixels, 0 where it is a path. middle: row of a digit's middle beside it. digits: (N, 4) boxes x0, y0, x1, y1 of the
    digits that are printed in it."""

    field: Field
    half: float
    middle: float
    digits: NDArray[np.float32]


def set_in_type(text: str, font: Path) -> Word | None:
    """``text`` in a font; None where it is too long, or the font lacks its letters."""
    face = _face(str(font))
    capital = face.getbbox("H")
    left, top, right, bottom = (int(v) for v in face.getbbox(text))
    if right - left < 4 or bottom - top < 4:
        return None
    scale = CAPITAL * FIELD_FINE / max(1.0, capital[3] - capital[1])
    if (right - left) * scale > _LONGEST * FIELD_FINE:
        return None
    page = Pillow.new("L", (right - left, bottom - top))
    ImageDraw.Draw(page).text((-left, -top), text, 255, font=face)
    size = (max(2, round((right - left) * scale)), max(2, round((bottom - top) * scale)))
    pixels = cv2.resize(np.asarray(page), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    edge = MARGIN * FIELD_FINE
    # To an even size, which halves without a remainder.
    mask = cv2.copyMakeBorder(pixels, edge, edge + size[1] % 2, edge, edge + size[0] % 2, cv2.BORDER_CONSTANT)
    inside = (mask > 127).view(np.uint8)
    out = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    half = max(1.0, 0.9 * float(np.percentile(deep[inside > 0], 90)) if inside.any() else 1.0)
    small = cv2.resize(out - deep + half, (mask.shape[1] // 2, mask.shape[0] // 2), interpolation=cv2.INTER_AREA)
    middle = ((capital[1] + capital[3]) / 2 - top) * scale / FIELD_FINE + MARGIN
    boxes = [
        (np.array(_printed(face, text, k)) - (left, top, left, top)) * scale / FIELD_FINE + MARGIN
        for k, letter in enumerate(text)
        if letter.isdigit()
    ]
    return Word(quantized(small / FIELD_FINE), half / FIELD_FINE, middle, np.array(boxes, np.float32).reshape(-1, 4))


def spelled(text: str, letters: dict[str, Sequence[NDArray[np.float32]]], random: np.random.Generator) -> Word | None:
    """``text`` from one drawer's letters, each pen movements (N, 2); None where one is missing."""
    strokes: list[NDArray[np.float32]] = []
    x, loose = 0.0, float(random.uniform(0.05, 0.25))
    for letter in text.lower():
        if letter not in letters:
            return None
        top = 0.0 if letter in _ASCENDERS else 0.15 if letter in "ij" else 0.42
        foot = 1.4 if letter in (*_DESCENDERS, "j") else 1.0
        drawn = np.concatenate(list(letters[letter]))
        low, span = drawn.min(axis=0), np.maximum(np.ptp(drawn, axis=0), 1.0)
        scale = (foot - top) / float(max(span[1], 0.4 * span[0]))
        shift = np.array([x, top + float(random.normal(0, 0.03))])
        strokes += [((stroke - low) * scale + shift).astype(np.float32) for stroke in letters[letter]]
        x += float(span[0]) * scale + loose
    points = np.concatenate(strokes)
    tall = float(np.ptp(points[:, 1]))
    field = from_strokes(strokes, max(8, round(CAPITAL * tall)), _LONGEST)
    middle = MARGIN + CAPITAL * (0.5 - float(points[:, 1].min()))
    return Word(field, 0.0, middle, np.zeros((0, 4), np.float32))


def side_by_side(fields: Sequence[Field]) -> Word:
    """Characters of any script in a row as a word; fields: each (SIDE, SIDE)."""
    shrunk = [
        cv2.resize(field, None, fx=CAPITAL / 48, fy=CAPITAL / 48, interpolation=cv2.INTER_AREA) for field in fields
    ]
    shrunk = [np.asarray(field * (CAPITAL / 48), np.uint8) for field in shrunk]
    rows = shrunk[0].shape[0]
    columns = [np.flatnonzero((field < STEPS).any(axis=0)) for field in shrunk]
    cut = [f[:, max(0, c[0] - 2) : c[-1] + 3] for f, c in zip(shrunk, columns, strict=True) if len(c)]
    edge = np.full((rows, MARGIN), 255, np.uint8)
    return Word(np.hstack([edge, *cut, edge]), 0.0, rows / 2, np.zeros((0, 4), np.float32))


def letters_by_drawer(
    drawings: Iterator[tuple[int, int, list[NDArray[np.float32]]]],
) -> list[dict[str, Sequence[NDArray[np.float32]]]]:
    """Omniglot's Latin letters, one table a drawer."""
    tables: dict[int, dict[str, Sequence[NDArray[np.float32]]]] = {}
    for drawer, letter, strokes in drawings:
        tables.setdefault(drawer, {})[chr(ord("a") + letter)] = strokes
    return [tables[drawer] for drawer in sorted(tables)]


_faces: dict[str, ImageFont.FreeTypeFont] = {}


def _face(path: str) -> ImageFont.FreeTypeFont:
    if path not in _faces:
        _faces[path] = ImageFont.truetype(path, 96)
    return _faces[path]


def _printed(face: ImageFont.FreeTypeFont, text: str, index: int) -> tuple[float, float, float, float]:
    """The box of one letter of a printed line."""
    before = face.getlength(text[:index])
    left, top, right, bottom = face.getbbox(text[index])
    return before + left, top, before + right, bottom
