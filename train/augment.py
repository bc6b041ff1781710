"""Pen, paper, light and camera, in the order in which they happen: what a sheet of digits looks like photographed."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.synthesis import camera, light, paper, pen
from edge_digits.synthesis.pen import Pen
from edge_digits.synthesis.texture import clouds
from edge_digits.types import Image

_CHALK_SHARE = 0.06
_RULED_SHARE, _SQUARED_SHARE = 0.12, 0.08


def random_pen(height: float, random: np.random.Generator) -> Pen:
    """A pen for digits that are ``height`` pixels high; now and then chalk."""
    return pen.random_pen(random, height, "chalk" if random.random() < _CHALK_SHARE else None)


def photograph(coverage: Image, used: Pen, height: float, random: np.random.Generator) -> Image:
    """A photograph of a sheet, straight from above, so that everything stays in its place.

    coverage: (H, W) uint8, 0 paper … 255 ink. used: the pen it was written with. height: of its digits in pixels,
    to which rules and blur are in proportion. Returns (H, W) uint8 grey.
    """
    kind = _paper_kind(used, random)
    spacing = height * random.uniform(0.5, 1.0) if kind == "squared" else height * random.uniform(1.0, 1.8)
    scene = paper.random_paper(random, *coverage.shape, kind=kind, spacing=max(6.0, spacing))
    paper.lay_ink(scene, coverage, 0, 0, used.reflectance, opaque=used.kind == "chalk")
    lit = light.lit(scene, light.random_light(random, *coverage.shape))
    finest = max(1.5, 0.5 * used.width, random.uniform(0.03, 0.08) * height)
    return camera.photograph(random, lit, camera.random_shot(random, finest))


def _paper_kind(used: Pen, random: np.random.Generator) -> str:
    if used.kind == "chalk":
        return "board"
    choice = random.random()
    if choice < _RULED_SHARE:
        return "ruled"
    return "squared" if choice < _RULED_SHARE + _SQUARED_SHARE else "plain"


def photograph_blank(height: float, random: np.random.Generator) -> Image:
    """A photograph without writing, for digits of ``height`` pixels: paper with rules, lines, a table or a frame, the
    edge of a sheet on a desk, or cloth and wood. Returns (H, W) uint8 grey."""
    rows, columns = (int(np.clip(height * random.uniform(6, 14), 240, 1400)) for _ in range(2))
    kind = str(random.choice(["plain", "ruled", "ruled", "squared", "board"]))
    scene = paper.random_paper(random, rows, columns, kind=kind, spacing=max(6.0, height * random.uniform(0.5, 2.0)))
    choice = random.random()
    if choice < 0.25:
        _roughen(scene, height, random)
    if choice > 0.15:
        lines = np.zeros_like(scene)
        for _ in range(int(random.integers(0, 14))):
            _draw_line(lines, height, random)
        paper.lay_ink(scene, lines, 0, 0, random.uniform(0.05, 0.6), opaque=kind == "board")
    if random.random() < 0.4:
        paper.add_desk(random, scene, inset=random.uniform(0.06, 0.3))
    lit = light.lit(scene, light.random_light(random, rows, columns))
    view = camera.random_view(random, rows, columns) if random.random() < 0.6 else None
    return camera.photograph(random, lit, camera.random_shot(random, max(1.5, 0.06 * height)), view)


def _roughen(scene: Image, height: float, random: np.random.Generator) -> None:
    """Give the sheet the texture of cloth, wood or rough plaster, in place."""
    rows, columns = scene.shape
    cells = max(4, int(max(rows, columns) / (height * random.uniform(0.15, 0.8))))
    rough = clouds(random, rows, columns, min(cells, 120)) * random.uniform(5, 45)
    np.copyto(scene, np.clip(scene + rough, 0, 255).astype(np.uint8))


def _draw_line(coverage: Image, height: float, random: np.random.Generator) -> None:
    """One line as tables, frames and underlines have it: level or upright, solid, broken or dotted, or a whole box."""
    rows, columns = coverage.shape
    thickness = max(1, round(height * float(np.exp(random.uniform(np.log(0.02), np.log(0.15))))))
    length = height * float(np.exp(random.uniform(np.log(0.5), np.log(10))))
    start = random.random(2) * (columns, rows)
    if random.random() < 0.2:
        size = np.array([length, height * random.uniform(0.8, 2.5)])
        cv2.rectangle(coverage, _point(start), _point(start + size), 255, thickness, cv2.LINE_AA)
        return
    angle = random.normal(0, 0.06) + (np.pi / 2 if random.random() < 0.25 else 0.0)
    along = np.linspace(0, length, max(2, int(length / (0.1 * height))))[:, None]
    path = start + along * (np.cos(angle), np.sin(angle)) + random.normal(0, 0.01 * height, (len(along), 2)).cumsum(0)
    pieces = [path]
    if random.random() < 0.3:
        pieces = [path[i : i + 3] for i in range(0, len(path) - 2, int(random.integers(4, 9)))]
    for piece in pieces:
        cv2.polylines(coverage, [np.round(piece * 16).astype(np.int32)], False, (255,), thickness, cv2.LINE_AA, 4)


def _point(place: np.ndarray) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))
