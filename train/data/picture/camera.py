"""What cameras, scanners and screens make of a page: blur, noise, tone, sharpening, compression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.synthesis.texture import noise
from edge_digits.types import Image


@dataclass(frozen=True)
class Camera:
    """One way to take a picture.

    blur: of the lens, standard deviation in pixels; motion: way that it moved, pixels; smaller: how many times fewer
    pixels its sensor has than the picture shows, 1 or more. exposure: how bright light of 1 becomes, 0..255; gamma: of
    its tone curve; noise: of the sensor, standard deviation of 255; noise_size: its grain in pixels; sharpen: how much
    its edges are exaggerated; quality: of JPEG, 0 for none.
    """

    blur: float = 0.0
    motion: float = 0.0
    smaller: float = 1.0
    exposure: float = 255.0
    gamma: float = 1.0
    noise: float = 0.0
    noise_size: float = 0.0
    sharpen: float = 0.0
    quality: int = 0


def take(scene: NDArray[np.float32], camera: Camera, random: np.random.Generator) -> Image:
    """A scene's light (H, W) float32, white paper 1, as the camera's picture (H, W) uint8."""
    height, width = scene.shape
    if camera.smaller > 1.02:
        size = (max(2, round(width / camera.smaller)), max(2, round(height / camera.smaller)))
        scene = cast(NDArray[np.float32], cv2.resize(scene, size, interpolation=cv2.INTER_AREA))
    if camera.blur > 0.25:
        scene = cast(NDArray[np.float32], cv2.GaussianBlur(scene, (0, 0), camera.blur))
    if camera.motion > 1.5:
        scene = cast(NDArray[np.float32], cv2.filter2D(scene, -1, _motion(camera.motion, random)))
    picture = np.clip(scene, 0, 1.5)
    if camera.gamma != 1.0:
        picture = np.power(picture, np.float32(camera.gamma))
    picture = picture * np.float32(camera.exposure)
    if camera.noise > 0.2:
        # Photons: the brighter, the noisier; electrons: the same everywhere.
        swing = np.float32(camera.noise) * np.sqrt(
            np.float32(0.3) + picture * np.float32(0.7 / max(camera.exposure, 1))
        )
        picture += noise(random, picture.shape[0], picture.shape[1], camera.noise_size) * swing
    if camera.sharpen > 0.05:
        picture += (picture - cv2.GaussianBlur(picture, (0, 0), 1.2)) * np.float32(camera.sharpen)
    out = np.clip(picture, 0, 255).astype(np.uint8)
    if camera.smaller > 1.02:
        out = cv2.resize(out, (width, height), interpolation=cv2.INTER_CUBIC)
    if camera.quality:
        _, encoded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, camera.quality])
        out = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
    return np.asarray(out, np.uint8)


def _motion(way: float, random: np.random.Generator) -> NDArray[np.float32]:
    side = 2 * int(np.ceil(way / 2)) + 1
    kernel = np.zeros((side, side), np.uint8)
    angle = random.uniform(0, np.pi)
    half = np.array([np.cos(angle), np.sin(angle)]) * way / 2
    middle = side // 2
    ends = np.round((np.array([middle - half, middle + half])) * 16).astype(np.int32)
    cv2.line(kernel, tuple(ends[0].tolist()), tuple(ends[1].tolist()), (255,), 1, cv2.LINE_AA, 4)
    return kernel.astype(np.float32) / np.float32(max(1, int(kernel.sum())))
