"""``python -m docs.results.registration``: how a moved scene is registered best, ``device.scene.registration`` against
ORB and log-polar phase correlation.

Scenes are drawn (tests/device/scene/drawn_scenes.py), and photographs of EDGE_DIGITS_DATA's part ``tune`` are taken for
scenes where they are there. Each is moved by up to a tenth of the picture and 5 degrees, in another light, with another
number in its region. A motion is right if the region's corners are within 1 % of the picture's width. What a method
says of a scene that is another one is wrong in any case: its threshold is what no such picture passed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from device.scene.motion import Motion
from device.scene.registration import local_contrast, make_reference, reduced, register
from edge_digits.types import Box, Image, as_image
from tests.device.scene.drawn_scenes import (
    BORDER,
    HEIGHT,
    KINDS,
    WIDTH,
    Scene,
    draw_scene,
    moved_corners,
    random_motion,
    with_hand,
)

SCENES = int(os.environ.get("EDGE_DIGITS_SCENES", "40"))
RIGHT = 0.01 * WIDTH

Answer = tuple[Motion, float] | None
"""The motion, and how sure of it the method is, in its own measure."""


def orb(before: Image, region: Box, after: Image) -> Answer:
    """ORB features (Rublee et al. 2011), matched both ways, and RANSAC; as sure as there are features that agree."""
    detector = cv2.ORB.create(nfeatures=500, nlevels=4, edgeThreshold=12, patchSize=25, fastThreshold=5)
    one, other = reduced(before), reduced(after)
    mask = np.full(one.shape, 255, np.uint8)
    region.scaled(one.shape[1] / WIDTH).cut(mask)[:] = 0
    points, described = detector.detectAndCompute(one, mask)
    points_there, described_there = detector.detectAndCompute(other, np.full(other.shape, 255, np.uint8))
    if described is None or described_there is None:
        return None
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(described, described_there)
    matches = [match for match in matches if match.distance < 64]
    if len(matches) < 4:
        return None
    here = np.array([points[match.queryIdx].pt for match in matches], np.float32)
    there = np.array([points_there[match.trainIdx].pt for match in matches], np.float32)
    cv2.setRNGSeed(0)
    matrix, agree = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=2.0)
    if matrix is None:
        return None
    return Motion.of_matrix(matrix).in_pixels(WIDTH / one.shape[1]), float(np.count_nonzero(agree))


def log_polar(before: Image, region: Box, after: Image) -> Answer:
    """The turn by phase correlation of the spectra's amplitudes in polar coordinates (Reddy & Chatterji 1996), then the
    shift by phase correlation; as sure as the second peak is high."""
    pictures = [local_contrast(reduced(image)) for image in (before, after)]
    region.scaled(pictures[0].shape[1] / WIDTH).cut(pictures[0])[:] = 0.0  # pyright: ignore[reportArgumentType]
    height, width = pictures[0].shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    polar = []
    for picture in pictures:
        room = np.zeros((512, 512), np.float32)
        room[:height, :width] = picture * window
        amplitude = np.log1p(np.abs(np.fft.fftshift(np.fft.fft2(room)))).astype(np.float32)
        turned = cv2.warpPolar(amplitude, (256, 720), (256, 256), 256, cv2.WARP_POLAR_LOG)[:360]
        polar.append(np.asarray(turned - turned.mean(), np.float32))
    [(_, rows), _] = cv2.phaseCorrelate(polar[0], polar[1], cv2.createHanningWindow((256, 360), cv2.CV_32F))
    about = Motion.about(width / 2, height / 2, 0.5 * rows)
    turned = np.asarray(cv2.warpAffine(pictures[0], about.matrix, (width, height)), np.float32)
    [(x, y), peak] = cv2.phaseCorrelate(turned, pictures[1], window)
    return about.then(Motion(shift_x=x, shift_y=y)).in_pixels(WIDTH / width), peak


def flow(before: Image, region: Box, after: Image) -> Answer:
    """Correlation at a fan of turns and optical flow, as ``device.scene.registration`` has them."""
    registration = register(make_reference(before, [region]), after)
    return None if registration is None else (registration.motion, 1.0)


METHODS: dict[str, Callable[[Image, Box, Image], Answer]] = {
    "ORB and RANSAC": orb,
    "log-polar phases": log_polar,
    "fan of turns, flow": flow,
}


@dataclass(frozen=True, eq=False)
class Case:
    """A scene before and after its motion, with a hand in it or not, and another scene in its place."""

    region: Box
    motion: Motion
    before: Image
    after: Image
    with_hand: Image
    other: Image


def drawn(kind: str, seed: int) -> Case:
    """One of ``drawn_scenes``."""
    rng = np.random.default_rng([7, KINDS.index(kind), seed])
    return _case(rng, draw_scene(rng, kind), draw_scene(rng, kind))


def photographed(paths: list[Path], seed: int) -> Case:
    """Photographs as scenes."""
    rng = np.random.default_rng([8, seed])
    first, second = rng.choice(len(paths), 2, replace=False).tolist()
    scene, other = draw_scene(rng, "blank"), draw_scene(rng, "blank")
    return _case(rng, _of_photograph(scene, paths[first]), _of_photograph(other, paths[second]))


def _of_photograph(scene: Scene, path: Path) -> Scene:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    factor = max((WIDTH + 2 * BORDER) / picture.shape[1], (HEIGHT + 2 * BORDER) / picture.shape[0])
    way = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_CUBIC
    large = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way)
    return Scene(
        as_image(large[: HEIGHT + 2 * BORDER, : WIDTH + 2 * BORDER].copy()), scene.light, scene.shot, scene.region
    )


def _case(rng: np.random.Generator, scene: Scene, other: Scene) -> Case:
    motion = random_motion(rng)
    size = (scene.region.height, scene.region.width)
    before, after = (scene.with_number(rng.integers(0, 256, size).astype(np.uint8)) for _ in range(2))
    moved = after.relit(rng).photographed(rng, motion)
    there = other.relit(rng).photographed(rng, motion)
    return Case(scene.region, motion, before.photographed(rng), moved, with_hand(rng, moved), there)


def compare(name: str, cases: list[Case]) -> None:
    """Print a line for each method."""
    for title, method in METHODS.items():
        false = [answer[1] for case in cases if (answer := method(case.before, case.region, case.other)) is not None]
        threshold = max(false, default=0.0)
        shares, errors, began = [], [], time.process_time()
        for pictures in ([case.after for case in cases], [case.with_hand for case in cases]):
            right = 0
            for case, picture in zip(cases, pictures, strict=True):
                answer = method(case.before, case.region, picture)
                if answer is not None and answer[1] > threshold:
                    error = moved_corners(answer[0], case.motion, case.region)
                    right += error < RIGHT
                    errors.append(error)
            shares.append(right / len(cases))
        took = 1000 * (time.process_time() - began) / (2 * len(cases))
        wrong = sum(error >= RIGHT for error in errors) / (2 * len(cases))
        print(
            f"{name:11s}{title:20s}{shares[0]:6.0%}{shares[1]:13.0%}{wrong:8.1%}"
            f"{np.median(errors) if errors else float('nan'):10.2f} px{took:8.0f} ms"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare on all kinds of scenes; returns the exit status."""
    about = "Compare ways to find how far a scene has moved; EDGE_DIGITS_SCENES says how many scenes of each kind."
    argparse.ArgumentParser(prog="python -m docs.results.registration", description=about).parse_args(arguments)
    cv2.setNumThreads(1)
    print(f"{SCENES} scenes a line; right: within 1 % of the width, and surer than of any other scene")
    print(f"{'scene':11s}{'method':20s}{'right':>6s}{'with a hand':>13s}{'wrong':>8s}{'error':>13s}{'time':>11s}")
    for kind in KINDS:
        compare(kind, [drawn(kind, seed) for seed in range(SCENES)])
    folder = Path(os.environ.get("EDGE_DIGITS_DATA", "")) / "photos"
    if (folder / "labels.json").is_file():
        labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        paths = [folder / name for name, label in sorted(labels.items()) if label["part"] == "tune"]
        compare("photograph", [photographed(paths, seed) for seed in range(SCENES)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
