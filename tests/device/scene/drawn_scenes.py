"""Scenes for a camera that is nudged: drawn larger than the picture, so that what was beside it comes into it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from device.scene.motion import STILL, Motion
from edge_digits.synthesis.camera import Shot, photograph, random_shot
from edge_digits.synthesis.light import lit, random_light
from edge_digits.synthesis.page import make_sheet
from edge_digits.synthesis.paper import random_paper
from edge_digits.synthesis.texture import clouds, noise
from edge_digits.types import Box, Image

WIDTH, HEIGHT = 640, 480
BORDER = 120
"""Pixels drawn around the picture."""

KINDS = ("meter", "sheet", "board")
HOPELESS = ("blank", "squared")
"""Scenes in which it cannot be told how they moved: with nothing in them, and with the same everywhere."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A scene and its light, both (HEIGHT + 2 BORDER, WIDTH + 2 BORDER) uint8, how it is photographed, and where in
    the picture its number stands."""

    surface: Image
    light: Image
    shot: Shot
    region: Box

    def with_number(self, patch: Image) -> Scene:
        """The same with another number: (h, w) uint8, as large as the region."""
        surface = self.surface.copy()
        place = Box(self.region.x + BORDER, self.region.y + BORDER, self.region.width, self.region.height)
        place.cut(surface)[:] = patch
        return replace(self, surface=surface)

    def photographed(self, rng: np.random.Generator, motion: Motion = STILL) -> Image:
        """A picture, (HEIGHT, WIDTH) uint8, of the scene after it has moved in it."""
        view = np.vstack([Motion(shift_x=-BORDER, shift_y=-BORDER).then(motion).matrix, [0.0, 0.0, 1.0]])
        lit_scene = lit(self.surface, self.light)
        shot = replace(self.shot, read_noise=0.0, shot_noise=0.0, jpeg=0)
        picture = photograph(rng, lit_scene, shot, view, (WIDTH, HEIGHT)).astype(np.float32)
        # Noise of its own: two cuts of the one field that scenes are drawn with would correlate.
        picture += rng.normal(0.0, 1.0 + self.shot.read_noise, picture.shape).astype(np.float32)
        return np.clip(picture, 0, 255).astype(np.uint8)

    def relit(self, rng: np.random.Generator) -> Scene:
        """The same in another light, and through another camera."""
        return replace(self, light=random_light(rng, *self.surface.shape), shot=_steady_shot(rng))


def draw_scene(rng: np.random.Generator, kind: str) -> Scene:
    """kind: one of KINDS or HOPELESS. The place of its number is still empty."""
    width, height = WIDTH + 2 * BORDER, HEIGHT + 2 * BORDER
    region = Box(int(rng.integers(180, 240)), int(rng.integers(140, 240)), 240, 84)
    surface = {"meter": _meter, "sheet": _sheet, "board": _sheet, "blank": _blank, "squared": _squared}[kind](
        rng, width, height, kind
    )
    place = Box(region.x + BORDER, region.y + BORDER, region.width, region.height)
    paper = 60 if kind == "board" else 235
    place.cut(surface)[:] = paper
    return Scene(surface, random_light(rng, height, width), _steady_shot(rng), region)


def random_motion(rng: np.random.Generator, most_shift: float = 0.1, most_turn: float = 5.0) -> Motion:
    """Of the whole scene: a shift of up to that share of the picture and a turn of up to so many degrees about its
    middle."""
    x, y = (rng.uniform(-most_shift, most_shift, 2) * (WIDTH, HEIGHT)).tolist()
    return Motion.about(WIDTH / 2, HEIGHT / 2, float(rng.uniform(-most_turn, most_turn)), x, y)


def with_hand(rng: np.random.Generator, picture: Image) -> Image:
    """Something that reaches in from one side and covers a part."""
    side = int(rng.integers(4))
    x, y = (rng.random(2) * (WIDTH, HEIGHT)).tolist()
    middle = [(0.0, y), (WIDTH, y), (x, 0.0), (x, HEIGHT)][side]
    angles = np.sort(rng.uniform(0, 2 * np.pi, 12))
    reach = rng.uniform(0.15, 0.5, 12) * HEIGHT
    corners = middle + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    mask = np.zeros(picture.shape, np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], (255,))
    share = cv2.GaussianBlur(mask, (0, 0), 2.0).astype(np.float32) / 255.0
    skin = rng.uniform(90, 200) + 20 * clouds(rng, HEIGHT, WIDTH, 5)
    return np.clip(picture + share * (skin - picture), 0, 255).astype(np.uint8)


def moved_corners(motion: Motion, other: Motion, box: Box) -> float:
    """Pixels between the places of the box after both motions, at the corner where they are furthest apart."""
    points = [(box.x, box.y), (box.right, box.y), (box.x, box.bottom), (box.right, box.bottom)]
    return float(np.abs(motion.of_points(points) - other.of_points(points)).max())


def _steady_shot(rng: np.random.Generator) -> Shot:
    return replace(random_shot(rng, 4.0), motion=0.0)


def _meter(rng: np.random.Generator, width: int, height: int, _: str) -> Image:
    """A plate with screws and a few letters on a wall."""
    grain = noise(rng, height, width, grain=4.0) * rng.uniform(1, 6) + clouds(rng, height, width, 5) * 6
    surface = np.clip(rng.uniform(90, 200) + grain, 0, 255).astype(np.uint8)
    x, y = width // 2 + int(rng.integers(-40, 40)), height // 2 + int(rng.integers(-30, 30))
    half_x, half_y = int(rng.uniform(0.3, 0.42) * WIDTH), int(rng.uniform(0.3, 0.42) * HEIGHT)
    ends = (x - half_x, y - half_y), (x + half_x, y + half_y)
    cv2.rectangle(surface, *ends, (int(rng.uniform(170, 230)),), cv2.FILLED)
    cv2.rectangle(surface, *ends, (int(rng.uniform(20, 120)),), 3, cv2.LINE_AA)
    for _screw in range(4):
        u, v = (rng.uniform(-0.85, 0.85, 2) * (half_x, half_y)).astype(int).tolist()
        radius, grey = int(rng.integers(4, 14)), int(rng.uniform(30, 120))
        cv2.circle(surface, (x + u, y + v), radius, (grey,), cv2.FILLED, cv2.LINE_AA)
    for _word in range(int(rng.integers(2, 5))):
        text = "".join(map(chr, rng.integers(65, 91, 5).tolist()))
        u, v = (rng.uniform(-0.8, 0.6, 2) * (half_x, half_y)).astype(int).tolist()
        cv2.putText(surface, text, (x + u, y + v), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (60,), 1, cv2.LINE_AA)
    return surface


def _sheet(rng: np.random.Generator, width: int, height: int, kind: str) -> Image:
    """A written sheet, or a board, on a desk of which two to four sides are seen."""
    size = float(rng.uniform(30, 50))
    paper = "board" if kind == "board" else None
    sheet = make_sheet(rng, width, height, kind=paper, digit_height=size, border=BORDER).reflectance
    grain = noise(rng, height, width, grain=4.0) * 6 + clouds(rng, height, width, 4) * 8
    desk = np.clip(rng.uniform(30, 120) + grain, 0, 255).astype(np.uint8)
    left, top, right, bottom = (BORDER + rng.uniform(-30, 60, 4)).tolist()
    if rng.random() < 0.5:
        right = -50.0
    far, low = width - right, height - bottom
    corners = np.array([(left - 20, top), (far, top - 15), (far + 10, low), (left, low + 12)])
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], (255,))
    return np.where(mask > 0, sheet, desk)


def _blank(rng: np.random.Generator, width: int, height: int, _: str) -> Image:
    grain = noise(rng, height, width, grain=1.4) * rng.uniform(0, 2) + clouds(rng, height, width, 3) * 2
    return np.clip(235 + grain, 0, 255).astype(np.uint8)


def _squared(rng: np.random.Generator, width: int, height: int, _: str) -> Image:
    return random_paper(rng, height, width, "squared", float(rng.uniform(15, 40)))
