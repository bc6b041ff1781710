"""Making the pool: once a part and set of sources, kept in the user's cache."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.io.mnist import cache_dir
from edge_digits.synthesis.strokes import other_strokes
from train.data import digit_sets, pool
from train.data.fonts import Font, fetched_fonts
from train.data.glyphs import digits, text, words
from train.data.glyphs.drawings import read_drawings, read_latin
from train.data.glyphs.fields import HEIGHT, STEPS, from_mask, from_strokes
from train.data.glyphs.signs import SIGNS, sign_strokes
from train.data.glyphs.words import Word, side_by_side
from train.data.picture.backgrounds import background_files, is_paper
from train.data.pool import Entry, Pool

_Item = TypeVar("_Item")
logger = logging.getLogger(__name__)

_VERSION = 4
"""Counts up whenever the code here makes other glyphs of the same sources."""
_THIN_SHARE = 0.75
_HANDS, _SIGNS_EACH, _OTHERS, _DRAWINGS = 500, 60, 2500, 2500
_PEN_WORDS, _LETTER_WORDS, _SCRIPT_WORDS, _PRINTED, _CHARACTERS = 6000, 1500, 500, 2500, 1500
_HELD_OUT = 8
"""Every so manieth font, picture and writer of letters is for validation alone."""
_LONGEST_SIDE = 640


def pool_dir(folder: Path, part: str) -> Path:
    """Where the pool of these sources lies: its name changes with fonts, data sets and the code that makes it."""
    files = [p for name in ("usps", "semeion", "pendigits", "material") for p in sorted((folder / name).rglob("*"))]
    names = [f"{p.relative_to(folder)} {p.stat().st_size}" for p in files if p.is_file()]
    names += [font.path.name for font in fetched_fonts()]
    names += [f"{p.name} {p.stat().st_size}" for p in background_files(folder)]
    key = hashlib.sha256("\n".join([str(_VERSION), part, *names]).encode()).hexdigest()[:12]
    return cache_dir() / "pools" / f"{part}-{key}"


def open_pool(folder: Path, part: str) -> Pool:
    """The pool of one part ("train" or "validation") of all sources in the data folder, made where it is not yet.

    Raises DataError if MNIST is missing or a data set is damaged; what else is missing is left out, and said.
    """
    place = pool_dir(folder, part)
    if not (place / "groups.json").is_file():
        logger.info("rendering glyphs and words into %s: some minutes, once", place)
        part_place = place.with_name(f"{place.name}.{os.getpid()}.part")
        part_place.mkdir(parents=True)
        try:
            pool.save(_build(folder, part), part_place)
            part_place.rename(place)
        except OSError:
            # Somebody else's was ready first.
            if not (place / "groups.json").is_file():
                raise
        finally:
            shutil.rmtree(part_place, ignore_errors=True)
    return pool.load(place)


def tiny_pool(seed: int = 0, hands: int = 3) -> Pool:
    """A pool from our own strokes alone, which needs no data: for tests, and to try things out."""
    random = np.random.default_rng(seed)
    entries = [Entry(f"{family}/{label}", field, half) for family, label, field, half in digits.drawn(hands, random)]
    entries += _signs(random, 2)
    entries += _others(random, 40)
    letters = [e.field for e in entries if e.group == "others"]
    named = [("script", side_by_side([letters[int(k)] for k in random.integers(0, len(letters), 4)])) for _ in range(9)]
    return Pool(pool.to_glyphs(entries), pool.to_words(named), pool.to_pictures([]))


def _build(folder: Path, part: str) -> Pool:
    cv2.setNumThreads(1)
    random = np.random.default_rng([1, part == "train"])
    fonts = _share(fetched_fonts(), part)
    if not fonts:
        logger.warning("no fonts in the cache: `python -m train fetch` fetches them; going on without words in type")
    entries = [Entry(f"{f}/{v}", field, half) for f, v, field, half in _digits(folder, part, random)]
    entries += _digits_in_type([font for font in fonts if font.kind != "printed"])
    entries += _signs(random, _SIGNS_EACH)
    entries += _others(random, _OTHERS)
    drawings = list(read_drawings(folder, part, _DRAWINGS, random))
    entries += [Entry("drawings", field) for field in drawings]
    logger.info("%d glyphs; words now", len(entries))
    named = [*_words(fonts, random), *_letters(folder, part, random)]
    if drawings:
        for _ in range(_SCRIPT_WORDS):
            first = int(random.integers(len(drawings)))
            count = int(random.integers(3, 8))
            named.append(("script", side_by_side([drawings[(first + k) % len(drawings)] for k in range(count)])))
    pictures = [("paper" if is_paper(p.name) else "scene", _grey(p)) for p in _share(background_files(folder), part)]
    if not pictures:
        logger.warning("no backgrounds: `python -m train fetch` fetches them; going on without desks and scenes")
    return Pool(pool.to_glyphs(entries), pool.to_words(named), pool.to_pictures(pictures))


def _digits(
    folder: Path, part: str, random: np.random.Generator
) -> Iterator[tuple[str, int, NDArray[np.uint8], float]]:
    yield from digits.scanned(digit_sets.read_mnist(folder, part), _THIN_SHARE, random)
    for name, read in (("usps", digit_sets.read_usps), ("semeion", digit_sets.read_semeion)):
        if (folder / name).is_dir():
            yield from digits.scanned(read(folder, part), _THIN_SHARE, random)
        else:
            logger.warning("%s is not in %s: going on without it", name, folder)
    if (optdigits := digits.read_optdigits(folder, part)) is not None:
        yield from digits.scanned(optdigits, _THIN_SHARE, random)
    if (folder / "pendigits").is_dir():
        yield from digits.written(digit_sets.read_pendigits(folder, part), random)
    yield from digits.drawn(_HANDS, random)


def _digits_in_type(fonts: list[Font]) -> Iterator[Entry]:
    for font in fonts:
        for value in range(10):
            if (word := words.set_in_type(str(value), font.path)) is not None:
                yield Entry(f"{font.kind}-font/{value}", *_square(word))


def _square(word: Word) -> tuple[NDArray[np.uint8], float]:
    """A single letter's field as a glyph's: by its ink, at a glyph's size."""
    half = int(word.half * STEPS)
    ink = np.clip((np.float32(half) - word.field) / np.float32(STEPS) + np.float32(0.5), 0, 1)
    ink = ink.astype(np.float32)
    return from_mask(ink)


def _signs(random: np.random.Generator, each: int) -> Iterator[Entry]:
    for name in SIGNS:
        for _ in range(each):
            yield _natural(f"signs/{name}", sign_strokes(random, name))


def _others(random: np.random.Generator, count: int) -> Iterator[Entry]:
    for _ in range(count):
        yield _natural("others", other_strokes(random))


def _natural(group: str, strokes: list[NDArray[np.float32]]) -> Entry:
    """Strokes whose unit is a digit's height, at their own size and place."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    span = float(max(high - low))
    return Entry(group, from_strokes(strokes), 0.0, max(span, 0.02) / HEIGHT, float(low[1] + high[1]) / 2)


def _words(fonts: list[Font], random: np.random.Generator) -> Iterator[tuple[str, Word]]:
    """Words of handwriting fonts, the careful ones at half the weight, and printed lines."""
    pens = [f for f in fonts if f.kind == "pen"] * 2 + [f for f in fonts if f.kind == "careful"]
    printed = [f for f in fonts if f.kind == "printed"]
    for group, choice, count, say in (
        ("pen", pens, _PEN_WORDS, text.random_word),
        ("printed", printed, _PRINTED, text.random_printed),
        ("characters", pens, _CHARACTERS, text.random_character),
    ):
        for _ in range(count if choice else 0):
            font = choice[int(random.integers(len(choice)))]
            if (word := words.set_in_type(say(random), font.path)) is not None:
                yield group, word


def _letters(folder: Path, part: str, random: np.random.Generator) -> Iterator[tuple[str, Word]]:
    drawers = _share(words.letters_by_drawer(read_latin(folder)), part)
    for _ in range(_LETTER_WORDS if drawers else 0):
        drawer = drawers[int(random.integers(len(drawers)))]
        if (word := words.spelled(text.random_word(random).rstrip(".:,"), drawer, random)) is not None:
            yield "letters", word


def _share(items: list[_Item], part: str) -> list[_Item]:
    """What of ``items`` a part may see."""
    held_out = set(range(0, len(items), _HELD_OUT))
    return [item for k, item in enumerate(items) if (k in held_out) == (part != "train")]


def _grey(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    factor = min(1.0, _LONGEST_SIDE / max(picture.shape))
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
