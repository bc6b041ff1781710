"""Synthesized pictures with the box of every digit: tiles of 256×256, and whole pages."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image
from train.data.page import clutter, forms, numbers, ruling
from train.data.page.canvas import CUT_OFF, DONT_CARE, SMALLEST, TOO_SMALL, WRITING, Canvas, turned
from train.data.page.hand import Hand, random_hand
from train.data.page.sheet_edges import beyond_sheet, sheet_edges, written_region
from train.data.page.writing import Sheet, put_digit
from train.data.picture import surface
from train.data.picture.camera import take
from train.data.picture.look import Look, hard_to_see, noise_picture, picture, random_look
from train.data.pool import Pool

__all__ = ["CUT_OFF", "DONT_CARE", "TOO_SMALL", "WRITING", "Tile", "make_page", "make_tile", "page_turn"]

SIDE = 256

_HEIGHTS = ((9.0, 14.0), (14.0, 26.0), (26.0, 62.0), (62.0, 232.0))
_HEIGHT_SHARES = (0.12, 0.25, 0.36, 0.27)
"""Digits' heights in tiles, pixels, and how often each range is drawn from."""

Layout = Callable[[Sheet, float, Hand, np.random.Generator], None]

LAYOUTS: dict[str, tuple[Layout, float]] = {
    "rows": (numbers.rows, 0.28),
    "scattered": (numbers.scattered, 0.09),
    "alone": (numbers.alone, 0.07),
    "sums": (numbers.sums, 0.02),
    "equations": (numbers.equations, 0.15),
    "words": (numbers.beside_words, 0.11),
    "table": (forms.table, 0.13),
    "boxes": (forms.boxes, 0.13),
    "form": (forms.printed_form, 0.03),
}
"""Layouts with digits, and how often each is used."""
EMPTY: dict[str, float] = {
    "text": 0.26,
    "characters": 0.16,
    "drawings": 0.16,
    "blank": 0.17,
    "scene": 0.16,
    "noise": 0.09,
}
"""Pictures without digits, and how often each is made."""

_EMPTY_SHARE, _CROPS_SHARE, _REDUCED_SHARE = 0.18, 0.1, 0.05

_WHOLE_ALONE = 0.75
"""Share of a digit that is visible where a picture of it alone still asks for it: nothing else can be meant."""


@dataclass(frozen=True)
class Tile:
    """A picture and its digits.

    image: (H, W) uint8 grey. boxes: (N, 4) float32 x0, y0, x1, y1 of each digit's visible ink, pixels, and of words,
    signs and drawings. labels: (N,) int8: 0..9; WRITING for what is no digit, and for print; CUT_OFF where the edge of
    the picture cuts a digit off; DONT_CARE where one is covered, crossed out or hardly visible; TOO_SMALL under 8
    pixels. kind: the layout's name. turn: degrees by which the writing is turned counter-clockwise.
    """

    image: Image
    boxes: NDArray[np.float32]
    labels: NDArray[np.int8]
    kind: str
    turn: float = 0.0


def make_tile(pool: Pool, random: np.random.Generator) -> Tile:
    """A picture of SIDE × SIDE: a part of some page, a small picture of one digit enlarged, or nothing to read."""
    kind = random.random()
    if kind < _EMPTY_SHARE:
        return _empty(pool, random, SIDE, SIDE)
    if kind < _EMPTY_SHARE + _CROPS_SHARE:
        return _crops(pool, random)
    low, high = _HEIGHTS[int(random.choice(len(_HEIGHTS), p=_HEIGHT_SHARES))]
    height = math.exp(random.uniform(math.log(low), math.log(high)))
    spread = 2.0 if random.random() < 0.75 else 6.0
    degrees = float(np.clip(random.normal(0, spread), -15, 15))
    layout = _pick_layout(random, height)
    if random.random() < _REDUCED_SHARE:
        return _reduced(_written(pool, random, 2 * SIDE, 2 * SIDE, 2 * height, degrees, layout))
    return _written(pool, random, SIDE, SIDE, height, degrees, layout)


def make_page(pool: Pool, random: np.random.Generator, height: int, width: int) -> Tile:
    """A whole picture: a page, a sheet on a desk, one digit alone, or nothing to read; upright, turned by up to 30
    degrees, or by a quarter. height, width: pixels, 24 or more."""
    if random.random() < 0.1:
        return _empty(pool, random, height, width)
    short = min(height, width)
    kind = "alone" if short < 120 or random.random() < 0.08 else _pick_layout(random, 30.0)
    low, high = (0.3, 0.92) if kind == "alone" else (max(0.012, 11 / short), 0.3)
    digit = short * math.exp(random.uniform(math.log(low), math.log(high)))
    degrees = page_turn(random) if short >= 120 else float(random.normal(0, 5))
    return _written(pool, random, height, width, digit, degrees, kind, whole=True)


def page_turn(random: np.random.Generator) -> float:
    """By how many degrees a page is turned counter-clockwise: hardly, by up to 30, or by about a quarter or a half."""
    kind = random.random()
    if kind < 0.7:
        return float(random.normal(0, 1.5))
    if kind < 0.88:
        return float(random.uniform(-30, 30))
    return float(random.choice([90.0, -90.0, 90.0, -90.0, 180.0])) + float(random.normal(0, 2))


def _pick_layout(random: np.random.Generator, height: float) -> str:
    names = list(LAYOUTS)
    weights = np.array([LAYOUTS[name][1] for name in names])
    if height > 90:
        weights *= [name in ("rows", "alone", "scattered", "equations") for name in names]
    return names[int(random.choice(len(names), p=weights / weights.sum()))]


def _written(
    pool: Pool,
    random: np.random.Generator,
    height: int,
    width: int,
    digit: float,
    degrees: float,
    kind: str,
    whole: bool = False,
) -> Tile:
    """A picture of a layout with digits ``digit`` pixels high."""
    tilt = tuple(float(v) for v in random.normal(0, 0.03, 2)) if random.random() < 0.4 else (0.0, 0.0)
    canvas = Canvas(height, width, turned(height, width, degrees, (tilt[0], tilt[1])))
    hand = random_hand(pool.glyphs, random)
    look = random_look(digit, hand.pen * digit, random)
    photographed = look.kind not in ("screen", "scan", "board")
    on_desk = photographed and kind != "alone" and random.random() < (0.4 if whole else 0.14)
    edges = sheet_edges(canvas, random, whole, degrees) if on_desk else None
    sheet = Sheet(canvas, pool, written_region(random, height, width, digit, whole, degrees, edges))
    LAYOUTS[kind][0](sheet, digit, hand, random)
    if kind not in ("alone", "table", "boxes") and random.random() < 0.25:
        clutter.beside(sheet, digit, hand, random)
    _rule(sheet, digit, look, kind, random)
    beyond = beyond_sheet(canvas, edges) if edges is not None else None
    if photographed and random.random() < 0.04:
        clutter.wear(sheet, digit, random)
    if beyond is not None:
        canvas.cover(beyond)
    image = picture(canvas, look, pool.pictures, random, beyond)
    return _tile(image, canvas, kind, degrees)


def _rule(sheet: Sheet, digit: float, look: Look, kind: str, random: np.random.Generator) -> None:
    """The paper's own lines: a third of the sheets have some."""
    if kind in ("table", "boxes", "form") or look.kind == "screen":
        return
    which = random.random()
    if which < 0.16:
        ruling.ruled(sheet, digit, random)
    elif which < 0.26:
        ruling.squared(sheet, digit, random)
    elif which < 0.31:
        ruling.lone_lines(sheet, digit, random)


def _empty(pool: Pool, random: np.random.Generator, height: int, width: int) -> Tile:
    """A picture in which there is no digit to read."""
    names = list(EMPTY)
    kind = names[int(random.choice(len(names), p=list(EMPTY.values())))]
    canvas = Canvas(height, width, turned(height, width, float(random.normal(0, 4))))
    size = min(0.25 * height, math.exp(random.uniform(math.log(10), math.log(90))))
    hand = random_hand(pool.glyphs, random)
    sheet = Sheet(canvas, pool, (-20.0, -20.0, width + 20.0, height + 20.0))
    if kind == "noise":
        return _tile(noise_picture(height, width, random), canvas, kind)
    if kind == "scene":
        scene = surface.room(height, width, pool.pictures, random)
        look = random_look(40.0, 3.0, random, "clean" if random.random() < 0.6 else "rough")
        return _tile(take(scene, look.camera, random), canvas, kind)
    look = random_look(size, hand.pen * size, random)
    if kind == "text":
        clutter.text(sheet, size, hand, random)
    elif kind == "characters":
        clutter.characters(sheet, size, hand, random)
    elif kind == "drawings":
        clutter.drawings(sheet, size, hand, random)
    elif random.random() < 0.6:
        # Bare paper, from smooth to as coarse as it comes: nothing is on it that grain could hide.
        look = replace(look, grain=0.22 * float(random.random()) ** 2, coarsest=float(random.uniform(0.7, 6)))
    if random.random() < 0.5:
        (ruling.ruled if random.random() < 0.5 else ruling.squared)(sheet, max(size, 14.0), random)
    return _tile(picture(canvas, look, pool.pictures, random), canvas, kind)


def _crops(pool: Pool, random: np.random.Generator) -> Tile:
    """Small pictures of single digits, each enlarged to a cell: one to the tile, or several side by side."""
    count = int(random.choice([1, 1, 1, 2, 2, 3]))
    cell = SIDE // count
    image = np.zeros((SIDE, SIDE), np.uint8)
    boxes: list[NDArray[np.float32]] = []
    labels: list[int] = []
    for number in range(count * count):
        side = round(math.exp(random.uniform(math.log(28), math.log(180))))
        one = _single(pool, random, side, side)
        factor = cell / side
        smooth = cv2.INTER_AREA if factor < 1 else int(random.choice([cv2.INTER_CUBIC, cv2.INTER_LINEAR]))
        top, left = number // count * cell, number % count * cell
        image[top : top + cell, left : left + cell] = cv2.resize(one.image, (cell, cell), interpolation=smooth)
        boxes += list(one.boxes * factor + np.array([left, top, left, top], np.float32))
        labels += one.labels.tolist()
    image[count * cell :] = image[count * cell - 1]
    image[:, count * cell :] = image[:, count * cell - 1 : count * cell]
    return Tile(image, np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int8), "crops")


def _single(pool: Pool, random: np.random.Generator, height: int, width: int) -> Tile:
    """One digit that fills a small picture, as data sets hold them: white on black, or a pen's on paper, now and then
    over the edge or with what stands beside it."""
    canvas = Canvas(height, width, turned(height, width, float(random.normal(0, 3))), _WHOLE_ALONE)
    hand = random_hand(pool.glyphs, random)
    digit = (
        height * float(random.uniform(0.45, 0.8)) if random.random() < 0.7 else height * float(random.uniform(0.6, 1.1))
    )
    sheet = Sheet(canvas, pool, (0.0, 0.0, float(width), float(height)))
    loose = 0.04 if random.random() < 0.6 else 0.15
    x = width / 2 - 0.3 * digit + width * float(random.normal(0, loose))
    y = height / 2 + height * float(random.normal(0, loose))
    put_digit(sheet, int(random.integers(10)), x, y, digit, hand, random)
    if random.random() < 0.12:
        beside = digit * float(random.uniform(0.7, 1.0)) * float(random.choice([-1, 1]))
        put_digit(sheet, int(random.integers(10)), x + beside, y, digit, hand, random)
    if random.random() < 0.12:
        at = float(random.choice([1, width - 2]))
        edge = np.array([[at, -height], [at, 2.0 * height]])
        canvas.line(canvas.print, edge, max(1.0, 0.03 * height))
    look = random_look(digit, hand.pen * digit, random, "screen" if random.random() < 0.3 else None)
    return _tile(picture(canvas, look, pool.pictures, random), canvas, "alone")


def _reduced(tile: Tile) -> Tile:
    """A tile of twice the size as the reader sees a large photograph: made smaller once it was taken."""
    small = cv2.resize(tile.image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    boxes = tile.boxes / 2
    tall = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    labels = np.where((tile.labels >= 0) & (tall < SMALLEST), np.int8(TOO_SMALL), tile.labels)
    return replace(tile, image=np.asarray(small, np.uint8), boxes=boxes, labels=labels)


def _tile(image: Image, canvas: Canvas, kind: str, turn: float = 0.0) -> Tile:
    """A picture with its boxes, in which what cannot be seen is asked for no longer."""
    labels = [
        DONT_CARE if label >= 0 and hard_to_see(image, canvas.digits, (x0, y0, x1, y1)) else label
        for x0, y0, x1, y1, label in canvas.boxes
    ]
    boxes = np.array([box[:4] for box in canvas.boxes], np.float32).reshape(-1, 4)
    return Tile(image, boxes, np.array(labels, np.int8), kind, turn)
