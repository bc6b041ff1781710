"""``python -m device.calibrate``: fit the confidence of settled readings (``device.tracking.vote``) on the demo camera.

Pages are laid before the camera one after another, read until they have settled, and each reading compared with what
is written. The two numbers of the model are those with the greatest likelihood on the even pages; the table shows how
good they are on the odd ones.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.cameras.demo import DESK_SECONDS, PAGE_SECONDS, DemoCamera
from device.cameras.demo_options import check_positive, demo_parser, demo_settings
from device.config.reading import TrackingRule
from device.tracking.tracker import Tracker, Vote
from device.tracking.vote import BIAS, EFFECTIVE_FRAMES, mean_evidence
from edge_digits.charset import UNREADABLE
from edge_digits.evaluation.metrics import expected_calibration_error
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.system.exit_status import exit_status
from edge_digits.types import Image, intersection_over_union

PROGRAM = "python -m device.calibrate"
EXAMPLE = "example: python -m device.calibrate --pages 400 --width 640 --height 480"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One settled reading: mean evidence of its frames in nats, how many voted, the plain share of the votes times
    their mean confidence, whether all its ink was read, and whether it is right."""

    page: int
    evidence: float
    frames: int
    naive: float
    whole: bool
    right: bool


def collect(camera: DemoCamera, read: Callable[[Image], Page], pages: int, rule: TrackingRule) -> list[Sample]:
    """The first reading of every number on ``pages`` pages."""
    samples: list[Sample] = []
    per_page = round(PAGE_SECONDS * camera.settings.frame_rate)
    desk = round(DESK_SECONDS * camera.settings.frame_rate)
    for page in range(pages):
        tracker = Tracker(rule)
        for place in range(desk, desk + rule.window):
            number = page * per_page + place
            photograph = camera.photograph(number)
            _, settled = tracker.update_with_votes(read(photograph.image), float(number))
            for reading, vote in settled:
                overlaps = [intersection_over_union(line.box, reading.box) for line in photograph.lines]
                best = int(np.argmax(overlaps)) if overlaps else -1
                right = best >= 0 and overlaps[best] > 0 and _same(photograph.lines[best].text, reading.text)
                samples.append(_sample(page, reading.text, vote, right))
    return samples


def _sample(page: int, text: str, vote: Vote, right: bool) -> Sample:
    count = len(vote.agreeing) + len(vote.others) + vote.blanks
    whole = UNREADABLE not in text
    return Sample(page, mean_evidence(*vote), count, sum(vote.agreeing) / count, whole, right)


def _same(written: str, read: str) -> bool:
    return written.replace(" ", "") == read.replace(" ", "")


def confidences(samples: Sequence[Sample], effective: float | Floats, bias: float) -> Floats:
    """(N,) probabilities that the model of ``device.tracking.vote`` gives. effective: frames, one or one each."""
    evidence = np.array([sample.evidence for sample in samples])
    return 1.0 / (1.0 + np.exp(-(bias + effective * evidence)))


def log_loss(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Mean negative log likelihood, nats."""
    chance = np.clip(np.where(right, confidence, 1.0 - confidence), 1e-12, 1.0)
    return float(-np.log(chance).mean())


def fit(samples: Sequence[Sample]) -> tuple[float, float]:
    """Effective frames and bias of greatest likelihood, by search over a grid: there are only two, and both bounded."""
    right = np.array([sample.right for sample in samples])
    grid = [(e, b) for e in np.linspace(0.0, 5.0, 101) for b in np.linspace(-6.0, 6.0, 121)]
    losses = [log_loss(confidences(samples, e, b), right) for e, b in grid]
    effective, bias = grid[int(np.argmin(losses))]
    return float(effective), float(bias)


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect, fit and report; returns the exit status."""
    parser = demo_parser(PROGRAM, "Fit the confidence of settled readings on the demo camera.", EXAMPLE)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1000, help="of the demo camera; default: 1000")
    parser.add_argument("--model", default="auto")
    options = parser.parse_args(arguments)
    return exit_status(PROGRAM, lambda: _calibrate(options), options.debug)


def _calibrate(options: argparse.Namespace) -> int:
    camera = DemoCamera(demo_settings(options), options.seed)
    check_positive(options, "pages")
    samples = collect(camera, open_reader(options.model).read, options.pages, TrackingRule())
    whole = [sample for sample in samples if sample.whole]
    even = [sample for sample in whole if sample.page % 2 == 0]
    odd = [sample for sample in whole if sample.page % 2]
    effective, bias = fit(even)
    right = np.array([sample.right for sample in odd])
    print(f"{len(samples)} readings on {options.pages} pages; {len(samples) - len(whole)} with a ?, which are left out")
    print(f"fitted on the {len(even)} of even pages: EFFECTIVE_FRAMES = {effective:.2f}, BIAS = {bias:.1f}")
    print(f"on the {len(odd)} of odd pages ({right.mean():.2%} right):")
    print("confidence                    mean   log loss   calibration error")
    rows = {
        "share of votes × mean": np.array([sample.naive for sample in odd]),
        "frames as independent": confidences(odd, np.array([sample.frames for sample in odd], np.float64), 0.0),
        "frames as one": confidences(odd, 1.0, 0.0),
        "in force now": confidences(odd, EFFECTIVE_FRAMES, BIAS),
        "fitted": confidences(odd, effective, bias),
    }
    for name, confidence in rows.items():
        error = expected_calibration_error(confidence, right)
        print(f"{name:<28}  {confidence.mean():.2%}  {log_loss(confidence, right):8.4f}  {error:8.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
