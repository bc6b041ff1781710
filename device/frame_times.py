"""How the frame loop does: frames by count, how often they come, how late they are read, and what each stage takes."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from device.collect.looks import Read
from device.stopwatch import LINES, Stopwatch
from edge_digits.page import Page
from edge_digits.reader import DigitReader
from edge_digits.trace import Observe
from edge_digits.types import Frame, Image

LATENCIES = 1000
"""Frames over which quantiles are taken."""

LATEST = 60.0
"""Seconds; no live frame is read so late."""


class FrameTimes:
    """Takes note of frames, as they come and as they are read.

    counts: frames that came, were read and were skipped. was_read: whether the frame since the last note was read.
    """

    def __init__(self) -> None:
        self.counts = {"frames": 0, "read": 0, "skipped": 0}
        self.was_read = False
        self._watch = Stopwatch()
        self._before: dict[str, float] = {}
        self._read_seconds = 0.0
        self._took: deque[float] = deque(maxlen=LATENCIES)
        self._rate: deque[float] = deque(maxlen=LATENCIES)

    @contextlib.contextmanager
    def timing(self, reader: Any) -> Iterator[Read]:
        """``reader.read``, timed stage by stage while it lasts."""

        def read(image: Image, observe: Observe | None = None) -> Page:
            began = time.perf_counter()
            try:
                return reader.read(image) if observe is None else reader.read(image, observe=observe)
            finally:
                self._read_seconds += time.perf_counter() - began
                self.was_read = True

        stages = self._watch.around(reader) if isinstance(reader, DigitReader) else contextlib.nullcontext()
        with stages:
            yield read

    def note(self, frame: Frame, now: float) -> dict[str, float]:
        """Take note of a frame. now: on the monotonic clock. Returns milliseconds by stage."""
        late = time.time() - frame.time
        if not 0.0 <= late <= LATEST:
            # The frames of recordings bear the time at which they were taken.
            late = self._read_seconds
        self._rate.append(now)
        self.counts["frames"] += 1
        self.counts["skipped"] = max(frame.number + 1 - self.counts["frames"], 0)
        stages = self._stages(late)
        if self.was_read:
            self.counts["read"] += 1
            self._took.append(late)
        return stages

    def rates(self) -> dict[str, Any]:
        """Frames a second, and quantiles of how late they were read; None where there is nothing to say."""
        span = self._rate[-1] - self._rate[0]
        took = [round(1000 * float(q), 2) for q in np.quantile(self._took, (0.5, 0.99))] if self._took else [None, None]
        return {
            "frame_rate": round((len(self._rate) - 1) / span, 2) if span > 0 else None,
            "latency_ms": {"median": took[0], "p99": took[1]},
        }

    def _stages(self, late: float) -> dict[str, float]:
        """Milliseconds by stage of the last frame."""
        seconds, self._read_seconds = self._read_seconds, 0.0
        after = dict(self._watch.seconds)
        stages = {name: after[name] - self._before.get(name, 0.0) for name in after}
        self._before = after
        if self.was_read:
            stages[LINES] = max(0.0, seconds - sum(stages.values()))
        stages["waiting"] = max(0.0, late - seconds)
        return {name: round(1000 * value, 2) for name, value in stages.items()}
