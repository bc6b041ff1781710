"""Where a sheet lies in its picture: its edges, what is beyond them, and where on it is written."""

from __future__ import annotations

import math

import cv2
import numpy as np

from train.data.page.canvas import Canvas, Layer

Edges = tuple[float, float, float, float]
"""x0, y0, x1, y1 of the page, pixels before it is turned."""


def written_region(
    random: np.random.Generator,
    height: int,
    width: int,
    digit: float,
    whole: bool,
    degrees: float,
    edges: Edges | None,
) -> Edges:
    """Where on the page is written, before it is turned about its middle.

    height, width: of the picture; digit: height of a digit; all pixels. whole: whether it is a page, not a tile of one.
    edges: of the sheet, where they show.
    """
    if edges is not None:
        x0, y0, x1, y1 = edges
        margin = digit * float(random.uniform(0.3, 1.5))
        return x0 + margin, y0 + margin, max(x1 - margin, x0 + margin + 1), max(y1 - margin, y0 + margin + 1)
    if whole:
        # A page turned by a quarter is as wide as the picture is high.
        sideways = 45 < abs(degrees) % 180 < 135
        w, h = (height, width) if sideways else (width, height)
        slack = abs(math.sin(math.radians(degrees))) if not sideways else 0.0
        mx, my = random.uniform(0.02, 0.2, 2) + 0.25 * slack
        x0, y0 = (width - w) / 2 + mx * w, (height - h) / 2 + my * h
        x1, y1 = (width + w) / 2 - random.uniform(0.02, 0.3) * w, (height + h) / 2 - random.uniform(0.02, 0.5) * h
        return x0, y0, max(x1, x0 + 2 * digit), max(y1, y0 + 1.2 * digit)
    if digit > 70:
        # Few large digits fit: as many as may be are to be whole.
        room = max(0.0, height - 1.15 * digit)
        x0, y0 = random.uniform(-0.1, 0.12) * width, 0.05 * digit + room * random.random()
        return float(x0), float(y0), 1.1 * width, float(y0 + digit * random.uniform(1.0, 3.0))
    if random.random() < 0.4:
        over = max(1.5 * digit, 40.0)
        return -over * random.random(), -over * random.random(), width + over, height + over
    x0, y0 = random.uniform(-0.3, 0.55) * width, random.uniform(-0.3, 0.55) * height
    return (
        float(x0),
        float(y0),
        float(x0 + max(2 * digit, width * random.uniform(0.3, 1.2))),
        float(y0 + max(1.2 * digit, height * random.uniform(0.15, 1.2))),
    )


def sheet_edges(canvas: Canvas, random: np.random.Generator, whole: bool, degrees: float) -> Edges:
    """Where a sheet ends, x0, y0, x1, y1 of the page: on all sides of a whole page, on one or two of a tile."""
    height, width = canvas.height, canvas.width
    if whole:
        if 45 < abs(degrees) % 180 < 135:
            cx, cy, w, h = width / 2, height / 2, height, width
        else:
            cx, cy, w, h = width / 2, height / 2, width, height
        low, high = (0.3, 0.48) if abs(degrees) < 8 or abs(degrees) > 45 else (0.25, 0.36)
        across, down = random.uniform(low, high + 0.06, 2)
        return cx - across * w, cy - down * h, cx + across * w, cy + down * h
    far = 3.0 * max(height, width)
    sides = [-far, -far, width + far, height + far]
    for side in random.choice(4, int(random.integers(1, 3)), replace=False):
        reach = float(random.uniform(0.03, 0.4))
        sides[side] = (reach if side < 2 else 1 - reach) * (width, height, width, height)[side]
    if min(sides[:2]) > -far / 2:
        return sides[0], sides[1], sides[2], sides[3]
    x0, y0, x1, y1 = sides
    return max(x0, -0.3 * width), max(y0, -0.3 * height), min(x1, 1.3 * width), min(y1, 1.3 * height)


def beyond_sheet(canvas: Canvas, edges: Edges) -> Layer:
    """What lies outside a sheet, (H, W) float32 0..1."""
    x0, y0, x1, y1 = edges
    corners = canvas.to_pixels(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    mask = np.full((canvas.height, canvas.width), 255, np.uint8)
    fixed = np.round(corners * 16).astype(np.int32)
    cv2.fillConvexPoly(mask, fixed.reshape(-1, 1, 2), (0,), cv2.LINE_AA, 4)
    return mask.astype(np.float32) * np.float32(1 / 255)
