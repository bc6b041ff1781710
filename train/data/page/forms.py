"""Layouts with lines: tables, rows of boxes, printed forms."""

from __future__ import annotations

import numpy as np

from train.data.page.canvas import Layer
from train.data.page.hand import Hand
from train.data.page.numbers import random_number
from train.data.page.writing import Sheet, put_digit, put_number, put_sign, put_word


def table(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Cells with numbers, ticks, dashes and words; its lines printed, drawn or none."""
    x0, y0, x1, y1 = sheet.region
    most = int(random.choice([1, 1, 2, 2, 3, 4]))
    cell_w = height * (0.7 * most + max(hand.gap, 0.05) * (most - 1) + float(random.uniform(0.2, 1.5)))
    cell_h = height * float(random.uniform(1.05, 2.2))
    columns, rows = max(1, round((x1 - x0) / cell_w)), max(1, round((y1 - y0) / cell_h))
    filled = 1.0 if random.random() < 0.4 else float(random.uniform(0.3, 1.0))
    ticks, words, fractions = (float(random.random() * 0.25) if random.random() < 0.3 else 0.0 for _ in range(3))
    headed = random.random() < 0.4
    printed_head = random.random() < 0.4
    titled = height * float(random.uniform(2, 5)) if random.random() < 0.35 else 0.0
    x0 += titled
    lines = random.random()
    if lines < 0.85:
        layer = sheet.canvas.ink if lines < 0.3 else sheet.canvas.print
        _grid(sheet, layer, (x0, y0), titled, columns, rows, cell_w, cell_h, height, hand, random)
    for row in range(rows):
        if titled and random.random() < 0.9:
            size = min(height * float(random.uniform(0.5, 1.0)), 0.2 * titled)
            put_word(sheet, ("pen", "letters"), x0 - 0.9 * titled, y0 + (row + 0.5) * cell_h, size, hand, random)
        for column in range(columns):
            x, y = x0 + column * cell_w, y0 + (row + 0.5) * cell_h
            if headed and (row == 0 or (column == 0 and printed_head)):
                layer = sheet.canvas.print if printed_head else None
                groups = ("printed",) if printed_head else ("pen", "letters")
                size = height * float(random.uniform(0.4, 0.7))
                if random.random() < 0.7:
                    put_word(sheet, groups, x + 0.15 * height, y, size, hand, random, layer)
                continue
            if random.random() > filled:
                continue
            _fill(sheet, x, y, cell_w, most, height, hand, random, (ticks, words, fractions))


def boxes(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Rows of boxes for one digit each, as forms have them; labels in print beside or below."""
    x0, y0, _, y1 = sheet.region
    # Narrow ones, too: what is written in them touches their lines.
    cell = height * float(random.uniform(0.95, 1.8))
    tall = height * float(random.uniform(0.98, 1.6))
    joined = random.random() < 0.7
    room = 0.0 if joined else cell * float(random.uniform(0.1, 0.5))
    count = int(random.integers(2, 11))
    thick = max(1.0, height * float(random.uniform(0.015, 0.09)))
    print_layer = sheet.canvas.print
    y = y0 + tall
    while y < y1:
        x = x0 + float(random.uniform(0, 2)) * height
        if random.random() < 0.5:
            x += put_word(
                sheet, ("printed",), x, y, height * float(random.uniform(0.35, 0.7)), hand, random, print_layer
            )
            x += 0.4 * height
        first, last = sorted(int(k) for k in random.integers(0, count + 1, 2)) if random.random() < 0.5 else (0, count)
        for k in range(count):
            left = x + k * (cell + room)
            top = y - tall / 2
            right, foot = left + cell, top + tall
            corners = [[left, top], [right, top], [right, foot], [left, foot], [left, top]]
            sheet.canvas.line(print_layer, np.array(corners), thick)
            if first <= k < last:
                kind = random.random()
                at = left + 0.5 * cell - 0.3 * height + 0.08 * height * float(random.normal())
                if kind < 0.93:
                    put_digit(sheet, int(random.integers(10)), at, y, height, hand, random)
                elif kind < 0.97:
                    put_sign(sheet, str(random.choice(["X", "x", "-", "✓"])), at, y, height, hand, random)
        if random.random() < 0.5:
            size = height * float(random.uniform(0.2, 0.5))
            put_word(sheet, ("printed",), x, y + tall / 2 + 0.9 * size, size, hand, random, print_layer)
        y += tall * float(random.uniform(1.3, 2.8))


def printed_form(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Printed labels, lines to write on, and numbers and words on them."""
    x0, y0, x1, y1 = sheet.region
    pitch = height * float(random.uniform(1.5, 3.0))
    size = height * float(random.uniform(0.35, 0.9))
    dotted = random.random() < 0.3
    y = y0 + height
    while y < y1:
        x = x0 + float(random.uniform(0, 1)) * height
        while x < x1:
            x += put_word(sheet, ("printed",), x, y, size, hand, random, sheet.canvas.print) + 0.5 * height
            room = height * float(random.uniform(2, 8))
            if not dotted:
                line = np.array([[x, y + 0.55 * height], [x + room, y + 0.55 * height]])
                sheet.canvas.line(sheet.canvas.print, line, max(1.0, 0.03 * height))
            kind = random.random()
            if kind < 0.6:
                text = random_number(random, max(1, int(room / (0.9 * height))))
                put_number(sheet, text, x + 0.2 * height, y, height, hand, random)
            elif kind < 0.8:
                put_word(sheet, ("pen", "letters"), x + 0.2 * height, y, 0.8 * height, hand, random)
            x += room + height
        y += pitch


def _grid(
    sheet: Sheet,
    layer: Layer,
    corner: tuple[float, float],
    titled: float,
    columns: int,
    rows: int,
    cell_w: float,
    cell_h: float,
    height: float,
    hand: Hand,
    random: np.random.Generator,
) -> None:
    """A table's lines; by hand they miss their ends. corner: of its cells; titled: the width of titles to the left."""
    x0, y0 = corner
    by_hand = layer is sheet.canvas.ink
    thick = hand.pen * height * 0.8 if by_hand else max(1.0, height * float(random.uniform(0.01, 0.08)))
    loose = 0.08 * height if by_hand else 0.0
    right, foot = x0 + columns * cell_w, y0 + rows * cell_h
    upright = random.random() < 0.9
    for column in range(columns + 1 if upright else 0):
        x = x0 + column * cell_w - 0.1 * height
        ends = np.array([[x, y0], [x, (y0 + foot) / 2], [x, foot]]) + random.normal(0, loose + 1e-9, (3, 2))
        sheet.canvas.line(layer, ends, thick)
    if titled and upright:
        sheet.canvas.line(layer, np.array([[x0 - titled, y0], [x0 - titled, foot]]), thick)
    for row in range(rows + 1):
        y = y0 + row * cell_h
        ends = np.array([[x0 - titled, y], [(x0 + right) / 2, y], [right, y]]) + random.normal(0, loose + 1e-9, (3, 2))
        sheet.canvas.line(layer, ends - (0.1 * height, 0), thick)


def _fill(
    sheet: Sheet,
    x: float,
    y: float,
    cell_w: float,
    most: int,
    height: float,
    hand: Hand,
    random: np.random.Generator,
    shares: tuple[float, float, float],
) -> None:
    """Write into one cell. shares: of ticks and dashes, of words, of numbers with a decimal point."""
    ticks, words, fractions = shares
    kind = random.random()
    if kind < ticks:
        sign = str(random.choice(["✓", "✓", "-", "x", "X"]))
        put_sign(sheet, sign, x + 0.3 * cell_w, y, height, hand, random)
        return
    if kind < ticks + words:
        put_word(sheet, ("pen", "letters"), x, y, min(0.7 * height, 0.3 * cell_w), hand, random)
        return
    text = "".join(str(d) for d in random.integers(0, 10, int(random.integers(1, most + 1))))
    if random.random() < fractions:
        text += f".{random.integers(10)}"
    room = cell_w - height * (0.6 * len(text) + hand.gap * (len(text) - 1))
    put_number(sheet, text, x + max(0.0, room * float(random.uniform(0.1, 0.7))), y, height, hand, random)
