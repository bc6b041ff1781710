"""Camera frames through the loop that ships, with the time of every stage."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from device.benchmark.timing import summary
from device.cameras.camera import Camera, Kind
from device.capture import Capture
from device.config.reading import TrackingRule
from device.loop import run
from device.sinks.jsonl import JsonLinesSink
from device.stopwatch import LINES, Stopwatch
from device.stopwatch import STAGES as READING
from device.tracking.views import View
from edge_digits.page import Page
from edge_digits.reader import DigitReader
from edge_digits.types import Frame, Image, Reading

STAGES = ("capture", *READING, LINES, "track", "publish")
"""capture: handing a frame over from the camera's thread. track: with the look whether the picture has changed.
publish: per reading, into a file; all others per frame that is read."""


class _Recording(Camera):
    """Frames one after another, again and again, every one of them taken."""

    kind: Kind = "video"
    name = "benchmark"

    def __init__(self, pictures: NDArray[np.uint8]) -> None:
        self._pictures = pictures
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        number = 0
        while not self._closed:
            yield Frame(self._pictures[number % len(self._pictures)], number, time.time())
            number += 1

    def close(self) -> None:
        """Deliver no more."""
        self._closed = True


def time_frames(reader: DigitReader, pictures: NDArray[np.uint8], seconds: float, warm_up: float) -> dict[str, Any]:
    """Read ``pictures`` (N, H, W) in turn for ``seconds`` as a run does, as fast as they are taken.

    Returns the summary of whole frames, and of every stage, in seconds. Frames that were not read, since they show what
    was read before, are not counted.
    """
    watch = Stopwatch()
    times: dict[str, list[float]] = defaultdict(list)
    whole: list[float] = []
    frames: list[float] = []
    before: dict[str, float] = {}
    began = time.perf_counter()
    last = began
    read = watch.timed("whole", reader.read)

    def done(frame: Frame, page: Page) -> None:
        nonlocal last, before
        now = time.perf_counter()
        took = {stage: watch.seconds[stage] - before.get(stage, 0.0) for stage in watch.seconds}
        if took.get("whole") and now - began > warm_up:
            frames.append(now - last)
            inside = {stage: took.get(stage, 0.0) for stage in READING}
            for stage, part in inside.items():
                times[stage].append(part)
            times["capture"].append(took["take"])
            times[LINES].append(took["whole"] - sum(inside.values()))
            times["track"].append(took["look"] - took["whole"] + took["settle"])
            whole.append(took["whole"])
        before = dict(watch.seconds)
        last = now

    class TimedSink(JsonLinesSink):
        def publish(self, reading: Reading, picture: Image | None = None) -> None:
            start = time.perf_counter()
            super().publish(reading, picture)
            times["publish"].append(time.perf_counter() - start)

    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(watch.around(reader))
        for owner, name in ((Capture, "take"), (View, "look"), (View, "settle")):
            stack.enter_context(mock.patch.object(owner, name, watch.timed(name, getattr(owner, name))))
        sink = TimedSink(Path(folder) / "readings.jsonl")
        run(
            _Recording(pictures),
            read,
            TrackingRule(),
            [sink],
            [done],
            stop=threading.Event(),
            duration=seconds + warm_up,
        )
        sink.close()
    stages = {stage: summary(times[stage]) for stage in STAGES if times[stage]}
    for kept in stages.values():
        del kept["histogram"]
    return {**summary(frames), "reading": summary(whole)["p50"], "stages": stages}
