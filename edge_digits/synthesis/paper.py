"""Paper and boards as reflectance: (H, W) uint8, 0 swallows all light, 255 returns all. Ink takes its share
of it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from edge_digits.synthesis.texture import clouds, noise
from edge_digits.types import Image

KINDS = ("plain", "ruled", "squared", "board")
_USUAL = ("plain", "plain", "ruled", "squared")


def random_paper(
    rng: np.random.Generator,
    height: int,
    width: int,
    kind: str | None = None,
    spacing: float | None = None,
    offset: float | None = None,
) -> Image:
    """An empty sheet of paper, or of chalk board.

    kind: one of KINDS (None: any paper, no board). spacing: pixels between rules; offset: height in pixels at
    which one rule starts on the left (None: random). Returns the reflectance (height, width) uint8.
    """
    kind = kind or _USUAL[int(rng.integers(len(_USUAL)))]
    tint, rough, coarse, cloudy = rng.random(4).tolist()
    board = kind == "board"
    base = 30 + 50 * tint if board else 252 - 85 * tint * tint
    fine = noise(rng, height, width, grain=1.4) * (0.3 + 3.5 * rough**4)
    if coarse < 0.3:  # pressed or recycled paper, a board that was wiped
        fine = fine + noise(rng, height, width, grain=4.0) * (0.5 + 8.0 * coarse)
    if cloudy < 0.5 or board:
        fine = fine + clouds(rng, height, width, 3) * (base * (0.12 if board else 0.04) * cloudy)
    paper = np.clip(fine + base, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        _specks(rng, paper)
    if kind in ("ruled", "squared"):
        spacing = spacing or float(rng.uniform(0.06, 0.25) * max(height, 60))
        offset = float(rng.uniform(0, spacing)) if offset is None else offset
        rule(rng, paper, spacing, offset, squared=kind == "squared")
    return paper


def rule(rng: np.random.Generator, paper: Image, spacing: float, offset: float, squared: bool) -> None:
    """Print parallel rules on the paper, in place: their strength, width and slight slope are random.

    spacing, offset: see ``random_paper``. squared: rules across as well.
    """
    height, width = paper.shape
    strength, thick, dark = rng.random(3).tolist()
    slope = float(rng.normal(0, 0.008))
    weight = 60 + 80 * strength if dark < 0.7 else 140 + 110 * strength
    weight *= 0.6 if squared else 1.0
    thickness = 1 if thick < 0.7 or spacing < 16 else 2 + int(spacing > 40 and thick > 0.9)
    layer = np.zeros_like(paper)
    # Up to two spacings outside, because the slope brings those lines in.
    for y in np.arange(offset % spacing - 2 * spacing, height + 2 * spacing, spacing).tolist():
        _line(layer, (0.0, y), (width, y + slope * width), weight, thickness)
    if squared:
        start = float(rng.uniform(0, spacing))
        for x in np.arange(start - 2 * spacing, width + 2 * spacing, spacing).tolist():
            _line(layer, (x, 0.0), (x - slope * height, height), weight, thickness)
    elif rng.random() < 0.15:  # the margin
        x = float(rng.uniform(0.03, 0.15) * width)
        _line(layer, (x, 0.0), (x - slope * height, height), weight, thickness)
    if strength > 0.5 and spacing > 8:
        cv2.GaussianBlur(layer, (3, 3), 0, dst=layer)
    lay_ink(paper, layer, 0, 0, 0.0)


def lay_ink(paper: Image, ink: Image, x: int, y: int, reflectance: float, opaque: bool = False) -> None:
    """Lay ink on paper, in place, its left top corner at column x and row y; what lies outside is cut off.

    ink: (h, w) uint8, 0 none … 255 full. reflectance: what full ink leaves of the light, 0..1. opaque: chalk,
    which covers what is below it instead of dimming it.
    """
    top, left = max(0, -y), max(0, -x)
    bottom, right = min(ink.shape[0], paper.shape[0] - y), min(ink.shape[1], paper.shape[1] - x)
    if bottom <= top or right <= left:
        return
    ink = ink[top:bottom, left:right]
    below = paper[y + top : y + bottom, x + left : x + right]
    if opaque:
        share = ink.astype(np.float32) * (1 / 255)
        below += (share * (255.0 * reflectance - below)).astype(np.int16).astype(np.uint8)
    else:
        lost = cv2.convertScaleAbs(ink, alpha=1.0 - reflectance)
        below[:] = cv2.multiply(below, cv2.bitwise_not(lost), scale=1 / 255)


def add_desk(rng: np.random.Generator, paper: Image, inset: float = 0.06) -> None:
    """Let a desk show beside one to three edges of the paper, in place. inset: its greatest share of each
    side."""
    height, width = paper.shape
    edges = rng.uniform(0.2, 1.0, 8) * inset * np.repeat(rng.random(4) < 0.5, 2)
    edges[edges == 0] = -0.05
    (l0, l1, t0, t1, r0, r1, b0, b1) = (edges * np.repeat([width, height, width, height], 2)).tolist()
    corners = np.array([(l0, t0), (width - r0, t1), (width - r1, height - b1), (l1, height - b0)])
    mask = np.zeros_like(paper)
    cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    level = float(rng.uniform(12, 150))
    desk = level + noise(rng, height, width, grain=4.0) * (0.08 * level) + clouds(rng, height, width, 4) * (0.1 * level)
    shadow = cv2.GaussianBlur(mask, (0, 0), 3.0)  # the paper's edge casts one on the desk
    desk *= 1.0 - shadow * (0.4 / 255)
    np.copyto(paper, np.clip(desk, 0, 255).astype(np.uint8), where=mask < 128)


def _specks(rng: np.random.Generator, paper: Image) -> None:
    """Dirt and fibres."""
    height, width = paper.shape
    for _ in range(int(rng.integers(1, 12))):
        x, y = (rng.random(2) * (width, height)).tolist()
        dx, dy = rng.normal(0, 1.5, 2).tolist()
        under = int(paper[int(y), int(x)])
        _line(paper, (x, y), (x + dx, y + dy), int(under * rng.uniform(0.5, 0.95)), 1)


def _line(layer: Image, start: tuple[float, float], end: tuple[float, float], value: float, thickness: int) -> None:
    """An anti-aliased line between points in pixels."""
    a, b = (tuple(math.floor(v * 16 + 0.5) for v in point) for point in (start, end))
    cv2.line(layer, a, b, (int(value),), thickness, cv2.LINE_AA, 4)
