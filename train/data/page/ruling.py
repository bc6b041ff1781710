"""The paper's own lines: ruled, squared, dotted, a margin; and lines that somebody drew."""

from __future__ import annotations

import numpy as np

from train.data.page.writing import Sheet


def ruled(sheet: Sheet, height: float, random: np.random.Generator) -> None:
    """Lines to write on, where the rows stand if they are written on them; now and then with a margin."""
    canvas = sheet.canvas
    pitch, offset = height * float(random.uniform(0.8, 3.0)), float(random.uniform(0, 3 * height))
    if sheet.pitch and random.random() < 0.6:
        pitch, offset = sheet.pitch * float(random.choice([0.5, 1.0, 1.0])), sheet.baseline
        offset += height * float(random.normal(0.0, 0.1))
    pitch = max(pitch, 6.0)
    thick = _thickness(height, random)
    span = 1.2 * max(canvas.height, canvas.width)
    left, right = canvas.width / 2 - span, canvas.width / 2 + span
    bow = float(random.normal(0, 0.004)) * span if random.random() < 0.3 else 0.0
    x = np.linspace(left, right, 9 if bow else 2)
    curve = bow * ((x - canvas.width / 2) / canvas.width) ** 2
    first = offset - pitch * round((offset + span / 2) / pitch)
    rows = np.arange(first, canvas.height + span / 2, pitch)[:, None] + curve
    canvas.line(canvas.rules, np.stack(np.broadcast_arrays(x, rows), 2), thick)
    if random.random() < 0.25:
        at = float(random.uniform(0, canvas.width))
        for shift in (0.0, 0.25 * height)[: int(random.integers(1, 3))]:
            canvas.line(canvas.rules, np.array([[at + shift, -span], [at + shift, span + canvas.height]]), thick)


def squared(sheet: Sheet, height: float, random: np.random.Generator) -> None:
    """Squares, small or large beside the digits; dots instead, now and then."""
    canvas = sheet.canvas
    pitch = max(5.0, height * float(np.exp(random.uniform(np.log(0.25), np.log(2.2)))))
    thick = _thickness(height, random)
    span = 0.7 * max(canvas.height, canvas.width)
    cx, cy = canvas.width / 2, canvas.height / 2
    x0, y0 = float(random.uniform(0, pitch)), float(random.uniform(0, pitch))
    columns = cx + x0 + pitch * np.arange(-round(span / pitch), round(span / pitch) + 1)
    rows = cy + y0 + pitch * np.arange(-round(span / pitch), round(span / pitch) + 1)
    if random.random() < 0.12:
        dots = np.stack(np.meshgrid(columns, rows), 2).reshape(-1, 2).astype(np.float64)
        canvas.line(canvas.rules, np.stack([dots, dots + np.array([0.5, 0.0])], 1), max(thick, 1.5))
        return
    canvas.line(canvas.rules, np.stack([_pairs(columns), np.full((len(columns), 2), [cy - span, cy + span])], 2), thick)
    canvas.line(canvas.rules, np.stack([np.full((len(rows), 2), [cx - span, cx + span]), _pairs(rows)], 2), thick)


def _pairs(values: np.ndarray) -> np.ndarray:
    """Each value twice, (N, 2): a line's both ends."""
    return np.repeat(values[:, None], 2, axis=1)


def lone_lines(sheet: Sheet, height: float, random: np.random.Generator) -> None:
    """A few long lines: underlines, frames, folds that were drawn along."""
    canvas = sheet.canvas
    for _ in range(int(random.integers(1, 4))):
        x, y = float(random.uniform(0, canvas.width)), float(random.uniform(0, canvas.height))
        reach = float(random.uniform(1, 12)) * height
        angle = float(random.choice([0, np.pi / 2])) + float(random.normal(0, 0.05))
        ends = np.array([[x, y], [x + reach * np.cos(angle), y + reach * np.sin(angle)]])
        layer = canvas.ink if random.random() < 0.5 else canvas.print
        canvas.line(layer, ends, max(1.0, height * float(random.uniform(0.02, 0.12))))


def _thickness(height: float, random: np.random.Generator) -> float:
    """Lines are thin as a rule, and never thicker than a pen."""
    return (
        float(random.uniform(0.5, 1.3)) if random.random() < 0.6 else float(random.uniform(1.0, max(1.2, 0.1 * height)))
    )
