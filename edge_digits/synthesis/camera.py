"""What a camera makes of a scene, in the order in which light and sensor do it: perspective, defocus and
motion blur, exposure and tone, noise, sharpening, JPEG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge_digits.synthesis.texture import noise
from edge_digits.types import Image


@dataclass(frozen=True, slots=True)
class Shot:
    """How one picture is taken.

    blur: standard deviation of the defocus in pixels. motion: length of the motion blur in pixels, angle: its
    direction in degrees. exposure: factor on the brightness, above 1 clips. tone: exponent of the tone curve,
    above 1 darkens the middle. haze: share of stray light that lifts black, 0..1. read_noise, shot_noise:
    standard deviations in grey levels of the constant noise, and of that which grows with the root of the
    brightness, at white. grain: blur of the noise in pixels, as denoising leaves it. sharpen: strength of the
    sharpening. jpeg: quality 1..100, 0 for none.
    """

    blur: float = 0.0
    motion: float = 0.0
    angle: float = 0.0
    exposure: float = 1.0
    tone: float = 1.0
    haze: float = 0.0
    read_noise: float = 0.0
    shot_noise: float = 0.0
    grain: float = 0.0
    sharpen: float = 0.0
    jpeg: int = 0


def random_shot(rng: np.random.Generator, finest: float = 4.0) -> Shot:
    """A camera in a hand or on a stand, mostly in focus and well exposed.

    finest: width in pixels of the finest line that must stay readable; blur is drawn in proportion to it.
    """
    blur, moving, motion, dim, dark, tone, hazy, haze, noisy, sharp, packed = rng.random(11).tolist()
    read = 0.3 + 3.0 * noisy**3
    return Shot(
        blur=0.3 + 0.3 * finest * blur * blur,
        motion=0.9 * finest * motion if moving < 0.2 else 0.0,
        angle=float(rng.uniform(0, 180)),
        exposure=0.5 + 0.25 * dark if dim < 0.2 else 0.75 + 0.35 * dark,
        tone=math.exp(0.4 * (tone - 0.5)),
        haze=0.25 * haze if hazy < 0.3 else 0.02,
        read_noise=read,
        shot_noise=read * float(rng.uniform(0.3, 1.5)),
        grain=(0.0, 0.7, 1.4)[int(rng.integers(3))],
        sharpen=max(0.0, 1.8 * sharp - 0.8),
        jpeg=0 if packed < 0.2 else int(rng.integers(35, 98)),
    )


def random_view(
    rng: np.random.Generator,
    height: int,
    width: int,
    tilt: float = 0.03,
    turn: float = 2.5,
    zoom: float = 0.03,
) -> NDArray[np.float64]:
    """How the camera is held: a (3, 3) homography from picture to picture about the middle.

    tilt: standard deviation of the corners' displacement as a share of the size. turn: of the rotation in
    degrees. zoom: of the scale's logarithm.
    """
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = (corners + rng.normal(0, tilt / 2, (4, 2)) * (width, height)).astype(np.float32)
    bent = cv2.getPerspectiveTransform(corners, moved)
    around = cv2.getRotationMatrix2D(
        (width / 2, height / 2), float(rng.normal(0, turn)), math.exp(float(rng.normal(0, zoom)))
    )
    return np.asarray(np.vstack([around, [0.0, 0.0, 1.0]]) @ bent, np.float64)


def photograph(
    rng: np.random.Generator,
    image: Image,
    shot: Shot | None = None,
    view: NDArray[np.floating] | None = None,
    size: tuple[int, int] | None = None,
) -> Image:
    """Photograph a lit scene.

    image: (H, W) uint8 brightness. shot: None takes a random one. view: (3, 3) homography from scene to
    picture, None for a camera held straight. size: (width, height) of the picture if it is not the scene's.
    Returns (height, width) uint8.
    """
    shot = shot or random_shot(rng)
    seen: MatLike = image
    if view is not None or size is not None:
        matrix = np.eye(3) if view is None else np.asarray(view, np.float64)
        size = size or (image.shape[1], image.shape[0])
        seen = cv2.warpPerspective(seen, matrix, size, borderMode=cv2.BORDER_REFLECT_101)
    if shot.blur > 0.2:
        seen = cv2.GaussianBlur(seen, (0, 0), shot.blur, borderType=cv2.BORDER_REPLICATE)
    if shot.motion > 1.0:
        seen = cv2.filter2D(seen, -1, _motion_kernel(shot.motion, shot.angle), borderType=cv2.BORDER_REPLICATE)
    seen = _expose(rng, seen, shot)
    if shot.sharpen > 0.05:
        soft = cv2.GaussianBlur(seen, (0, 0), 1.2)
        seen = cv2.addWeighted(seen, 1.0 + shot.sharpen, soft, -shot.sharpen, 0.0)
    if shot.jpeg:
        packed = cv2.imencode(".jpg", seen, (cv2.IMWRITE_JPEG_QUALITY, shot.jpeg))[1]
        seen = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    return cast(Image, seen)


def _motion_kernel(length: float, angle: float) -> NDArray[np.float32]:
    """A line of ``length`` pixels, its sum 1."""
    side = math.ceil(length) | 1
    kernel = np.zeros((side, side), np.uint8)
    middle, reach = (side - 1) / 2, (length - 1) / 2
    dx, dy = reach * math.cos(math.radians(angle)), reach * math.sin(math.radians(angle))
    ends = [(round((middle + s * dx) * 16), round((middle + s * dy) * 16)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], (255,), 1, cv2.LINE_AA, 4)
    return kernel.astype(np.float32) / max(float(kernel.sum()), 1.0)


def _expose(rng: np.random.Generator, image: MatLike, shot: Shot) -> MatLike:
    """Brightness to grey levels, with noise; both come from tables of the 256 levels."""
    light = np.minimum(np.linspace(0, shot.exposure, 256), 1.0)
    level = 255.0 * (shot.haze + (1.0 - shot.haze) * light) ** shot.tone
    if shot.read_noise <= 0 and shot.shot_noise <= 0:
        return cv2.LUT(image, np.round(level).astype(np.uint8))
    deviation = np.sqrt(shot.read_noise**2 + shot.shot_noise**2 * level / 255.0)
    out = cv2.LUT(image, deviation.astype(np.float32))
    out *= noise(rng, *image.shape, grain=shot.grain)
    out += cv2.LUT(image, (level + 0.5).astype(np.float32))
    return np.clip(out, 0, 255).astype(np.uint8)
