"""Layouts of numbers: rows, scattered, sums, equations, one alone."""

from __future__ import annotations

import math

import numpy as np

from train.data.glyphs.signs import LETTERS, OPERATORS, VARIABLES
from train.data.page.hand import Hand
from train.data.page.writing import Sheet, put_digit, put_number, put_word


def random_number(random: np.random.Generator, most: int = 9) -> str:
    """1 to ``most`` digits, short ones oftener; now and then round, with a sign, a decimal point, a second number
    behind a dash, a letter, or as a date or time."""
    count = 1 + min(int(random.geometric(0.3)) - 1, most - 1)
    text = "".join(str(d) for d in random.integers(0, 10, count))
    kind = random.random()
    if kind < 0.05:
        return str(random.integers(10)) * count
    if count > 1 and kind < 0.11:
        cut = int(random.integers(1, count))
        return f"{text[:cut]}{'.' if random.random() < 0.7 else ','}{text[cut:]}"
    if kind < 0.13:
        return f"{'-' if random.random() < 0.7 else '+'}{text}"
    if kind < 0.165:
        between = str(random.choice(["/", ".", "-"], p=[0.6, 0.2, 0.2]))
        return between.join(str(n) for n in (random.integers(1, 32), random.integers(1, 13), random.integers(10, 99)))
    if kind < 0.18:
        return f"{random.integers(24)}:{random.integers(60):02d}"
    if kind < 0.245:
        return f"{random.integers(1, 10)}{'0' * max(1, count - 1)}"
    if kind < 0.275:
        return f"{text}-{random.integers(10 ** int(random.integers(1, 5)))}"
    if kind < 0.32:
        letter = LETTERS[int(random.integers(len(LETTERS)))]
        return f"{letter}{text}" if random.random() < 0.5 else f"{text}{letter}"
    return text


def _width(text: str, height: float, hand: Hand) -> float:
    """About how wide a number becomes."""
    return height * (0.62 * len(text) * hand.aspect + hand.gap * (len(text) - 1))


def rows(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Rows of numbers one below the other, in columns or not."""
    x0, y0, x1, y1 = sheet.region
    pitch = height * (random.uniform(1.15, 1.8) if random.random() < 0.6 else random.uniform(1.8, 3.2))
    sheet.pitch, sheet.baseline = pitch, y0 + 1.0 * height
    digits = int(random.integers(1, 8)) if random.random() < 0.7 else 0
    singles = random.random() < 0.25
    between = height * float(random.uniform(0.8, 3.0))
    left = x0 + height * float(random.uniform(0, 1.0))
    signs = random.random() < 0.3
    most = int(random.integers(1, 6)) if random.random() < 0.5 else 99
    y = y0 + height * 0.5
    while y < y1 - 0.3 * height:
        x, count = left + height * float(random.normal(0, 0.15)), 0
        while x < x1 - 0.5 * height and (count < most or singles):
            count += 1
            if singles:
                text = str(random.integers(10))
            elif digits and not signs:
                text = "".join(str(d) for d in random.integers(0, 10, digits))
            else:
                text = random_number(random)
            if x > left and x + _width(text, height, hand) > x1:
                break
            wide = put_number(sheet, text, x, y, height, hand, random)
            if random.random() < 0.02:
                cross_out(sheet, x, y, wide, height, hand, random)
            x += wide + between * float(random.uniform(0.85, 1.15))
            if not singles and random.random() < 0.1:
                break
        y += pitch * float(random.uniform(0.95, 1.05))


def cross_out(
    sheet: Sheet, x: float, y: float, wide: float, height: float, hand: Hand, random: np.random.Generator
) -> None:
    """Strike through what was written, and ask for none of it."""
    canvas = sheet.canvas
    pen = hand.pen * height
    tall = 0.35 * height
    kind = random.random()
    for _ in range(1 if kind < 0.5 else int(random.integers(2, 5))):
        ends = np.array([[x - 0.15 * height, y], [x + wide / 2, y], [x + wide + 0.15 * height, y]])
        ends[:, 1] += random.normal(0, 0.12 * height, 3)
        if kind > 0.75:
            ends[0, 1], ends[2, 1] = y + tall * random.choice([-1, 1]), y + tall * random.choice([-1, 1])
        canvas.line(canvas.ink, ends, pen)
    edge = 0.2 * height
    canvas.spoil(np.array([[x - edge, y - height], [x + wide + edge, y + height]]))


def scattered(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Numbers and single digits anywhere, of unlike sizes."""
    x0, y0, x1, y1 = sheet.region
    area = max(1.0, (x1 - x0) * (y1 - y0) / (height * height))
    most = max(2, min(40, int(area / 6)))
    single = random.random() < 0.5
    for _ in range(int(random.integers(1, most))):
        size = height * math.exp(float(random.normal(0, 0.2)))
        text = str(random.integers(10)) if single else random_number(random, 4)
        wide = _width(text, size, hand) + 0.2 * size
        for _ in range(6):
            x, y = float(random.uniform(x0, x1)), float(random.uniform(y0, y1))
            if sheet.canvas.free(np.array([[x, y - 0.6 * size], [x + wide, y + 0.6 * size]])):
                put_number(sheet, text, x, y, size, hand, random)
                break


def alone(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """One digit, or one short number, about the middle."""
    x0, y0, x1, y1 = sheet.region
    text = str(random.integers(10)) if random.random() < 0.7 else random_number(random, 5)
    height *= min(1.0, 0.95 * (x1 - x0) / _width(text, height, hand))
    wide = _width(text, height, hand)
    # As far from the middle as it stays whole, most often.
    slack = max(x1 - x0 - wide, 0.02 * wide), max(y1 - y0 - 1.15 * height, 0.02 * height)
    across, down = np.clip(random.normal(0, 0.3, 2), -0.5, 0.5) * slack
    put_number(sheet, text, (x0 + x1 - wide) / 2 + across, (y0 + y1) / 2 + down, height, hand, random)


def sums(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Written additions and multiplications: numbers flush right, a sign, a line, the result."""
    x0, y0, x1, _ = sheet.region
    pitch = height * float(random.uniform(1.15, 1.6))
    digits = int(random.integers(1, 5))
    cell = height * (0.55 + max(hand.gap, 0.05))
    wide = cell * (digits + 2)
    x = x0
    while x < x1:
        y = y0 + height
        for row in range(int(random.integers(2, 4))):
            text = "".join(str(d) for d in random.integers(0, 10, int(random.integers(1, digits + 1))))
            for k, letter in enumerate(reversed(text)):
                put_digit(sheet, int(letter), x + wide - (k + 1) * cell, y, height, hand, random)
            if row == 1:
                put_number(sheet, str(random.choice(["+", "-", "×"])), x - 0.2 * cell, y, height, hand, random)
            y += pitch
        line = np.array(
            [[x - 0.2 * cell, y - 0.5 * pitch], [x + wide, y - 0.5 * pitch + random.normal(0, 0.05 * height)]]
        )
        sheet.canvas.line(sheet.canvas.ink, line, hand.pen * height)
        for k in range(digits + int(random.integers(0, 2))):
            put_digit(sheet, int(random.integers(10)), x + wide - (k + 1) * cell, y + 0.1 * pitch, height, hand, random)
        x += wide + height * float(random.uniform(1, 3))


def equations(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Rows of arithmetic and of algebra: operators, brackets, variables, powers, fractions, roots."""
    x0, y0, x1, y1 = sheet.region
    pitch = height * float(random.uniform(1.4, 2.6))
    sheet.pitch, sheet.baseline = pitch, y0 + 1.3 * height
    algebra = random.random() < 0.5
    slash = "/" if random.random() < 0.6 else "÷"
    y = y0 + 0.8 * height
    while y < y1:
        x = x0 + height * float(random.uniform(0, 2.5))
        terms = int(random.integers(2, 7))
        opened = 0
        for term in range(terms):
            if x > x1:
                break
            if random.random() < 0.18:
                x += _signed(sheet, "([{"[int(random.choice(3, p=[0.7, 0.25, 0.05]))], x, y, height, hand, random)
                opened += 1
            x += _term(sheet, x, y, height, hand, random, algebra)
            if opened and random.random() < 0.6:
                x += _signed(sheet, ")]"[int(random.random() < 0.25)], x, y, height, hand, random)
                opened -= 1
            if term < terms - 1:
                sign = OPERATORS[int(random.integers(len(OPERATORS)))]
                x += _signed(sheet, slash if sign in "/÷" else sign, x, y, height, hand, random)
        if random.random() < 0.5:
            x += _signed(sheet, "=", x, y, height, hand, random)
            if random.random() < 0.7:
                put_number(sheet, random_number(random, 3), x, y, height, hand, random)
        y += pitch * float(random.uniform(0.9, 1.2))


def _signed(
    sheet: Sheet, sign: str, x: float, y: float, height: float, hand: Hand, random: np.random.Generator
) -> float:
    room = height * float(random.uniform(0.05, 0.4))
    return put_number(sheet, sign, x + room, y, height, hand, random) + 2 * room + 0.1 * height


def _term(
    sheet: Sheet, x: float, y: float, height: float, hand: Hand, random: np.random.Generator, algebra: bool
) -> float:
    """One number, variable, power, fraction or root. Returns its width."""
    kind = random.random()
    number = "".join(str(d) for d in random.integers(0, 10, int(random.choice([1, 1, 1, 2, 2, 3]))))
    if algebra and kind < 0.55:
        start = x
        if random.random() < 0.7:
            x += put_number(sheet, number[:2], x, y, height, hand, random) + 0.06 * height
        variable = VARIABLES[int(random.integers(len(VARIABLES)))]
        x += put_number(sheet, variable, x, y, height, hand, random) + 0.05 * height
        if random.random() < 0.45:
            small = height * float(random.uniform(0.4, 0.65))
            power = str(random.choice(["2", "2", "2", "3", "4"]))
            x += put_number(sheet, power, x, y - 0.55 * height, small, hand, random)
        return x - start + 0.1 * height
    if kind > 0.93:
        small = 0.75 * height
        low = str(random.integers(1, 100))
        above = put_number(sheet, number[:2], x + 0.1 * height, y - 0.6 * height, small, hand, random)
        below = put_number(sheet, low, x + 0.1 * height, y + 0.6 * height, small, hand, random)
        wide = max(above, below) + 0.25 * height
        bar = np.array([[x, y], [x + wide, y + random.normal(0, 0.04 * height)]])
        sheet.canvas.line(sheet.canvas.ink, bar, hand.pen * height)
        return wide + 0.1 * height
    if kind > 0.89:
        put_number(sheet, "√", x, y, height * 1.1, hand, random)
        return 0.55 * height + put_number(sheet, number[:2], x + 0.55 * height, y, 0.85 * height, hand, random)
    return put_number(sheet, number, x, y, height, hand, random) + 0.08 * height


def beside_words(sheet: Sheet, height: float, hand: Hand, random: np.random.Generator) -> None:
    """Notes and lists: words with numbers before, between or behind them."""
    x0, y0, x1, y1 = sheet.region
    pitch = height * float(random.uniform(1.5, 2.6))
    sheet.pitch, sheet.baseline = pitch, y0 + 1.3 * height
    groups = ("pen", "letters") if random.random() < 0.85 else ("script", "letters")
    printed = random.random() < 0.2
    layer = sheet.canvas.print if printed else None
    numbered, share = random.random() < 0.35, float(random.uniform(0.15, 0.6))
    y, number = y0 + 0.8 * height, int(random.integers(1, 20))
    while y < y1:
        x = x0 + height * float(random.uniform(0, 1.5))
        if numbered:
            end = str(random.choice([".", ")", ""]))
            x += put_number(sheet, f"{number}{end}", x, y, height, hand, random) + 0.4 * height
            number += 1
        stop = x1 if random.random() < 0.5 else x + (x1 - x) * float(random.random())
        while x < stop:
            if random.random() < share:
                text = random_number(random, 6)
                if x + _width(text, height, hand) > x1:
                    break
                x += put_number(sheet, text, x, y, height, hand, random)
            else:
                x += put_word(sheet, ("printed",) if printed else groups, x, y, height, hand, random, layer)
            x += height * float(random.uniform(0.4, 1.2))
        y += pitch
