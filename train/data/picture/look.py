"""What kind of picture it is: screen, scan, photograph, board; and the picture of a canvas in that look."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.texture import clouds, noise
from edge_digits.types import Image
from train.data.page.canvas import Canvas, Layer
from train.data.picture import surface
from train.data.picture.camera import Camera, take
from train.data.picture.light import light
from train.data.pool import Pictures

KINDS = ("screen", "scan", "clean", "rough", "pencil", "board")


@dataclass(frozen=True)
class _Range:
    """How far the pictures of one kind go. weight: how often it is; contrast: least and most; grain: the most; even:
    how seldom light is far from even, an exponent; shadowed: how often there are shadows."""

    weight: float
    contrast: tuple[float, float]
    grain: float = 0.0
    even: float = 1.0
    shadowed: float = 0.0


_RANGES = {
    "screen": _Range(0.1, (0.75, 1.0)),
    "scan": _Range(0.15, (0.6, 0.97), grain=0.008),
    "clean": _Range(0.48, (0.45, 0.92), grain=0.016, even=2.5, shadowed=0.12),
    "rough": _Range(0.14, (0.25, 0.9), grain=0.16, even=1.2, shadowed=0.35),
    "pencil": _Range(0.09, (0.08, 0.35), grain=0.025, even=2.0, shadowed=0.2),
    "board": _Range(0.04, (0.4, 0.95), grain=0.06, even=2.0, shadowed=0.1),
}
"""Three quarters of the pictures are as clean as most are; statistics of ``tune`` were looked at for that."""


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
    kind = kind or str(random.choice(KINDS, p=[_RANGES[name].weight for name in KINDS]))
    limits = _RANGES[kind]
    plain, rough = kind in ("screen", "scan"), kind == "rough"
    contrast = float(random.uniform(*limits.contrast))
    if pen < 1.6:
        contrast = max(contrast, 0.16)
    if pen > 7 and kind != "pencil":
        # What draws so wide a line is a marker, and dark.
        contrast = max(contrast, float(random.uniform(0.5, 0.9)))
    # What grain and noise a line stands: a wide one is seen through more.
    bearable = contrast * min(0.4, 0.13 * math.sqrt(min(max(pen, 1.0), 12.0)))
    dark_rules = random.random() < 0.2
    return Look(
        kind=kind,
        base=float(random.uniform(0.12, 0.35) if kind == "board" else 1.0 if plain else random.uniform(0.75, 1.0)),
        contrast=contrast,
        print=float(random.uniform(0.4, 0.95)),
        rules=float(random.uniform(0.3, 0.8) if dark_rules else random.uniform(0.05, 0.35)),
        grain=min(bearable, limits.grain * float(random.random()) ** 2.5),
        coarsest=float(random.uniform(0.7, max(2.0, 0.08 * height) if rough else 2.0)),
        mottle=float(random.uniform(0, 0.5)) if not plain and random.random() < 0.5 else 0.05,
        uneven=0.0 if plain else float(random.random()) ** limits.even,
        shadows=int(random.integers(1, 3)) if random.random() < limits.shadowed else 0,
        folded=not plain and kind != "board" and random.random() < 0.1,
        inverted=kind == "screen" and random.random() < 0.15,
        binary=kind == "scan" and random.random() < 0.2,
        camera=_camera(kind, height, bearable, random),
    )


def _camera(kind: str, height: float, bearable: float, random: np.random.Generator) -> Camera:
    """A camera as its kind of pictures needs it. bearable: share of the light that noise may have."""
    # However large digits are, nobody's camera is worse than for these.
    tall = min(height, 80.0)
    quality = int(random.integers(55, 97)) if random.random() < 0.7 else 0
    fewer = float(random.uniform(1.0, max(1.0, min(2.2, tall / 15)))) if random.random() < 0.3 else 1.0
    if kind == "screen":
        return Camera(blur=0.5 * float(random.random()) if random.random() < 0.3 else 0.0, quality=quality)
    if kind == "scan":
        blur, noise_ = float(random.uniform(0.2, 0.8)), 2.0 * float(random.random()) ** 2
        return Camera(blur, smaller=fewer, exposure=float(random.uniform(245, 275)), noise=noise_, quality=quality)
    rough = kind == "rough"
    bright = random.random() < (0.65 if rough else 0.85)
    exposure = float(random.uniform(125, 225) if bright else random.uniform(45, 130))
    moved = rough and random.random() < 0.15
    swing = 1.5 + 12 * float(random.random()) ** 2 if rough else 2.6 * float(random.random()) ** 1.5
    return Camera(
        blur=float(random.uniform(0.4, max(0.7, 0.04 * tall) if rough else 1.0)),
        motion=float(random.uniform(1.5, max(2.0, 0.12 * tall))) if moved else 0.0,
        smaller=fewer,
        exposure=exposure,
        gamma=float(random.uniform(0.75, 1.3)),
        noise=min(0.8 * bearable * exposure, swing),
        noise_size=float(random.choice([0.0, 0.7, 0.7, 1.4] if rough else [0.0, 0.7])),
        sharpen=float(random.uniform(0.2, 1.2)) if random.random() < 0.25 else 0.0,
        quality=int(random.integers(25, 96)) if rough else quality,
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
    if look.grain and random.random() < 0.07:
        # What the sheet's other side says, seen through it.
        through = cv2.GaussianBlur(ink[:, ::-1], (0, 0), float(random.uniform(1, 3)))
        page *= 1 - np.asarray(through, np.float32) * np.float32(random.uniform(0.01, 0.08))
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
    if look.kind not in ("screen", "scan", "board"):
        # As cameras do, the exposure goes by what most of the picture is.
        bright = float(np.percentile(page[::8, ::8], 70))
        page *= np.float32(1 / max(bright, 0.05))
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
    pixels, ink = image[y0:y1, x0:x1].astype(np.float32), digits[y0:y1, x0:x1]
    inked, around = ink > 0.5 * max(float(ink.max()), 0.2), ink < 0.08
    count = int(inked.sum())
    if count < 3 or int(around.sum()) < 3:
        return True
    difference = abs(float(pixels[inked].mean()) - float(pixels[around].mean()))
    return difference < 4 or difference < (0.75 if count > 60 else 0.95) * float(pixels[around].std())
