"""What stands on pages and is no digit: text, drawings, scribbles; whole pages of it, or some beside numbers."""

from __future__ import annotations

import numpy as np

from train.data.page.hand import Hand
from train.data.page.writing import Sheet, put_glyph, put_word


def text(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """A page of words, by hand or in print."""
    x0, y0, x1, y1 = sheet.region
    printed = random.random() < 0.35
    groups = ("printed",) if printed else (("script",) if random.random() < 0.15 else ("pen", "letters"))
    layer = sheet.canvas.print if printed else None
    pitch = height * float(random.uniform(1.4, 2.4))
    sheet.pitch, sheet.baseline = pitch, y0 + 1.2 * height
    y = y0 + 0.7 * height
    while y < y1:
        x = x0 + height * float(random.uniform(0, 1))
        while x < x1:
            wide = put_word(sheet, groups, x, y, height, hand, random, layer)
            x += wide + height * float(random.uniform(0.4, 0.9)) if wide else x1
        y += pitch


def characters(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Rows of single characters, each by itself: an alphabet, initials. An O is no 0 among letters."""
    x0, y0, x1, y1 = sheet.region
    groups = sheet.pool.glyphs.groups
    begin, count = groups.get("drawings", groups["others"])
    few = min(30, count)
    first = begin + int(random.integers(count - few + 1))
    latin = "characters" in sheet.pool.words.groups and random.random() < 0.6
    pitch = height * float(random.uniform(1.3, 2.2))
    between = height * float(random.uniform(0.3, 1.6))
    sheet.pitch, sheet.baseline = pitch, y0 + 1.0 * height
    y = y0 + 0.5 * height
    while y < y1:
        x = x0 + height * float(random.uniform(0, 0.5))
        while x < x1:
            if latin:
                x += put_word(sheet, ("characters",), x, y, height, hand, random)
            else:
                x += put_glyph(sheet, first + int(random.integers(few)), x, y, height, hand, random)
            x += between * float(random.uniform(0.85, 1.15))
        y += pitch


def drawings(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Doodles, characters of other scripts, arrows, scribbles, operators: anything with strokes."""
    x0, y0, x1, y1 = sheet.region
    groups = sheet.pool.glyphs.groups
    held = [name for name in ("drawings", "others") if name in groups]
    most = max(2, min(30, int((x1 - x0) * (y1 - y0) / (3 * height * height))))
    for _ in range(int(random.integers(1, most))):
        x, y = float(random.uniform(x0, x1)), float(random.uniform(y0, y1))
        size = height * float(np.exp(random.normal(0, 0.3)))
        if not sheet.canvas.free(np.array([[x, y - 0.6 * size], [x + size, y + 0.6 * size]])):
            continue
        if random.random() < 0.15:
            scribble(sheet, x, y, size, hand, random)
            continue
        first, count = groups[held[int(random.integers(len(held)))]]
        put_glyph(sheet, first + int(random.integers(count)), x, y, size, hand, random)


def scribble(sheet: Sheet, x: float, y: float, height: float, hand: Hand, random: np.random.Generator) -> None:
    """A line that goes anywhere."""
    count = int(random.integers(4, 30))
    course = np.cumsum(random.normal(0, float(random.uniform(0.2, 1.3)), count))
    steps = np.stack([np.cos(course), np.sin(course)], 1) * (height * float(random.uniform(0.15, 0.6)))
    sheet.canvas.line(sheet.canvas.ink, np.array([x, y]) + np.cumsum(steps, axis=0), max(1.0, hand.pen * height))


def wear(sheet: Sheet, height: float, random: np.random.Generator) -> None:
    """Punched holes, a spiral's binding, a staple, blots: what a sheet has been through."""
    canvas = sheet.canvas
    kind = random.random()
    if kind < 0.45:
        side = min(canvas.height, canvas.width)
        at = side * float(random.uniform(0.02, 0.12))
        pitch, wide = (
            (side * float(random.uniform(0.3, 0.6)), side * float(random.uniform(0.03, 0.08)))
            if kind < 0.2
            else (
                max(7.0, side * float(random.uniform(0.03, 0.09))),
                max(3.0, side * float(random.uniform(0.01, 0.03))),
            )
        )
        along = np.arange(float(random.uniform(0, pitch)), max(canvas.height, canvas.width), pitch)
        down = random.random() < 0.6
        for place in along:
            x, y = (at, float(place)) if down else (float(place), at)
            canvas.line(canvas.print, np.array([[x, y], [x + 0.2, y]]), wide, 0.9)
            if kind > 0.35:
                end = (x - 3 * wide, y) if down else (x, y - 3 * wide)
                canvas.line(canvas.print, np.array([[x, y], end]), max(1.0, 0.4 * wide), 0.7)
        return
    x, y = float(random.uniform(0, canvas.width)), float(random.uniform(0, canvas.height))
    if kind < 0.6:
        angle = float(random.uniform(0, np.pi))
        reach = height * float(random.uniform(0.3, 1.2))
        ends = np.array([[x, y], [x + reach * np.cos(angle), y + reach * np.sin(angle)]])
        canvas.line(canvas.print, ends, max(1.5, 0.08 * height))
        return
    for _ in range(int(random.integers(1, 12))):
        size = height * float(np.exp(random.normal(-2.5, 0.7)))
        x, y = x + 2 * height * float(random.normal()), y + 2 * height * float(random.normal())
        canvas.line(canvas.ink, np.array([[x, y], [x + size * float(random.random()), y]]), max(1.0, size))


def beside(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """A few words, drawings, lines or arrows where nothing stands yet."""
    x0, y0, x1, y1 = sheet.region
    groups = sheet.pool.glyphs.groups
    for _ in range(int(random.integers(1, 6))):
        x, y = float(random.uniform(x0, x1)), float(random.uniform(y0, y1))
        size = height * float(random.uniform(0.5, 1.3))
        kind = random.random()
        wide = size * (4 if kind < 0.5 else 1.2)
        if not sheet.canvas.free(np.array([[x, y - 0.8 * size], [x + wide, y + 0.8 * size]])):
            continue
        if kind < 0.4:
            put_word(sheet, ("pen", "letters"), x, y, size, hand, random)
        elif kind < 0.5:
            put_word(sheet, ("printed",), x, y, size * 0.7, hand, random, sheet.canvas.print)
        elif kind < 0.85:
            name = "others" if random.random() < 0.7 or "drawings" not in groups else "drawings"
            first, count = groups[name]
            put_glyph(sheet, first + int(random.integers(count)), x, y, size, hand, random)
        else:
            scribble(sheet, x, y, size, hand, random)
