"""``python -m docs.results.web viewers | uploads``: what the page costs the camera's reader on this machine.

The reader runs as it does behind a camera, and the load comes and goes every few seconds, so that whatever else this
computer does falls on both. The load comes from processes of the lowest priority, standing in for other computers.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from device.cameras.demo_options import check_positive, demo_parser, demo_settings
from device.config.camera import CameraSettings
from device.config.reading import TrackingRule
from device.config.settings import Config, WebConfig
from device.loop import run
from device.web.feed import open_feed
from device.web.process import module_command, module_environment
from docs.results.replay import ReplayCamera, drifting_page
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.system.exit_status import exit_status
from edge_digits.types import Frame

VIEWERS = 3
"""Browsers that look at pictures and events."""

UPLOADS = 50
"""Pictures that are sent at once, again and again."""

SEGMENT = 6.0
"""Seconds with the load, and as many without."""

WARM_UP = 1.5
"""Seconds of each that do not count: connections are made, or end."""

MOST_RATIO = 1.2
"""Of the latency that 99 of 100 frames keep, with viewers to without."""

LEAST_SHARE = 0.9
"""Of the frame rate, under uploads to without."""

PROGRAM = "python -m docs.results.web"
EXAMPLE = """\
examples:
  python -m docs.results.web viewers --seconds 120
  python -m docs.results.web uploads
The exit status is 1 if the reader is disturbed."""


class Alternation:
    """Seconds from frame to reading, the reader's own processor time for each, and how long all of them took, with the
    load and without; the load is a process that is started and ended."""

    def __init__(self, command: Sequence[str]) -> None:
        self.latencies: dict[bool, list[float]] = {False: [], True: []}
        self.processor: dict[bool, list[float]] = {False: [], True: []}
        self.seconds: dict[bool, float] = {False: 0.0, True: 0.0}
        self._command = command
        self._loaded, self._since, self._last, self._used = False, time.monotonic(), 0.0, 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self, frame: Frame, _: Page) -> None:
        """Note a frame that is done with, and change over if it is time."""
        now, used = time.monotonic(), time.thread_time()
        if now - self._since > WARM_UP:
            if self._last:
                self.processor[self._loaded].append(used - self._used)
                self.latencies[self._loaded].append(time.time() - frame.time)
                self.seconds[self._loaded] += now - self._last
            self._last, self._used = now, used
        if now - self._since > SEGMENT:
            self._loaded, self._since, self._last = not self._loaded, now, 0.0
            self.end()
            if self._loaded:
                self._process = subprocess.Popen(self._command, env=module_environment())

    def end(self) -> None:
        """End the load."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def frame_rate(self, loaded: bool) -> float:
        """Frames that were done with, per second."""
        return len(self.latencies[loaded]) / max(self.seconds[loaded], 1e-9)

    def ratio(self, seconds: dict[bool, list[float]]) -> tuple[str, float]:
        """What 99 of 100 frames keep, in words, and how many times as long it is with the load."""
        without, loaded = (1000 * float(np.quantile(seconds[state], 0.99)) for state in (False, True))
        return f"{without:.1f} ms without, {loaded:.1f} ms with: {loaded / without:.2f} times", loaded / without


def measure(what: str, settings: CameraSettings, seconds: float) -> tuple[str, bool]:
    """Read for ``seconds``. Returns a report, and whether the reader was left alone."""
    pictures = drifting_page(settings)
    reader = open_reader()
    for picture in pictures:
        reader.read(picture)
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "page.jpg"
        cv2.imwrite(str(image), pictures[0])
        config = Config(web=WebConfig(listen="127.0.0.1:0"))
        with open_feed(config, None, "replay", reader) as (feed, read):
            arguments = [what, "--load", str(feed.address.port), str(image)]
            alternation = Alternation(module_command("docs.results.web", *arguments))
            outcome = run(
                ReplayCamera(pictures, settings.frame_rate),
                read,
                TrackingRule(),
                [feed],
                [feed.watch, alternation.watch],
                stop=threading.Event(),
                duration=seconds,
                beat=feed.beat,
            )
            alternation.end()
    counts = [len(alternation.latencies[loaded]) for loaded in (False, True)]
    latency, ratio = alternation.ratio(alternation.latencies)
    processor, _ = alternation.ratio(alternation.processor)
    share = alternation.frame_rate(True) / alternation.frame_rate(False)
    load = f"{VIEWERS} viewers" if what == "viewers" else f"{UPLOADS} uploads at once"
    report = (
        f"{settings.width}x{settings.height}, {settings.frame_rate:g} frames a second, {outcome.seconds:.0f} s: "
        f"{counts[0]} frames without, {counts[1]} with {load}, {outcome.skipped} skipped\n"
        f"frame to reading, 99 of 100: {latency}\n"
        f"the reader's own processor time for it: {processor}\n"
        f"frames a second: {alternation.frame_rate(False):.2f} without, {alternation.frame_rate(True):.2f} with: "
        f"{share:.1%}"
    )
    return report, ratio <= MOST_RATIO if what == "viewers" else share >= LEAST_SHARE


def put_load(what: str, port: int, image: Path) -> None:
    """Look or upload until this process is ended."""
    os.nice(19)
    data = image.read_bytes()

    def look(path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", path)
        response = connection.getresponse()
        while response.read1(65536):
            pass

    def upload() -> None:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("POST", "/api/read?detail=true", data, {"Content-Type": "image/jpeg"})
            connection.getresponse().read()
            connection.close()

    if what == "viewers":
        targets = [(look, (path,)) for path in ("/api/live.mjpeg", "/api/events") for _ in range(VIEWERS)]
    else:
        targets = [(upload, ())] * UPLOADS
    for target, arguments in targets:
        threading.Thread(target=target, args=arguments).start()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; returns the exit status: 1 too if the reader is disturbed."""
    parser = demo_parser(PROGRAM, "Measure what the page in the browser costs the reader.", EXAMPLE, 15.0)
    parser.add_argument("what", choices=["viewers", "uploads"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--load", nargs=2, metavar=("PORT", "PICTURE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.load:
        put_load(options.what, int(options.load[0]), Path(options.load[1]))
        return 0
    return exit_status(PROGRAM, lambda: _measure(options), options.debug)


def _measure(options: argparse.Namespace) -> int:
    settings = demo_settings(options)
    check_positive(options, "seconds")
    cv2.setNumThreads(1)
    report, undisturbed = measure(options.what, settings, options.seconds)
    print(report)
    return 0 if undisturbed else 1


if __name__ == "__main__":
    sys.exit(main())
