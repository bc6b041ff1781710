"""``python -m docs.results.measurements latency | still | page``: where time and memory go on this machine."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2

from device.benchmark.machine import describe
from device.cameras.demo_options import check_positive, demo_parser, demo_settings
from device.config.camera import CameraSettings
from docs.results.measurements import frames, pictures
from docs.results.page import RESULTS, write_page
from docs.results.prose import measurements as prose
from docs.results.replay import drifting_page
from edge_digits.errors import ConfigError
from edge_digits.system.exit_status import exit_status

PROGRAM = "python -m docs.results.measurements"
PAGE = RESULTS / "measurements.md"
EXAMPLE = """\
examples:
  python -m docs.results.measurements latency --seconds 60
  python -m docs.results.measurements still
  python -m docs.results.measurements page --picture photo.jpg"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; returns the exit status."""
    parser = demo_parser(PROGRAM, "Measure the reader on this machine, on one core.", EXAMPLE, 30.0)
    parser.add_argument("what", choices=["latency", "still", "page"])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--model", default="auto")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="read for the page (one of the demo camera)")
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE", help="the page")
    options = parser.parse_args(arguments)
    return exit_status(PROGRAM, lambda: _measure(options), options.debug)


def _measure(options: argparse.Namespace) -> int:
    settings = demo_settings(options)
    check_positive(options, "seconds")
    least = 1 / settings.frame_rate
    if options.what != "still":
        least = max(least, frames.WARM_UP_SECONDS)
    if options.seconds <= least:
        raise ConfigError(
            f"--seconds {options.seconds:g}: too short to measure anything: expected more than {least:.2g}"
        )
    cv2.setNumThreads(1)
    if options.what == "page":
        with tempfile.TemporaryDirectory() as folder:
            picture = options.picture or _demo_picture(Path(folder), settings)
            write(options.out, picture, settings, options.seconds)
    else:
        measure = frames.latency if options.what == "latency" else frames.still
        print(measure(settings, options.seconds, options.model))
    return 0


def _demo_picture(folder: Path, settings: CameraSettings) -> Path:
    """The demo camera's first page as a file in ``folder``."""
    path = folder / "demo-camera.png"
    cv2.imwrite(str(path), drifting_page(settings)[0])
    return path


def write(page: Path, picture: Path, settings: CameraSettings, seconds: float) -> None:
    """Measure all, and write ``page``. picture: a file that is read. seconds: of each of the camera's measurements."""
    about = describe()
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    write_page(
        page,
        prose.HEAD,
        f"Measured on {about['board'] or about['processor']}, {about['cores']} cores, Python {about['python']}, "
        f"{versions}; commit {about['commit']}. PHOTO is `{picture.name}`.",
        "## One picture from a cold start",
        f"`edge-digits read PHOTO`, {pictures.cold_start(picture)}",
        prose.IMPORTS,
        pictures.imports(),
        "## One picture, once loaded",
        pictures.loaded(picture),
        "## A camera frame",
        f"`{PROGRAM} latency --seconds {seconds:g}`:",
        f"```\n{frames.latency(settings, seconds, 'auto')}\n```",
        prose.ALONE,
        "## A still page",
        f"`{PROGRAM} still --seconds {seconds:g}`:",
        f"```\n{frames.still(settings, seconds, 'auto')}\n```",
        "## Installation",
        f"`python3 -m venv .venv && .venv/bin/pip install '.[device]'`: {pictures.installation()}",
    )


if __name__ == "__main__":
    sys.exit(main())
