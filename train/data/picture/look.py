"""What kind of picture it is: screen, scan, photograph, board; and the picture of a canvas in that look."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.texture import clouds, noise
from edge_digits.types import Image
from train.data.glyphs.pool import Pictures
from train.data.page.canvas import Canvas, Layer
from train.data.picture import surface
from train.data.picture.camera import Camera, take
from train.data.picture.light import light

KINDS = ("screen", "scan", "clean", "rough", "pencil", "board")
_WEIGHTS = (0.13, 0.14, 0.31, 0.24, 0.12, 0.06)
"""More than half of the pictures are as clean as most are."""


@dataclass(frozen=True)
class Look:
    """kind: one of KINDS. base: reflectance of the paper; contrast, print, rules: how much light ink, print and the
    paper's lines take (on a board: ink gives), 0..1. grain: of the paper, standard deviation as a share of its base;
    coarsest: its largest size in pixels. mottle: how unevenly ink lies, 0..1. uneven, shadows: see ``light``. folded:
    whether the sheet is. inverted: black and white exchanged. binary: only black and white."""

    kind: str
    base: float
    contrast: float
    print: float
    rules: float
    grain: float
    coarsest: float
    mottle: float
    uneven: float
    shadows: int
    folded: bool
    inverted: bool
    binary: bool
    camera: Camera


def random_look(height: float, pen: float, random: np.random.Generator, kind: str | None = None) -> Look:
    """A look in which digits ``height`` pixels high can be read, their lines ``pen`` pixels wide."""
    kind = kind or str(random.choice(KINDS, p=_WEIGHTS))
    plain = kind in ("screen", "scan")
    low, high = {
        "screen": (0.75, 1.0), "scan": (0.5, 0.97), "clean": (0.35, 0.9), "rough": (0.22, 0.9), "pencil": (0.07, 0.3),
        "board": (0.4, 0.95),
    }[kind]  # fmt: skip
    contrast = float(random.uniform(low, high))
    if pen < 1.6:
        contrast = max(contrast, 0.16)
    # What grain and noise a line stands: a wide one is seen through more.
    bearable = contrast * min(0.4, 0.13 * math.sqrt(min(max(pen, 1.0), 12.0)))
    grain = {"screen": 0.0, "scan": 0.012, "clean": 0.014, "rough": 0.16, "pencil": 0.03, "board": 0.08}[kind]
    grain = min(bearable, grain * float(random.random()) ** 1.5)
    return Look(
        kind=kind,
        base=1.0
        if plain
        else float(random.uniform(0.12, 0.35))
        if kind == "board"
        else float(random.uniform(0.7, 1.0)),
        contrast=contrast,
        print=float(random.uniform(0.4, 0.95)),
        rules=float(random.uniform(0.05, 0.35)) if random.random() < 0.75 else float(random.uniform(0.3, 0.8)),
        grain=grain,
        coarsest=float(random.uniform(0.7, 2.0))
        if kind != "rough"
        else float(random.uniform(0.7, max(1.5, 0.08 * height))),
        mottle=0.0 if kind == "screen" else float(random.uniform(0, 0.5)) if random.random() < 0.5 else 0.05,
        uneven=0.0 if plain else float(random.random()) ** (1.0 if kind == "rough" else 1.6),
        shadows=0 if plain or random.random() < (0.55 if kind == "rough" else 0.8) else int(random.integers(1, 3)),
        folded=kind in ("clean", "rough", "pencil") and random.random() < 0.1,
        inverted=kind == "screen" and random.random() < 0.15,
        binary=kind == "scan" and random.random() < 0.2,
        camera=_camera(kind, height, pen, bearable, random),
    )


def _camera(kind: str, height: float, pen: float, bearable: float, random: np.random.Generator) -> Camera:
    tall = min(height, 80.0)
    jpeg = int(random.integers(55, 97)) if random.random() < 0.7 else 0
    if kind == "screen":
        return Camera(blur=0.5 * float(random.random()) if random.random() < 0.3 else 0.0, quality=jpeg)
    if kind == "scan":
        return Camera(
            blur=float(random.uniform(0.2, 0.8)),
            exposure=float(random.uniform(245, 275)),
            noise=float(random.uniform(0, 2.5)),
            smaller=float(random.uniform(1.0, max(1.0, min(2.0, tall / 16)))) if random.random() < 0.3 else 1.0,
            quality=jpeg,
        )
    rough = kind == "rough"
    exposure = float(random.uniform(120, 240)) if random.random() < 0.75 else float(random.uniform(45, 130))
    most_noise = bearable * exposure * 0.8
    return Camera(
        blur=float(random.uniform(0.4, 1.0)) if not rough else float(random.uniform(0.4, max(0.7, 0.04 * tall))),
        motion=float(random.uniform(1.5, max(2.0, 0.12 * tall))) if rough and random.random() < 0.15 else 0.0,
        smaller=float(random.uniform(1.0, max(1.0, min(2.5, tall / 14))))
        if random.random() < (0.35 if rough else 0.2)
        else 1.0,
        exposure=exposure,
        gamma=float(random.uniform(0.75, 1.3)),
        noise=min(most_noise, float(random.uniform(2, 14)) if rough else float(random.uniform(0.4, 3))),
        noise_size=float(random.choice([0.0, 0.7, 0.7, 1.4])) if rough else float(random.choice([0.0, 0.7])),
        sharpen=float(random.uniform(0.2, 1.2)) if random.random() < 0.25 else 0.0,
        quality=int(random.integers(25, 96)) if random.random() < 0.75 else 0,
    )


def picture(
    canvas: Canvas, look: Look, pictures: Pictures, random: np.random.Generator, beyond: Layer | None = None
) -> Image:
    """The canvas as a picture (H, W) uint8. beyond: (H, W) 0..1 where the sheet ends and a desk begins."""
    height, width = canvas.height, canvas.width
    page = surface.paper(height, width, look.base, look.grain, look.coarsest, pictures, random)
    if look.folded:
        surface.folds(page, random)
    ink = canvas.ink
    if look.mottle > 0.1:
        uneven = noise(random, height, width, float(random.choice([0.7, 1.4, 2.8]))) * np.float32(0.5 * look.mottle)
        ink = ink * np.clip(1 - np.float32(0.4 * look.mottle) - uneven, 0, 1)
        ink *= np.clip(1 + clouds(random, height, width, 6) * np.float32(0.25 * look.mottle), 0.4, 1)
    for layer, strength in ((canvas.rules, look.rules), (canvas.print, look.print), (ink, look.contrast)):
        if look.kind == "board":
            page += layer * np.float32(strength) * (1 - page)
        else:
            page *= 1 - layer * np.float32(strength)
    if beyond is not None:
        page = _on_a_desk(page, beyond, pictures, random)
    if look.uneven > 0.02 or look.shadows:
        page *= light(height, width, look.uneven, look.shadows, random)
    camera = look.camera
    if look.kind == "board":
        page *= np.float32(random.uniform(0.8, 1.1))
    taken = take(page, camera, random)
    if look.binary:
        limit = float(random.uniform(0.45, 0.8)) * float(np.percentile(taken, 90))
        taken = np.asarray(np.where(taken > limit, 255, 0), np.uint8)
    return np.asarray(255 - taken, np.uint8) if look.inverted else taken


def _on_a_desk(page: Layer, beyond: Layer, pictures: Pictures, random: np.random.Generator) -> Layer:
    """A page whose outside is a desk, with the sheet's shadow on it."""
    height, width = page.shape
    desk = surface.room(height, width, pictures, random)
    if random.random() < 0.6:
        soft = cv2.GaussianBlur(1 - beyond, (0, 0), float(random.uniform(1, 8)))
        desk *= 1 - np.asarray(soft, np.float32) * np.float32(random.uniform(0.2, 0.7))
    return np.asarray(page + (desk - page) * beyond, np.float32)


def noise_picture(height: int, width: int, random: np.random.Generator) -> Image:
    """Nothing but noise: a sensor in the dark, salt, black and white, uniform."""
    kind = int(random.integers(5))
    if kind == 0:
        level, swing = random.uniform(0, 60), random.uniform(2, 25)
        grain = noise(random, height, width, float(random.choice([0.0, 0.7, 1.4])))
        values = np.float32(level) + grain * np.float32(swing)
    elif kind == 1:
        values = np.where(random.random((height, width), np.float32) < random.uniform(0.001, 0.05), 255, 0)
        values = values + noise(random, height, width) * np.float32(random.uniform(0, 8))
    elif kind == 2:
        values = np.where(random.random((height, width), np.float32) < random.uniform(0.1, 0.9), 255, 0)
    elif kind == 3:
        values = random.random((height, width), np.float32) * 255
    else:
        grain = noise(random, height, width, float(random.choice([0.7, 1.4, 2.8, 5.6])))
        values = np.float32(random.uniform(40, 220)) + grain * np.float32(random.uniform(3, 50))
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def hard_to_see(image: Image, digits: NDArray[np.float32], box: tuple[int, int, int, int]) -> bool:
    """Whether a digit's ink hardly differs from what is around it. digits: (H, W) its coverage."""
    height, width = image.shape
    x0, y0, x1, y1 = max(0, box[0] - 3), max(0, box[1] - 3), min(width, box[2] + 3), min(height, box[3] + 3)
    own, ink = image[y0:y1, x0:x1].astype(np.float32), digits[y0:y1, x0:x1]
    inked, around = ink > 0.5 * max(float(ink.max()), 0.2), ink < 0.08
    count = int(inked.sum())
    if count < 3 or int(around.sum()) < 3:
        return True
    difference = abs(float(own[inked].mean()) - float(own[around].mean()))
    return difference < 4 or difference < (0.75 if count > 60 else 0.95) * float(own[around].std())
