"""``python -m docs.results.soak``: read the demo camera for a long time, and see whether memory, threads or files grow.

Frames go through the loop that ships, into sinks on disk; ``--damaged`` mixes in what broken cameras deliver.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from device.cameras.camera import Camera, Kind
from device.cameras.demo import DemoCamera
from device.cameras.demo_options import check_positive, demo_parser, demo_settings
from device.config.camera import CameraSettings
from device.config.reading import TrackingRule
from device.config.settings import Config, RecordConfig
from device.loop import Run, run
from device.sinks.opening import open_sinks
from device.system.memory import give_back
from edge_digits.io.image import to_grey
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.system.exit_status import exit_status
from edge_digits.system.native_stderr import native_stderr
from edge_digits.types import Box, Digit, Frame, Image, Line

MEGABYTE = 1e6

WARM_UP = 5000
"""Frames after which memory must not grow; a quarter of the frames in a shorter run."""

MOST_GROWTH = 2.0
"""Megabytes."""

SAMPLE_EVERY = 250
"""Frames between two looks at the memory."""

PROGRAM = "python -m docs.results.soak"
EXAMPLE = """\
examples:
  python -m docs.results.soak --frames 100000
  python -m docs.results.soak --frames 10000 --damaged --stub"""


class UnpacedCamera(Camera):
    """The demo camera's first ``count`` frames, as fast as they are taken, every one of them."""

    kind: Kind = "video"

    def __init__(self, settings: CameraSettings, count: int) -> None:
        self.name = "demo, unpaced"
        self._demo = DemoCamera(settings)
        self._count = count

    def __iter__(self) -> Iterator[Frame]:
        for number in range(self._count):
            yield Frame(self._demo.photograph(number).image, number, 1e9 + number / self._demo.settings.frame_rate)

    def close(self) -> None:
        """Let go of nothing."""


class DamagedCamera(UnpacedCamera):
    """The same frames, three of four damaged: cut short, black, white, noise, another size, a time that cannot be."""

    def __iter__(self) -> Iterator[Frame]:
        rng = np.random.default_rng(0)
        for frame in super().__iter__():
            damaged = DAMAGES[int(rng.integers(len(DAMAGES)))](rng, frame)
            yield damaged if rng.random() < 0.75 else frame


def _cut_short(rng: np.random.Generator, frame: Frame) -> Frame:
    return replace(frame, image=frame.image[: int(rng.integers(0, frame.image.shape[0]))])


def _broken_jpeg(rng: np.random.Generator, frame: Frame) -> Frame:
    encoded = cv2.imencode(".jpg", frame.image)[1].ravel()
    # Behind the header: what a bad cable changes is the picture, not its size.
    place = rng.integers(700, encoded.size, 20)
    encoded[place] = rng.integers(0, 256, place.size)
    with native_stderr():
        decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    return replace(frame, image=np.zeros((0, 0), np.uint8) if decoded is None else to_grey(np.asarray(decoded)))


def _plain(rng: np.random.Generator, frame: Frame) -> Frame:
    return replace(frame, image=np.full_like(frame.image, rng.choice([0, 255, 128])))


def _noise(rng: np.random.Generator, frame: Frame) -> Frame:
    return replace(frame, image=rng.integers(0, 256, frame.image.shape).astype(np.uint8))


def _resized(rng: np.random.Generator, frame: Frame) -> Frame:
    width, height = (int(side) for side in rng.choice([1, 2, 7, 64, 333, 1000], 2))
    return replace(frame, image=cv2.resize(frame.image, (width, height)).astype(np.uint8))


def _in_colour(_: np.random.Generator, frame: Frame) -> Frame:
    return replace(frame, image=np.stack([frame.image] * 3, axis=2))


def _wrong_time(rng: np.random.Generator, frame: Frame) -> Frame:
    return replace(frame, time=float(rng.choice([np.nan, np.inf, -np.inf, -1.0, 0.0, 1e300, frame.time - 1e6])))


Damage = Callable[[np.random.Generator, Frame], Frame]

DAMAGES: tuple[Damage, ...] = (
    _cut_short,
    _broken_jpeg,
    _plain,
    _noise,
    _resized,
    _in_colour,
    _wrong_time,
)


@dataclass(frozen=True)
class Soak:
    """What a soak came to: the fewest megabytes of resident memory in the first tenth after the warm-up, and how many
    more they were at the fewest in any later tenth; the most of the whole process, what a frame needs for a moment
    included; threads and files that were left open."""

    run: Run
    published: int
    settled_megabytes: float
    growth: float
    peak: float
    threads: int
    files: int

    @property
    def clean(self) -> bool:
        """Whether it went on to the end and left nothing open."""
        return not self.threads and not self.files and self.run.failure is None

    @property
    def passed(self) -> bool:
        """Whether memory did not grow either."""
        return self.clean and self.growth <= MOST_GROWTH


def soak(camera: UnpacedCamera, read: Callable[[Image], Page], frames: int, folder: Path) -> Soak:
    """Read ``frames`` frames. folder: for the sinks' files."""
    threads, files = open_threads(), open_files()
    warm_up = min(WARM_UP, frames // 4)
    samples: list[float] = []
    bar = _ProgressBar(frames)

    def watch(frame: Frame, page: Page) -> None:
        if frame.number >= warm_up and frame.number % SAMPLE_EVERY == 0:
            gc.collect()
            # Between two times that the loop does it, what frames needed for a moment is still there.
            give_back()
            samples.append(resident())
        bar.show(frame.number + 1, samples[-1] if samples else resident())

    config = Config(sinks=(f"jsonl:{folder / 'soak.jsonl'}",), record=RecordConfig(folder / "soak.sqlite"))
    sinks = open_sinks(config)
    try:
        outcome = run(camera, read, TrackingRule(), sinks, [watch], stop=threading.Event())
    finally:
        for sink in sinks:
            sink.close()
    bar.end()
    published = (folder / "soak.jsonl").read_text(encoding="utf-8").count("\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    lowest = lowest_tenths(samples or [resident()])
    return Soak(
        outcome,
        published,
        lowest[0],
        max(lowest) - lowest[0],
        peak,
        len(open_threads() - threads),
        len(open_files() - files),
    )


def lowest_tenths(samples: Sequence[float], parts: int = 10) -> list[float]:
    """The lowest sample in each tenth of a run. What is kept for good is there at the lowest too, while the next page
    that the demo camera draws meanwhile comes and goes by megabytes."""
    bounds = [len(samples) * part // parts for part in range(parts + 1)]
    return [min(samples[a:b]) for a, b in pairwise(bounds) if a < b]


def stub_reader() -> Callable[[Image], Page]:
    """Stands in for the reader where only the rest is soaked: another number every 60 frames, at one place."""
    count = 0

    def read(image: Image) -> Page:
        nonlocal count
        count += 1
        text = str(count // 60 % 1000)
        box = Box(10, 10, 8 * len(text), 12)
        return Page((Line(text, 0.95, box, tuple(Digit(int(value), 0.95, box) for value in text)),), ())

    return read


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak and report; returns the exit status: 0 if nothing grew and nothing stayed open, else 1."""
    parser = demo_parser(PROGRAM, "Read many frames and see whether memory, threads or files grow.", EXAMPLE)
    parser.add_argument("--frames", type=int, default=100_000, help="default: 100000")
    parser.add_argument("--damaged", action="store_true", help="damage three of four frames")
    parser.add_argument("--stub", action="store_true", help="a stand-in instead of the reader: everything but reading")
    parser.add_argument("--model", default="auto", help="as for edge-digits-camera")
    options = parser.parse_args(arguments)
    return exit_status(PROGRAM, lambda: _soak(options), options.debug)


def _soak(options: argparse.Namespace) -> int:
    settings = demo_settings(options)
    check_positive(options, "frames")
    camera = (DamagedCamera if options.damaged else UnpacedCamera)(settings, options.frames)
    read = stub_reader() if options.stub else open_reader(options.model).read
    with tempfile.TemporaryDirectory() as folder:
        result = soak(camera, read, options.frames, Path(folder))
    # Frames of ever new sizes need more memory now and then; only frames of one size must not.
    passed = result.clean if options.damaged else result.passed
    print(
        f"{result.run.frames} of {options.frames} frames in {result.run.seconds:.0f} s, {result.published} published\n"
        f"memory at its lowest: {result.settled_megabytes:.1f} MB in the first tenth, "
        f"{result.growth:.2f} MB more in a later one; peak {result.peak:.0f} MB\n"
        f"left open: {result.threads} threads, {result.files} files\n"
        f"{'passed' if passed else 'FAILED'}"
    )
    return 0 if passed else 1


class _ProgressBar:
    """One line on a terminal's standard error, nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._on = sys.stderr.isatty()

    def show(self, done: int, megabytes: float) -> None:
        if self._on and done % 50 == 0:
            print(f"\r{done} of {self._total} frames, {megabytes:.1f} MB", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._on:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def resident() -> float:
    """Megabytes of memory in use."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def open_threads() -> set[int]:
    """The threads of this process, by identifier."""
    return {thread.ident or 0 for thread in threading.enumerate()}


def open_files() -> set[str]:
    """The open files of this process: descriptor and what it leads to."""
    return {f"{path.name} {path.readlink()}" for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}


if __name__ == "__main__":
    sys.exit(main())
