"""The layers that a page is drawn on, as the camera sees them, and the digits' boxes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.texture import noise
from train.data.glyphs.fields import STEPS, Field

Layer = NDArray[np.float32]
Corners = NDArray[np.float32]

DONT_CARE, TOO_SMALL = -1, -2
NOT_ASKED = -3
"""A glyph that gets no box."""
CUT_OFF, WRITING = -4, -5
"""A digit of which the picture shows a part; what is written or printed and is no digit: a word, a sign, a drawing."""

SMALLEST = 8
"""Pixels of the longer side below which a digit is not asked for."""
_INKED = 0.35
_GONE = 0.04
"""Share of a digit's ink that must be visible for it to be there at all."""
_CELL = 8
_MOST_PIXELS = 2000
"""No glyph is larger, and no line is drawn farther from the picture."""
_LEVELS = np.arange(256, dtype=np.float32) / STEPS


@dataclass
class Canvas:
    """Layers (H, W) float32, each the share of a pixel that is covered: ink is what was written, print what was printed
    darker or lighter than it, rules the paper's own lines, digits the part of ink that is digits. view: (3, 3) takes a
    page's x, y to pixels. whole: share of a digit's ink that must be visible for it to be asked for. boxes: x0, y0, x1,
    y1, label of each digit."""

    height: int
    width: int
    view: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    whole: float = 0.92
    boxes: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        shape = (self.height, self.width)
        self.ink, self.digits, self.print, self.rules = (np.zeros(shape, np.float32) for _ in range(4))
        self._linear, self._moved = self.view[:, :2].T, self.view[:, 2]
        self._occupied = np.zeros((self.height // _CELL + 1, self.width // _CELL + 1), np.bool_)

    def to_pixels(self, points: NDArray[np.float64]) -> Corners:
        """Points (N, 2) of the page as the camera sees them."""
        mapped = points @ self._linear + self._moved
        return (mapped[:, :2] / mapped[:, 2:]).astype(np.float32)

    def draw(
        self,
        glyph: Field,
        corners: Corners,
        pen: float,
        layer: Layer,
        strength: float = 1.0,
        label: int = NOT_ASKED,
        wobble: tuple[np.random.Generator, float] | None = None,
    ) -> bool:
        """Draw a distance field whose corners (from the top left, clockwise) come to stand at ``corners``, pixels.

        pen: the line's width in pixels. strength: of its ink, 0..1. label: what its box is to say. wobble: by how much
        of itself the line's width wavers. Returns whether any of it is in the picture.
        """
        left, top, right, foot = _bounds(corners)
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, self.width), min(foot, self.height)
        if x0 >= x1 or y0 >= y1 or max(right - left, foot - top) > _MOST_PIXELS:
            return False
        rows, columns = glyph.shape
        source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) - 0.5
        target = corners - np.array([left + 0.5, top + 0.5], np.float32)
        matrix = cv2.getPerspectiveTransform(source, target)
        scale = math.sqrt(max(_area(corners), 1e-3) / (rows * columns))
        size = (right - left, foot - top)
        # Eight bits are too coarse where one pixel of the field becomes many.
        drawn = glyph.astype(np.float32) if scale > 3 else glyph
        near = cv2.warpPerspective(drawn, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(255,))
        # A line thinner than a pixel covers it in part only.
        half, thin = max(pen, 0.8) / 2 + 0.5, min(1.0, max(0.35, pen / 0.8))
        if near.dtype == np.uint8 and wobble is None:
            table = np.clip(half - _LEVELS * scale, 0, 1) * np.float32(thin * strength)
            covered = cast(Layer, cv2.LUT(near, table))
        else:
            covered = np.float32(half) - near * np.float32(scale / STEPS)
            if wobble is not None:
                random, amount = wobble
                covered += noise(random, size[1], size[0], 4.0) * np.float32(amount * pen)
            covered = cast(Layer, np.clip(covered, 0, 1) * np.float32(thin * strength))
        inside = covered[y0 - top : y1 - top, x0 - left : x1 - left]
        if label != NOT_ASKED and not self._add_box(covered, inside, x0, y0, label, strength * thin):
            return False
        np.maximum(layer[y0:y1, x0:x1], inside, out=layer[y0:y1, x0:x1])
        if label not in (NOT_ASKED, WRITING) and layer is self.ink:
            np.maximum(self.digits[y0:y1, x0:x1], inside, out=self.digits[y0:y1, x0:x1])
        self.occupy(x0, y0, x1, y1)
        return True

    def line(self, layer: Layer, points: NDArray[np.float64], width: float, strength: float = 1.0) -> None:
        """Draw a line through points (N, 2) of the page, or K lines through points (K, N, 2), ``width`` pixels wide."""
        fixed = np.round(self.to_pixels(points.reshape(-1, 2)) * 16)
        # OpenCV counts in 32 bits, and takes long over what is far outside.
        fixed = np.clip(fixed, -_MOST_PIXELS * 16, _MOST_PIXELS * 32).astype(np.int32)
        thick, thin = max(1, round(width)), min(1.0, width)
        (left, top), (right, foot) = (fixed.min(axis=0) >> 4).tolist(), (fixed.max(axis=0) >> 4).tolist()
        x0, y0 = max(left - thick - 1, 0), max(top - thick - 1, 0)
        x1, y1 = min(right + thick + 2, self.width), min(foot + thick + 2, self.height)
        if x0 >= x1 or y0 >= y1:
            return
        drawn = np.zeros((y1 - y0, x1 - x0), np.uint8)
        lines = (fixed - np.array([x0 << 4, y0 << 4], np.int32)).reshape(-1, points.shape[-2], 1, 2)
        cv2.polylines(drawn, list(lines), False, (round(255 * strength * thin),), thick, cv2.LINE_AA, 4)
        window = layer[y0:y1, x0:x1]
        np.maximum(window, drawn * np.float32(1 / 255), out=window)

    def free(self, points: NDArray[np.float64]) -> bool:
        """Whether nothing was drawn where points (N, 2) of the page span a box."""
        pixels = self.to_pixels(points)
        x0, y0 = np.clip(pixels.min(axis=0), 0, None).astype(int)
        x1, y1 = pixels.max(axis=0).astype(int)
        if x1 < 0 or y1 < 0:
            return True
        return not self._occupied[y0 // _CELL : y1 // _CELL + 1, x0 // _CELL : x1 // _CELL + 1].any()

    def occupy(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Remember that something stands at these pixels."""
        self._occupied[y0 // _CELL : y1 // _CELL + 1, x0 // _CELL : x1 // _CELL + 1] = True

    def spoil(self, points: NDArray[np.float64]) -> None:
        """What stands amid points (N, 2) of the page, a crossed-out number say, is asked for no longer."""
        pixels = self.to_pixels(points)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        for index, (x0, y0, x1, y1, label) in enumerate(self.boxes):
            inside = low[0] < (x0 + x1) / 2 < high[0] and low[1] < (y0 + y1) / 2 < high[1]
            if inside and label >= 0:
                self.boxes[index] = (x0, y0, x1, y1, DONT_CARE)

    def disregard(self, corners: Corners) -> None:
        """Nobody asks what stands amid these pixels (4, 2): a box of don't care, as far as it is in the picture."""
        x0, y0 = np.clip(np.floor(corners.min(axis=0)), 0, (self.width, self.height)).astype(int).tolist()
        x1, y1 = np.clip(np.ceil(corners.max(axis=0)), 0, (self.width, self.height)).astype(int).tolist()
        if x1 - x0 > 1 and y1 - y0 > 1:
            self.boxes.append((x0, y0, x1, y1, DONT_CARE))

    def cover(self, mask: Layer) -> None:
        """Put something opaque over the page, mask (H, W) 0..1: digits under it go, those half under it are don't
        care."""
        open_ = 1 - mask
        for layer in (self.ink, self.digits, self.print, self.rules):
            layer *= open_
        kept = []
        for x0, y0, x1, y1, label in self.boxes:
            hidden = float(mask[y0:y1, x0:x1].mean())
            if hidden < 0.9:
                kept.append((x0, y0, x1, y1, label if hidden < 0.03 else DONT_CARE))
        self.boxes = kept

    def _add_box(self, covered: Layer, inside: Layer, x0: int, y0: int, label: int, full: float) -> bool:
        """The box of a digit's visible ink; False where none is in the picture."""
        visible = float(inside.sum()) / max(float(covered.sum()), 1e-6)
        inked = inside > _INKED * full
        columns, rows = np.flatnonzero(inked.any(axis=0)), np.flatnonzero(inked.any(axis=1))
        if visible < _GONE or not len(columns):
            return False
        box = (x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)
        if label == WRITING:
            pass
        elif visible < self.whole:
            label = CUT_OFF
        elif max(box[2] - box[0], box[3] - box[1]) < SMALLEST:
            label = TOO_SMALL
        self.boxes.append((*box, label))
        return True


def _bounds(corners: Corners) -> tuple[int, int, int, int]:
    """The whole pixels that four points span: left, top, right, foot."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners.tolist()
    left, top, right, foot = min(ax, bx, cx, dx), min(ay, by, cy, dy), max(ax, bx, cx, dx), max(ay, by, cy, dy)
    return math.floor(left), math.floor(top), math.ceil(right), math.ceil(foot)


def _area(corners: Corners) -> float:
    """Of a quadrangle: half the product of its diagonals."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners.tolist()
    return 0.5 * abs((cx - ax) * (dy - by) - (cy - ay) * (dx - bx))


def turned(height: int, width: int, degrees: float, tilt: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.float64]:
    """The view of a page turned about the picture's middle, counter-clockwise as it is seen, and tilted: how much
    farther the right and the lower edge are, as a share."""
    cx, cy = width / 2, height / 2
    angle = math.radians(-degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    to_middle = np.array([[1, 0, -cx], [0, 1, -cy], [0, 0, 1.0]])
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [tilt[0] / max(width, 1), tilt[1] / max(height, 1), 1.0]])
    return cast(NDArray[np.float64], np.linalg.inv(to_middle) @ turn @ to_middle)
