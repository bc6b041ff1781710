"""Paper, light and camera, in the order in which they happen: what a sheet of digits looks like photographed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis import camera, pen
from edge_digits.synthesis.pen import Pen
from edge_digits.synthesis.texture import clouds, noise
from edge_digits.types import Image

_CHALK_SHARE = 0.06
_RULED_SHARE = 0.2


def random_pen(height: float, random: np.random.Generator) -> Pen:
    """A pen for digits that are ``height`` pixels high; now and then chalk."""
    return pen.random_pen(random, height, "chalk" if random.random() < _CHALK_SHARE else None)


def photograph(coverage: Image, used: Pen, height: float, random: np.random.Generator) -> Image:
    """A photograph of a sheet, straight from above, so that everything stays in its place.

    coverage: (H, W) uint8, 0 paper … 255 ink. used: the pen it was written with. height: of its digits in pixels,
    which limits the blur. Returns (H, W) uint8 grey.
    """
    lit = _paper(coverage.shape, used, height, random)
    ink = 1 - (coverage / np.float32(255))
    if used.kind == "chalk":
        scene = used.reflectance + (lit - used.reflectance) * ink
    else:
        scene = lit * (used.reflectance + (1 - used.reflectance) * ink)
    scene *= _light(coverage.shape, random)
    shot = camera.random_shot(random, finest=max(1.5, 0.5 * used.width, random.uniform(0.03, 0.08) * height))
    return camera.photograph(random, np.clip(scene * 255, 0, 255).astype(np.uint8), shot)


def _paper(shape: tuple[int, ...], used: Pen, height: float, random: np.random.Generator) -> NDArray[np.float32]:
    """Reflectance of the blank sheet or board, (H, W) float32 in 0..1: tone, grain, sometimes rules or squares."""
    h, w = shape
    tone = random.uniform(0.05, 0.25) if used.kind == "chalk" else random.uniform(0.65, 0.98)
    out = np.full((h, w), tone, np.float32)
    out += np.float32(random.uniform(0, 0.02)) * noise(random, h, w, 0.8)
    if random.random() < _RULED_SHARE and used.kind != "chalk":
        squared = random.random() < 0.4
        step = height * random.uniform(0.5, 1.0) if squared else height * random.uniform(1.0, 1.8)
        strength = 1 - random.uniform(0.05, 0.35)
        thickness = max(1, round(random.uniform(0.01, 0.025) * height))
        for at in np.arange(random.uniform(0, step), h, step).astype(int).tolist():
            out[at : at + thickness] *= strength
        if squared:
            for at in np.arange(random.uniform(0, step), w, step).astype(int).tolist():
                out[:, at : at + thickness] *= strength
    return out


def _light(shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.float32]:
    """Brightness of the light on the sheet, (H, W) float32: a gradient, and sometimes a shadow with a soft edge."""
    h, w = shape
    out = 1 + np.float32(random.uniform(0, 0.12)) * clouds(random, h, w, 2)
    if random.random() < 0.25:
        edge = clouds(random, h, w, 1) / np.float32(random.uniform(0.03, 0.5))
        out *= 1 - np.float32(random.uniform(0.1, 0.5)) / (1 + np.exp(-np.clip(edge, -30, 30)))
    return cv2.max(out, 0.1)
