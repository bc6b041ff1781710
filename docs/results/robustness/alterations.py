"""What cameras, light and paper do to a picture, done to pictures that there are; the same picture comes out the same.

Pictures are (H, W) uint8, grey. Lengths are shares of the longer side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Image, as_image

Alteration = Callable[[Image], Image]


def scaled(grey: Image, factor: float) -> Image:
    """Smaller or larger by ``factor``."""
    size = tuple(max(1, round(side * factor)) for side in grey.shape[::-1])
    return as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC))


def at_most(grey: Image, longer: int) -> Image:
    """Reduced to ``longer`` pixels, if it is larger."""
    return scaled(grey, longer / max(grey.shape)) if max(grey.shape) > longer else grey


def turned(grey: Image, degrees: float) -> Image:
    """Turned to the left, on ground that goes on as its edge is."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    along, across = abs(turn[0, 0]), abs(turn[0, 1])
    size = int(height * across + width * along), int(height * along + width * across)
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return as_image(cv2.warpAffine(grey, turn, size, borderMode=cv2.BORDER_REPLICATE))


def tilted(grey: Image, share: float) -> Image:
    """Seen from below: the upper edge is shorter by ``share`` at either end."""
    height, width = grey.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array([[width * share, 0], [width * (1 - share), 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    return as_image(cv2.warpPerspective(grey, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE))


def toned(grey: Image, gamma: float) -> Image:
    """Brightened (below 1) or darkened (above)."""
    return as_image(cv2.LUT(grey, np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)))


def fainter(grey: Image, share: float) -> Image:
    """With ``share`` of its contrast left."""
    middle = float(np.median(grey))
    return _limited(middle + (grey.astype(np.float32) - middle) * share)


def noisy(grey: Image, deviation: float) -> Image:
    """With a sensor's noise, grey levels."""
    return _limited(grey + np.random.default_rng(grey.size).normal(0, deviation, grey.shape))


def blurred(grey: Image, deviation: float) -> Image:
    """Out of focus."""
    return as_image(cv2.GaussianBlur(grey, (0, 0), deviation * max(grey.shape)))


def moved(grey: Image, length: float) -> Image:
    """Shaken while it was taken, at a slant."""
    side = max(3, round(length * max(grey.shape)))
    line = np.zeros((side, side), np.float32)
    line[side // 2] = 1
    line = cv2.warpAffine(line, cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), 30, 1), (side, side))
    return as_image(cv2.filter2D(grey, -1, line / line.sum(), borderType=cv2.BORDER_REPLICATE))


def compressed(grey: Image, quality: int) -> Image:
    """Through JPEG."""
    data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return as_image(np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)))


def shaded(grey: Image) -> Image:
    """Light falls from the left: less than half of it is left at the right."""
    return _limited(grey * np.linspace(1, 0.45, grey.shape[1]))


def vignetted(grey: Image) -> Image:
    """Darker towards the corners."""
    height, width = grey.shape
    y, x = np.mgrid[0:height, 0:width]
    distance = np.hypot((x - width / 2) / (width / 2), (y - height / 2) / (height / 2))
    return _limited(grey * (1 - 0.35 * np.minimum(distance, 1.4) ** 2))


def half_in_shadow(grey: Image, softness: float) -> Image:
    """Something stands in the light: half of the page is half as bright, with an edge as soft as that."""
    height, width = grey.shape
    light = np.ones((height, width), np.float32)
    corners = [[width * 0.3, 0], [width, 0], [width, height], [width * 0.6, height]]
    cv2.fillPoly(light, [np.rint(corners).astype(np.int32)], (0.5,))
    return _limited(grey * cv2.GaussianBlur(light, (0, 0), softness * max(grey.shape)))


def glared(grey: Image) -> Image:
    """A lamp shines on it."""
    height, width = grey.shape
    y, x = np.mgrid[0:height, 0:width]
    distance = ((x - width * 0.6) / (width / 4)) ** 2 + ((y - height * 0.4) / (height / 4)) ** 2
    return _limited(grey + 90 * np.exp(-distance))


def lined(grey: Image, ways: int, light: float) -> Image:
    """On ruled (1 way) or squared paper (2), whose lines let ``light`` through, 0..1."""
    height, width = grey.shape
    spacing, thick = max(grey.shape) / 22, max(1, round(max(grey.shape) / 900))
    paper = np.ones((height, width), np.float32)
    for place in np.arange(spacing, max(grey.shape), spacing):
        cv2.line(paper, (0, int(place)), (width, int(place + width * 0.01)), (light,), thick, cv2.LINE_AA)
        if ways == 2:
            cv2.line(paper, (int(place), 0), (int(place - height * 0.01), height), (light,), thick, cv2.LINE_AA)
    return _limited(grey * paper)


def on_desk(grey: Image, level: int) -> Image:
    """A picture lying askew on a plain desk of that grey level, two thirds as wide and high."""
    height, width = grey.shape
    desk = np.full((math.ceil(height * 1.5), math.ceil(width * 1.5)), level, np.uint8)
    desk[height // 4 : height // 4 + height, width // 4 : width // 4 + width] = grey
    return turned(desk, 3)


def inverted(grey: Image) -> Image:
    """Chalk for ink."""
    return as_image(cv2.bitwise_not(grey))


def _limited(values: NDArray[np.floating]) -> Image:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


ALTERATIONS: dict[str, Alteration] = {
    "half the size": partial(scaled, factor=0.5),
    "a third of the size": partial(scaled, factor=1 / 3),
    "one and a half times the size": partial(scaled, factor=1.5),
    "at most 640 pixels": partial(at_most, longer=640),
    "at most 320 pixels": partial(at_most, longer=320),
    "turned by 4 degrees": partial(turned, degrees=4),
    "turned by -10 degrees": partial(turned, degrees=-10),
    "turned by 15 degrees": partial(turned, degrees=15),
    "seen from below": partial(tilted, share=0.1),
    "brightened, gamma 0.6": partial(toned, gamma=0.6),
    "darkened, gamma 1.8": partial(toned, gamma=1.8),
    "half the contrast": partial(fainter, share=0.5),
    "noise of 6 grey levels": partial(noisy, deviation=6),
    "noise of 12 grey levels": partial(noisy, deviation=12),
    "blurred, 0.1 %": partial(blurred, deviation=0.001),
    "blurred, 0.2 %": partial(blurred, deviation=0.002),
    "shaken, 0.5 %": partial(moved, length=0.005),
    "JPEG, quality 30": partial(compressed, quality=30),
    "JPEG, quality 12": partial(compressed, quality=12),
    "light from the left": shaded,
    "darker corners": vignetted,
    "half in shadow, soft edge": partial(half_in_shadow, softness=0.02),
    "half in shadow, sharp edge": partial(half_in_shadow, softness=0.002),
    "glare": glared,
    "faint ruled lines": partial(lined, ways=1, light=0.88),
    "strong ruled lines": partial(lined, ways=1, light=0.75),
    "faint squares": partial(lined, ways=2, light=0.88),
    "strong squares": partial(lined, ways=2, light=0.75),
    "on a dark desk": partial(on_desk, level=50),
    "on a white desk": partial(on_desk, level=245),
    "inverted": inverted,
}
"""By what is said of them in ``docs/results/robustness.md``."""
