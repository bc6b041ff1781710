"""How fast a number gets from the demo camera to the sinks, and what a still page costs."""

from __future__ import annotations

import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from device.cameras.demo import DESK_SECONDS, PAGE_SECONDS, DemoCamera
from device.config.camera import CameraSettings
from device.config.reading import TrackingRule
from device.loop import run
from device.sinks.jsonl import JsonLinesSink
from device.stopwatch import LINES, STAGES, Stopwatch
from docs.results.replay import ReplayCamera, drifting_page
from edge_digits.page import Page
from edge_digits.reader import DigitReader, open_reader
from edge_digits.types import Frame, Image, Reading, Refusal

WARM_UP_SECONDS = 1.0
"""Frames at the start that are not counted: caches are cold and threads are started."""

ALONE_RATE = 4.0
"""Frames of each second that are read once more while nothing else runs."""


def latency(settings: CameraSettings, seconds: float, model: str) -> str:
    """Read the demo camera for ``seconds`` as a run does, into a file. Returns a report."""
    reader = open_reader(model)
    watch = Stopwatch()
    took: list[float] = []
    reading: list[float] = []
    published: list[float] = []
    since_written: list[float] = []
    page_frames = round(PAGE_SECONDS * settings.frame_rate)
    first_with_page = round(DESK_SECONDS * settings.frame_rate)
    begins: dict[int, float] = {}
    waited = 0.0
    began_at = time.time()

    def read(image: Image) -> Page:
        began = time.perf_counter()
        try:
            return reader.read(image)
        finally:
            reading.append(time.perf_counter() - began)

    class TimedSink(JsonLinesSink):
        def publish(self, reading: Reading, picture: Image | None = None) -> None:
            began = time.perf_counter()
            super().publish(reading, picture)
            watch.seconds["publish"] += time.perf_counter() - began
            published.append(time.time() - reading.time)
            page_begin = max((begin for begin in begins.values() if begin <= reading.time), default=reading.time)
            since_written.append(time.time() - page_begin)

        def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
            """Nothing is refused without regions."""

    class Camera(DemoCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                if frame.number % page_frames >= first_with_page:
                    begins.setdefault(frame.number // page_frames, frame.time)
                yield frame

    def done(frame: Frame, page: Page) -> None:
        nonlocal waited
        if time.time() - began_at > WARM_UP_SECONDS:
            took.append(time.time() - frame.time)
            waited += max(0.0, took[-1] - reading[-1])

    with tempfile.TemporaryDirectory() as folder, watch.around(reader):
        sink = TimedSink(Path(folder) / "readings.jsonl")
        outcome = run(Camera(settings), read, TrackingRule(), [sink], [done], stop=threading.Event(), duration=seconds)
        sink.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    alone = reading_alone(reader, settings, seconds)
    inside = sum(reading)
    shares = {stage.replace("_", " "): watch.seconds[stage] for stage in STAGES}
    shares[LINES] = inside - sum(shares.values())
    shares["publish"] = watch.seconds["publish"]
    shares["hand over, look for change, track"] = max(0.0, waited - shares["publish"])
    total = sum(shares.values())
    lines = [
        f"{settings.width}x{settings.height}, {settings.frame_rate:g} frames a second, {outcome.seconds:.0f} s: "
        f"{outcome.frames} frames, {outcome.unchanged} unchanged, {outcome.skipped} skipped",
        f"frame -> done with it, {len(took)} frames:        {_quantiles(took)}",
        f"frame -> published, {len(published)} readings:         {_quantiles(published)}",
        f"number appears -> published (5 frames vote): {_quantiles(since_written)}",
        f"reading, beside the camera:              {_quantiles(reading)}",
        f"reading alone, {len(alone)} of the same frames:      {_quantiles(alone)}, "
        f"{1 / statistics.median(alone):.0f} frames a second at the median, {len(alone) / sum(alone):.0f} on average",
        "shares: " + ", ".join(f"{stage} {part / total:.1%}" for stage, part in shares.items()),
        f"peak memory {peak:.0f} MB",
    ]
    return "\n".join(lines)


def reading_alone(reader: DigitReader, settings: CameraSettings, seconds: float) -> list[float]:
    """Seconds that reading takes while nothing else runs, for some frames of each second of the demo.

    The made-up camera computes its pictures in Python beside the reader, as no real one does, and each waits for the
    other.
    """
    demo = DemoCamera(settings)
    took: list[float] = []
    for number in range(0, round(seconds * settings.frame_rate), max(1, round(settings.frame_rate / ALONE_RATE))):
        image = demo.photograph(number).image
        began = time.perf_counter()
        reader.read(image)
        took.append(time.perf_counter() - began)
    return took


def still(settings: CameraSettings, seconds: float, model: str) -> str:
    """Processor time for a still page, with a sensor's noise, and for the same page moving. Returns a report."""
    reader = open_reader(model)
    moving = drifting_page(settings)
    rng = np.random.default_rng(0)
    noise = [rng.normal(0.0, 3.0, moving[0].shape) for _ in moving]
    resting = [np.clip(moving[0] + grain, 0, 255).astype(np.uint8) for grain in noise]
    for picture in moving:
        reader.read(picture)
    lines: list[str] = []
    costs: list[float] = []
    for name, pictures in (("moving", moving), ("still", resting)):
        began = time.process_time()
        outcome = run(
            ReplayCamera(pictures, settings.frame_rate),
            reader.read,
            TrackingRule(),
            [],
            stop=threading.Event(),
            duration=seconds,
        )
        costs.append(time.process_time() - began)
        lines.append(
            f"{name:<7} {outcome.frames} frames, {outcome.frames - outcome.unchanged} read, "
            f"{outcome.skipped} skipped: {costs[-1] / outcome.seconds:.1%} of a core"
        )
    return "\n".join([*lines, f"a still page costs {costs[1] / costs[0]:.1%} of a moving one"])


def _quantiles(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    return f"p50 {np.quantile(seconds, 0.5) * 1000:.1f} ms, p99 {np.quantile(seconds, 0.99) * 1000:.1f} ms"
