"""Surfaces: paper of many kinds, and the desks, cloths and rooms around a sheet. Values are reflectance, 0..1."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.texture import clouds, noise
from train.data.pool import Pictures

Surface = NDArray[np.float32]

_GRAINS = (0.0, 0.7, 1.4, 2.8, 5.6)
"""Few values: each has its own field of noise."""


def paper(
    height: int, width: int, base: float, grain: float, coarsest: float, pictures: Pictures, random: np.random.Generator
) -> Surface:
    """A sheet (height, width) of reflectance ``base``. grain: standard deviation of its roughness, a share of the
    base; coarsest: the largest grain's size in pixels."""
    sheet = np.ones((height, width), np.float32)
    if grain > 0.002:
        if "paper" in pictures.groups and random.random() < 0.25:
            texture = texture_of(crop(pictures, "paper", height, width, random))
            sheet += texture * np.float32(grain)
        else:
            sizes = [g for g in _GRAINS if g <= max(coarsest, 0.7)]
            chosen = random.choice(sizes, int(random.integers(1, 3)))
            for size in set(chosen.tolist()):
                sheet += noise(random, height, width, size) * np.float32(grain / len(set(chosen.tolist())) ** 0.5)
        if random.random() < 0.15:
            _fibres(sheet, grain, random)
    if random.random() < 0.4:
        sheet += clouds(random, height, width, int(random.integers(2, 7))) * np.float32(random.uniform(0, 0.025))
    return sheet * np.float32(base)


def folds(sheet: Surface, random: np.random.Generator) -> None:
    """Fold or crumple a sheet, in place."""
    height, width = sheet.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    crumpled = random.random() < 0.4
    for _ in range(int(random.integers(3, 10)) if crumpled else 1):
        angle = random.uniform(0, 6.3) if crumpled else random.choice([0, np.pi / 2]) + random.normal(0, 0.1)
        across = (x - random.uniform(0, width)) * np.float32(np.cos(angle))
        across += (y - random.uniform(0, height)) * np.float32(np.sin(angle))
        sharp = np.float32(np.exp(random.uniform(0, 2.3)))
        step = np.tanh(across / sharp) * np.exp(-np.abs(across) / np.float32(random.uniform(15, 150)))
        sheet *= 1 + np.float32(random.uniform(-0.1, 0.1)) * step
        if not crumpled:
            sheet *= 1 + np.float32(random.uniform(-0.12, 0.06)) * np.exp(-((across / sharp) ** 2))


def room(height: int, width: int, pictures: Pictures, random: np.random.Generator) -> Surface:
    """What lies around or under a sheet: a photographed scene, a plain desk, wood, cloth."""
    kind = random.random()
    if kind < 0.7 and "scene" in pictures.groups:
        picture = crop(pictures, "scene", height, width, random)
        return picture * np.float32(random.uniform(0.3, 1.0)) + np.float32(random.uniform(0, 0.15))
    base = float(random.uniform(0.03, 0.8)) if random.random() < 0.5 else float(random.uniform(0.02, 0.2))
    desk = np.full((height, width), base, np.float32)
    if kind < 0.8:
        desk *= 1 + noise(random, height, width, float(random.choice(_GRAINS[1:4]))) * np.float32(
            random.uniform(0, 0.2)
        )
    elif kind < 0.92:
        angle, count = random.choice([0, np.pi / 2]) + random.normal(0, 0.2), random.uniform(0.03, 0.5)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
        wavy = along * np.float32(count) + noise(random, height, width, 5.6) * np.float32(random.uniform(0, 1.0))
        desk *= 1 + np.sin(wavy) * np.float32(random.uniform(0.02, 0.3))
    else:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        first, second = (np.float32(p) for p in random.uniform(0.3, 2.2, 2))
        desk *= 1 + (np.sin(x * first) + np.sin(y * second)) * np.float32(random.uniform(0.02, 0.15))
        desk *= 1 + noise(random, height, width, 0.7) * np.float32(random.uniform(0, 0.1))
    return np.clip(desk, 0.0, 1.0)


def crop(pictures: Pictures, group: str, height: int, width: int, random: np.random.Generator) -> Surface:
    """A random cut of a random picture, (height, width) float32 0..1."""
    first, count = pictures.groups[group]
    picture = pictures.picture(first + int(random.integers(count)))
    rows, columns = picture.shape
    fits = min(rows / height, columns / width)
    part = fits * float(np.exp(random.uniform(np.log(0.35), 0)))
    h, w = max(2, int(height * part)), max(2, int(width * part))
    top, left = int(random.integers(rows - h + 1)), int(random.integers(columns - w + 1))
    piece = picture[top : top + h, left : left + w]
    smooth = cv2.INTER_AREA if part > 1 else cv2.INTER_CUBIC
    resized = cv2.resize(piece, (width, height), interpolation=smooth)
    if random.random() < 0.5:
        resized = resized[:, ::-1]
    return resized.astype(np.float32) * np.float32(1 / 255)


def texture_of(picture: Surface) -> Surface:
    """A picture's roughness: without its light, mean 0, standard deviation 1."""
    small = cv2.resize(picture, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    light = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3), picture.shape[::-1], interpolation=cv2.INTER_LINEAR)
    rough = np.clip(picture - light, -0.2, 0.2)
    return np.clip(rough / max(float(rough.std()), 0.004), -4, 4)


def _fibres(sheet: Surface, grain: float, random: np.random.Generator) -> None:
    """Short hairs lighter or darker than the paper, in place."""
    height, width = sheet.shape
    drawn = np.zeros((height, width), np.int16)
    for _ in range(int(random.integers(5, 60))):
        start = random.uniform(0, (width, height))
        course = random.uniform(0, 6.3) + np.cumsum(random.normal(0, 0.3, 5))
        steps = np.stack([np.cos(course), np.sin(course)], 1) * random.uniform(1, 6)
        points = np.round((start + np.cumsum(steps, axis=0)) * 16).astype(np.int32)
        cv2.polylines(drawn, [points.reshape(-1, 1, 2)], False, (int(random.choice([-100, 100])),), 1, cv2.LINE_8, 4)
    sheet += drawn * np.float32(min(2 * grain, 0.1) / 100)
