"""Image registration: how a picture lies over an earlier one of the same scene.

Coarse by correlation at a fan of turns, after the phases of both spectra were brought forward (Kuglin & Hines 1975,
here with half of the whitening); fine by optical flow (Lucas & Kanade 1981, pyramids after Bouguet 2001) and RANSAC.
Optical flow also proves it: a motion holds if enough points of the one picture are found again, each in its place, in
the other. ``docs/results/extended.md`` has the figures that this was chosen by, against ORB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from device.scene.motion import STILL, Motion, Points
from edge_digits.types import Box, Image, as_image

SIDE = 320
"""Pixels of the longer side of the pictures that are compared."""

WINDOW = 17
"""Side in pixels of the surroundings over which brightness and contrast are divided out."""

FAINT = 6.0
"""Grey levels of contrast that are half divided out: noise is fainter, and must not become texture."""

TURNS = np.arange(-8.0, 8.01, 1.0)
"""Degrees that are tried for the coarse motion."""

REACH = 0.35
"""Share of the picture's sides by which it is looked for at most."""

MOST_POINTS = 150
"""Corners that are followed."""

LEAST_CORNER = 0.02
"""Strength of a corner, as a share of the strongest one's, for it to be followed."""

PATCH = 15
"""Side in pixels of what is followed around a point."""

LEAST_LIKENESS = 0.7
"""Correlation of a point's surroundings in both pictures, -1..1, for it to count as found."""

LEAST_MATCHED = 8
"""Points that must agree on a motion."""

LEAST_SHARE = 0.08
"""Share of the points that should be in the picture that must agree: the rest may be under a hand, or wiped. Of another
scene no more than 8 of 150 did."""

CERTAIN = 0.9
"""Share of the points that proves a motion: on squared paper one that is off by a square finds up to eight of ten, all
but the writing's."""

RIVAL = 0.5
"""Share of the points of the better motion that makes another one its rival, where the better one is not proven; where
it is, so must the other be."""

CLOSE = 1.0
"""Pixels of the small picture by which a point may be off the motion."""

DISTINCT = 3.0
"""How many times as well as elsewhere a picture must correlate with itself in its place; squared paper has 1.5 to 2.3,
others from 3.7 on."""


Corners = NDArray[np.float32]
"""(N, 2): x and y in pixels of the small picture."""


@dataclass(frozen=True, eq=False)
class Registration:
    """A motion from a reference to a picture. seen: the reference's points that should be in the picture; matched:
    those of them that are where the motion says. All in pixels of the frame."""

    motion: Motion
    seen: Points
    matched: Points

    @property
    def share(self) -> float:
        """Of the points, how many were found."""
        return len(self.matched) / max(1, len(self.seen))


@dataclass(frozen=True, eq=False)
class Reference:
    """What pictures are compared with.

    picture: (h, w) uint8 as ``reduced`` makes it of a frame of ``width`` pixels. points: (N, 2) float32, corners that
    can be followed, in pixels of ``picture``.
    """

    picture: Image
    width: int
    points: Corners

    @property
    def factor(self) -> float:
        """Pixels of the frame for one of the picture."""
        return self.width / self.picture.shape[1]

    @cached_property
    def contrast(self) -> NDArray[np.float32]:
        """(h, w) as ``local_contrast`` makes it."""
        return local_contrast(self.picture)

    @cached_property
    def weight(self) -> NDArray[np.float32]:
        """(h, w), 0..1: 0 where there is no point to follow near by, such as where numbers change."""
        mask = np.zeros(self.picture.shape, np.float32)
        for x, y in np.round(self.points).astype(int).tolist():
            cv2.circle(mask, (x, y), PATCH, (1.0,), cv2.FILLED)
        return np.asarray(cv2.blur(mask, (5, 5)), np.float32)

    @cached_property
    def is_distinct(self) -> bool:
        """Whether there is one place only where it lies over itself; a pattern that repeats itself has many."""
        return len(self.points) >= LEAST_MATCHED and search(self, self.contrast)[1] >= DISTINCT

    def near(self, box: Box, margin: float) -> Reference:
        """The same with the points that are no more than ``margin`` pixels of the frame away from ``box`` alone."""
        return replace(self, points=self.points[is_near(_in_frame(self.points, self.factor), box, margin)])


def make_reference(frame: Image, ignored: Sequence[Box]) -> Reference:
    """From a frame, (H, W) uint8. ignored: parts of it whose content says nothing about where the scene is."""
    picture = reduced(frame)
    factor = frame.shape[1] / picture.shape[1]
    mask = np.full(picture.shape, 255, np.uint8)
    for box in ignored:
        small = box.scaled(1.0 / factor)
        begin = (small.x - PATCH // 2, small.y - PATCH // 2)
        cv2.rectangle(mask, begin, (small.right + PATCH // 2, small.bottom + PATCH // 2), (0,), cv2.FILLED)
    grey = _as_grey(local_contrast(picture))
    corners = cv2.goodFeaturesToTrack(grey, MOST_POINTS, LEAST_CORNER, 6, mask=mask, blockSize=5)
    points = np.zeros((0, 2), np.float32) if corners is None else np.array(corners, np.float32).reshape(-1, 2)
    return Reference(picture, frame.shape[1], points)


def is_near(points: Points, box: Box, margin: float) -> NDArray[np.bool_]:
    """(N,): which points are no more than ``margin`` pixels away from ``box``."""
    least, most = (box.x - margin, box.y - margin), (box.right + margin, box.bottom + margin)
    return np.all((points >= least) & (points <= most), axis=1)


def reduced(frame: Image) -> Image:
    """(H, W) uint8, SIDE pixels at its longer side; smaller frames stay as they are."""
    size = reduced_size(frame.shape[1], frame.shape[0])
    return frame if size == frame.shape[::-1] else as_image(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))


def reduced_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of ``reduced`` frames of a size."""
    factor = min(1.0, SIDE / max(width, height, 1))
    return max(1, round(width * factor)), max(1, round(height * factor))


def local_contrast(picture: Image) -> NDArray[np.float32]:
    """(h, w) uint8 -> float32, about -3..3: how much brighter a pixel is than its surroundings, against how much those
    vary. Light drops out of it."""
    grey = picture.astype(np.float32)
    detail = grey - cv2.blur(grey, (WINDOW, WINDOW))
    spread = cv2.blur(detail * detail, (2 * WINDOW + 1, 2 * WINDOW + 1))
    return np.asarray(detail / (np.sqrt(np.maximum(spread, 0.0)) + FAINT), np.float32)


def register(reference: Reference, frame: Image, guess: Motion = STILL) -> Registration | None:
    """How ``frame``, (H, W) uint8, lies over the reference; None if nothing of it proves to be the same, or if two
    motions explain it equally well, as in a pattern that repeats itself.

    guess: a motion that is tried before it is looked for everywhere.
    """
    picture = reduced(frame)
    if picture.shape != reference.picture.shape or len(reference.points) < LEAST_MATCHED:
        return None
    contrast = local_contrast(picture)
    near = _refined(reference, contrast, guess.in_pixels(1.0 / reference.factor))
    if near is not None and near.share >= CERTAIN:
        return near
    motion, _ = search(reference, contrast)
    anywhere = _refined(reference, contrast, motion)
    if near is None or anywhere is None:
        return near or anywhere
    better, other = sorted((near, anywhere), key=lambda item: len(item.matched), reverse=True)
    corners = [(0.0, 0.0), (float(frame.shape[1]), float(frame.shape[0]))]
    apart = np.abs(better.motion.of_points(corners) - other.motion.of_points(corners)).max()
    least = CERTAIN if better.share >= CERTAIN else RIVAL
    is_rival = apart > 4.0 * CLOSE * reference.factor and len(other.matched) > least * len(better.matched)
    return None if is_rival else better


def search(reference: Reference, contrast: NDArray[np.float32]) -> tuple[Motion, float]:
    """The motion under which the pictures correlate best, in pixels of the small picture, and how many times as well
    as with any other shift."""
    one, other = _halved(reference.contrast * reference.weight), _halved(contrast)
    height, width = one.shape
    size = tuple(cv2.getOptimalDFTSize(round(side * (1.0 + REACH))) for side in one.shape)
    spectrum = _spectrum(other, size)
    reach_y, reach_x = round(REACH * height), round(REACH * width)
    best = (-1.0, 0.0, np.zeros((1, 1), np.float32))
    for turn in TURNS.tolist():
        matrix = Motion.about(width / 2, height / 2, turn).matrix
        turned = _spectrum(cv2.warpAffine(one, matrix, (width, height)), size)
        product = cv2.mulSpectrums(spectrum, turned, 0, conjB=True)
        strength = np.sqrt(cv2.magnitude(product[..., 0], product[..., 1])) + 1e-3
        surface = cv2.idft(product / strength[..., None], flags=cv2.DFT_REAL_OUTPUT | cv2.DFT_SCALE)
        surface = np.roll(surface, (reach_y, reach_x), (0, 1))[: 2 * reach_y + 1, : 2 * reach_x + 1]
        peak = float(surface.max())
        if peak > best[0]:
            best = peak, turn, surface
    peak, turn, surface = best
    y, x = np.unravel_index(int(surface.argmax()), surface.shape)
    around = surface.copy()
    around[max(0, y - 4) : y + 5, max(0, x - 4) : x + 5] = 0.0
    motion = Motion.about(width / 2, height / 2, turn, float(x - reach_x), float(y - reach_y))
    return motion.in_pixels(2.0), peak / max(float(around.max()), 1e-9)


def _refined(reference: Reference, contrast: NDArray[np.float32], guess: Motion) -> Registration | None:
    """The motion near ``guess`` that enough points agree on. guess: in pixels of the small picture."""
    height, width = contrast.shape
    before = _as_grey(reference.contrast)
    # The picture laid back over the reference, so that what is followed is upright in both.
    after = _as_grey(contrast)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    after = as_image(cv2.warpAffine(after, guess.matrix, (width, height), flags=flags, borderValue=(128,)))
    points = reference.points
    places = guess.of_points(points)
    margin = PATCH // 2
    seen = points[np.all((places > margin) & (places < (width - margin, height - margin)), axis=1)]
    if len(seen) < LEAST_MATCHED:
        return None
    there, ok = _followed(before, after, seen)
    back, returned = _followed(after, before, there)
    good = ok & returned & (np.abs(back - seen).max(axis=1) < CLOSE)
    good[good] = _likeness(before, after, seen[good], there[good]) > LEAST_LIKENESS
    if np.count_nonzero(good) < LEAST_MATCHED:
        return None
    # It draws samples; the same pictures must give the same motion.
    cv2.setRNGSeed(0)
    rest, agree = cv2.estimateAffinePartial2D(seen[good], there[good], method=cv2.RANSAC, ransacReprojThreshold=CLOSE)
    if rest is None or np.count_nonzero(agree) < max(LEAST_MATCHED, LEAST_SHARE * len(seen)):
        return None
    good[good] = agree.ravel() > 0
    factor = reference.factor
    motion = Motion.of_matrix(rest).then(guess).in_pixels(factor)
    return Registration(motion, _in_frame(seen, factor), _in_frame(seen[good], factor))


def _followed(before: Image, after: Image, points: Corners) -> tuple[Corners, NDArray[np.bool_]]:
    """Where the points went, (N, 2), and whether they could be followed, (N,)."""
    size = (PATCH, PATCH)
    there, status, _ = cv2.calcOpticalFlowPyrLK(before, after, points, points.copy(), winSize=size, maxLevel=2)
    return np.asarray(there, np.float32), status.ravel() > 0


def _likeness(before: Image, after: Image, here: Corners, there: Corners) -> NDArray[np.float64]:
    """(N,): how alike the points' surroundings are, -1..1."""
    scores = []
    for a, b in zip(here.tolist(), there.tolist(), strict=True):
        one = cv2.getRectSubPix(before, (PATCH, PATCH), a).astype(np.float32)
        other = cv2.getRectSubPix(after, (PATCH, PATCH), b).astype(np.float32)
        scores.append(float(cv2.matchTemplate(one, other, cv2.TM_CCOEFF_NORMED)[0, 0]))
    return np.array(scores)


def _in_frame(points: Corners, factor: float) -> Points:
    return points.astype(np.float64) * factor


def _as_grey(contrast: NDArray[np.float32]) -> Image:
    return as_image(cv2.convertScaleAbs(np.clip(contrast * 40.0 + 128.0, 0.0, 255.0)))


def _halved(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    size = (max(1, contrast.shape[1] // 2), max(1, contrast.shape[0] // 2))
    return np.asarray(cv2.resize(contrast, size, interpolation=cv2.INTER_AREA), np.float32)


def _spectrum(picture: NDArray[Any], size: tuple[int, ...]) -> NDArray[np.float32]:
    """(*size, 2): of the picture with nothing around it."""
    room = np.zeros(size, np.float32)
    room[: picture.shape[0], : picture.shape[1]] = picture
    return np.asarray(cv2.dft(room, flags=cv2.DFT_COMPLEX_OUTPUT), np.float32)
