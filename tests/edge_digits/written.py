"""Numbers in one clean row, drawn with the digits of edge_digits.synthesis."""

from __future__ import annotations

import numpy as np

from edge_digits.synthesis import paper, pen
from edge_digits.synthesis.strokes import Strokes, digit_strokes, extent, random_hand
from edge_digits.types import Box, Image

INK = 0.1
"""Reflectance of the pen."""

MARKS = {
    ".": [[(0, 0.95), (0.03, 0.96)]],
    ",": [[(0.08, 0.92), (0, 1.12)]],
    "-": [[(0, 0.52), (0.4, 0.5)]],
    ":": [[(0, 0.3), (0.02, 0.31)], [(0, 0.85), (0.02, 0.86)]],
    "*": [[(0, 0.55), (0.03, 0.56)]],
}
"""Strokes of what stands between digits; a digit is 1 high."""


def written(seed: int, text: str, width: float, height: float = 48.0) -> tuple[Image, list[Box]]:
    """``text``, digits and MARKS, on a white page, and a box for each character. width: of the pen, height: of the
    digits, pixels."""
    rng = np.random.default_rng(seed)
    hand, tool = random_hand(rng), pen.Pen("felt", width, 0.05, INK, 0.05, 0.0, 0.0)
    side = max(320, round(2.2 * height) + 130)
    picture, x = np.full((side, max(480, 200 + round(1.5 * height * len(text)))), 240, np.uint8), 100.0
    boxes = []
    for character in text:
        strokes: Strokes
        if character in MARKS:
            strokes = [np.array(points, np.float32) for points in MARKS[character]]
        else:
            strokes = digit_strokes(rng, int(character), hand)
        drawing = pen.draw(rng, strokes, height, tool)
        left, top = round(x) - drawing.origin_x, 130 - drawing.origin_y
        paper.lay_ink(picture, drawing.ink, left, top, INK)
        own = pen.ink_box(drawing.ink)
        boxes.append(Box(left + own.x, top + own.y, own.width, own.height))
        x += float(extent(strokes)[1][0]) * height + max(0.25 * height, 1.5 * width)
    return picture, boxes
