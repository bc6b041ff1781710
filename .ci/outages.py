"""All that can go wrong around a reader, in one run: the broker is killed, the camera cut, the disk filled, the clock
set back, and regions are saved from the page meanwhile. Every reading must be accounted for exactly once, in the
record, in JSON lines and at the broker, and memory must not grow.

Arguments: how many frames, 20,000 unless said otherwise; --stub reads with a stand-in. Needs root, for a small disk of
its own, Mosquitto, and tests/device on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import own_clock
from broker import Broker, free_port
from broker_tap import Tap

from device import __main__ as program
from device.cameras.camera import Camera, Kind
from device.cameras.demo import DemoCamera
from device.config.camera import CameraSettings
from device.sinks.console import ConsoleSink
from device.sinks.opening import open_sinks
from device.system import clock
from device.system.memory import give_back
from docs.results.soak import MOST_GROWTH, lowest_tenths, open_files, open_threads, resident, stub_reader
from edge_digits.errors import CameraError
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.types import Frame, Image, Reading, Refusal

WIDTH, HEIGHT = 320, 240
PICTURES = 120
"""Of two pages, drawn beforehand."""

DISK_MEGABYTES = 32

SAMPLE_EVERY = 500
"""Frames between two looks at the memory."""

PATIENCE = 300.0
"""Seconds that the page's server may take for an answer, on a machine that is busy with other things."""

DRAIN_SECONDS = 300.0
"""In which the broker must have everything, after the last frame."""

CONFIG = """\
source = "demo"
sinks = ["jsonl:{disk}/readings.jsonl"]
[camera]
width = {width}
height = {height}
timeout = 20
[drift]
follow = false
[[region]]
name = "top"
box = [0, 0, {width}, {half}]
[[region]]
name = "bottom"
box = [0, {half}, {width}, {half}]
[record]
path = "{disk}/readings.sqlite"
max_megabytes = 16
[mqtt]
host = "127.0.0.1"
port = {port}
client_id = "desk"
[web]
listen = "127.0.0.1:{page}"
"""


class Faults:
    """What goes wrong, each at a share of the run; for the frame loop's thread. Nothing of it is over before the next
    begins: the disk is full while the broker is away."""

    def __init__(self, count: int, broker: Broker, disk: Path, page: int) -> None:
        self.count, self.broker, self.disk, self.page = count, broker, disk, page
        self.done: Counter[str] = Counter()
        self.failed: list[str] = []
        self.at: dict[int, list[Callable[[], None]]] = {}
        for share in (0.05, 0.2, 0.5, 0.52, 0.8):
            self._plan(share, self.kill_broker)
        for share in (0.08, 0.35, 0.51, 0.6, 0.83):
            self._plan(share, self.start_broker)
        for share, action in ((0.3, self.fill_disk), (0.4, self.empty_disk), (0.7, self.fill_disk)):
            self._plan(share, action)
        self._plan(0.75, self.empty_disk)
        self._plan(0.45, lambda: self.set_clock(3600.0))
        self._plan(0.9, lambda: self.set_clock(0.0))
        for step in range(10):
            self._plan(0.02 + 0.1 * step, lambda step=step: self.save_regions(step))
        for step in range(8):
            self._plan(0.07 + 0.12 * step, self.ask)

    def _plan(self, share: float, action: Callable[[], None]) -> None:
        self.at.setdefault(int(share * self.count), []).append(action)

    def look(self, number: int) -> None:
        """Do what is due before frame ``number``."""
        for action in self.at.pop(number, ()):
            action()

    def kill_broker(self) -> None:
        self.broker.kill()
        self.done["broker killed"] += 1

    def start_broker(self) -> None:
        self.broker.start()
        self.done["broker started"] += 1

    def fill_disk(self) -> None:
        with (self.disk / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                self.done["disk filled"] += 1

    def empty_disk(self) -> None:
        (self.disk / "ballast").unlink()
        self.done["disk emptied"] += 1

    def set_clock(self, seconds: float) -> None:
        own_clock.set_back(seconds)
        self.done["clock set back" if seconds else "clock set right"] += 1

    def save_regions(self, step: int) -> None:
        """Other boxes each time, now and then one region more."""
        base = f"http://127.0.0.1:{self.page}/api/regions"
        try:
            with urllib.request.urlopen(base, timeout=PATIENCE) as answer:
                version = json.load(answer)["version"]
            half = HEIGHT // 2
            regions = [
                {"name": "top", "box": [step, 0, WIDTH - step, half]},
                {"name": "bottom", "box": [0, half, WIDTH - step, half]},
            ]
            if step % 3 == 2:
                regions.append({"name": "third", "box": [0, HEIGHT // 4, WIDTH, half]})
            body = json.dumps({"regions": regions, "version": version}).encode()
            request = urllib.request.Request(base, body, {"Content-Type": "application/json"}, method="PUT")
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                assert json.load(answer)["saved"] is True
            self.done["regions saved"] += 1
        except (OSError, AssertionError) as error:
            self.failed.append(f"regions were not saved: {error}")

    def ask(self) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        self.done["asked to read"] += 1


class Witness(ConsoleSink):
    """Stands before all sinks: notes what the frame loop publishes, and counts its frames."""

    def __init__(self, faults: Faults, warm_up: int) -> None:
        super().__init__(io.StringIO())
        self.readings: list[str] = []
        self.refusals: list[str] = []
        self.frames = 0
        self.samples: list[float] = []
        self.step = threading.Semaphore(1)
        self._faults, self._warm_up = faults, warm_up

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Note it."""
        self.readings.append(reading.id)

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Note it."""
        self.refusals.append(refusal.id)

    def watch(self, frame: Frame, page: Page) -> None:
        """The loop is through with a frame."""
        self.frames += 1
        self._faults.look(self.frames)
        if self._warm_up <= self.frames <= self._faults.count and self.frames % SAMPLE_EVERY == 0:
            gc.collect()
            give_back()
            self.samples.append(resident())
        self.step.release()


class Cut(Camera):
    """Pictures again and again, as fast as they are read, every one of them, in pieces that end with an error, with
    silence, or just so; ``cuts``: before which frame, and how. After the last frame one is shown until ``is_over``,
    which ends the program."""

    kind: Kind = "live"

    def __init__(
        self,
        pictures: list[Image],
        count: int,
        witness: Witness,
        cuts: dict[int, str],
        is_over: Callable[[], bool],
    ) -> None:
        self.name, self.unsupported = "a camera that is cut", ()
        self._pictures, self._count, self._witness, self._cuts, self._is_over = pictures, count, witness, cuts, is_over
        self._closed = threading.Event()
        witness.step = threading.Semaphore(1)

    def __iter__(self) -> Iterator[Frame]:
        number = 0
        while not self._closed.is_set():
            if not self._witness.step.acquire(timeout=0.1):
                continue
            place = self._witness.frames
            cut = self._cuts.pop(place, None)
            if cut == "silence":
                self._closed.wait()
            elif cut == "error":
                raise CameraError("the cable is out")
            if cut is not None:
                return
            if place >= self._count:
                time.sleep(0.05)
                if self._is_over():
                    os.kill(os.getpid(), signal.SIGTERM)
            yield Frame(self._pictures[min(place, self._count) % len(self._pictures)], number, time.time())
            number += 1

    def close(self) -> None:
        """Ends the silence."""
        self._closed.set()


def account(witness: Witness, tap: Tap, disk: Path) -> list[str]:
    """What is not accounted for exactly once, in words; prints what was found."""
    with closing(sqlite3.connect(disk / "readings.sqlite")) as connection:
        recorded = [row[0] for row in connection.execute("SELECT id FROM readings ORDER BY seq")]
        refused = [row[0] for row in connection.execute("SELECT id FROM refusals ORDER BY seq")]
        clocks = connection.execute("SELECT clock, count(*) FROM readings GROUP BY clock").fetchall()
        [sound] = connection.execute("PRAGMA integrity_check").fetchone()
    files = [disk / f"readings.jsonl.{number}" for number in range(5, 0, -1)] + [disk / "readings.jsonl"]
    lines = [line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines()]
    # What a full disk has cut short stays a line of its own, and the whole line comes after it.
    written = [json.loads(line)["id"] for line in lines if line.endswith("}")]
    delivered: list[str] = []
    latest: dict[str | None, str] = {}
    told_again = wrong = 0
    for entry in list(tap.acknowledged):
        if entry.id not in delivered:
            delivered.append(entry.id)
        elif latest.get(entry.region) == entry.id:
            # The broker keeps nothing: it is told the last reading of each region again.
            told_again += 1
        else:
            wrong += 1
        latest[entry.region] = entry.id
    print(f"{len(witness.readings)} readings published, {len(witness.refusals)} refused")
    times = ", ".join(f"{number} {clock or 'good'}" for clock, number in clocks)
    print(f"in the record: {len(recorded)}; times: {times}")
    print(f"in JSON lines: {len(written)}, and {len(lines) - len(written)} lines that the full disk had cut short")
    print(
        f"acknowledged by the broker: {len(delivered)}, over {tap.connections} connections; {told_again} told again, "
        "as the last of a region that a new broker did not have"
    )
    expected = witness.readings
    return [
        said
        for said, holds in (
            ("the record is damaged", sound == "ok"),
            ("the record does not hold each reading once, in order", recorded == expected),
            ("the record does not hold each refusal once", refused == witness.refusals),
            ("JSON lines do not hold each reading once, in order", written == expected),
            ("the broker was not told each reading once, in order", delivered == expected and not wrong),
        )
        if not holds
    ]


def main(arguments: list[str]) -> int:
    """Run, and say what came of it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frames", type=int, nargs="?", default=20_000)
    parser.add_argument("--stub", action="store_true", help="a stand-in instead of the reader")
    options = parser.parse_args(arguments)
    count = options.frames
    with tempfile.TemporaryDirectory() as name:
        folder, disk = Path(name), Path(name) / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(disk)]
        subprocess.run(mount, check=True)
        broker = Broker(folder)
        try:
            broker.start()
            return _run(folder, disk, broker, count, options.stub)
        finally:
            broker.close()
            subprocess.run(["umount", "-l", str(disk)], check=True)


def _run(folder: Path, disk: Path, broker: Broker, count: int, stub: bool) -> int:
    tap, page = Tap(broker.port), free_port()
    config = folder / "camera.toml"
    sizes = {"width": WIDTH, "height": HEIGHT, "half": HEIGHT // 2}
    config.write_text(CONFIG.format(disk=disk, port=tap.port, page=page, **sizes))
    faults = Faults(count, broker, disk, page)
    witness = Witness(faults, min(5000, count // 4))
    demo = DemoCamera(CameraSettings(WIDTH, HEIGHT, 15.0))
    pictures = [demo.photograph(number).image for number in range(PICTURES)]
    kinds = ("error", "silence", "end")
    cuts = {int(share * count): kinds[k % 3] for k, share in enumerate((0.1, 0.25, 0.36, 0.58, 0.72, 0.92))}
    planned = len(cuts)
    give_up: list[float] = []
    ended: list[bool] = []

    def is_over() -> bool:
        """True once: a second signal would end the program at once, and nothing would be accounted for."""
        if not give_up:
            give_up.append(time.monotonic() + DRAIN_SECONDS)
        told = {entry.id for entry in tap.acknowledged}
        is_told = witness.frames >= count + 40 and told.issuperset(witness.readings)
        if ended or not (is_told or time.monotonic() > give_up[0]):
            return False
        ended.append(True)
        return True

    # Whether this computer's own clock is set from the network is no part of it.
    clock.SYNCHRONIZED_FILE = Path("/")
    program.open_camera = lambda *_: Cut(pictures, count, witness, cuts, is_over)
    program.open_sinks = lambda *given: [witness, *open_sinks(*given)]
    # Opened before what is open is counted: a reader keeps its model files.
    read = stub_reader() if stub else open_reader().read
    program.open_reader = lambda model: type("Opened", (), {"read": staticmethod(read)})()
    threads, files = open_threads(), open_files()
    log = io.StringIO()
    said, sys.stderr = sys.stderr, log
    began = time.monotonic()
    try:
        status = program.main(["--config", str(config)])
    finally:
        sys.stderr = said
    took = time.monotonic() - began
    faults.done["camera cut"] = planned - len(cuts)
    print(", ".join(f"{what} {times} times" for what, times in faults.done.items()))
    wrong = account(witness, tap, disk) + faults.failed
    lowest = lowest_tenths(witness.samples or [resident()])
    growth = max(lowest) - lowest[0]
    print(f"{witness.frames} frames in {took:.0f} s; memory at its lowest: {lowest[0]:.1f} MB in the first tenth after")
    print(f"the warm-up, {growth:.2f} MB more in a later one")
    tap.close()
    checks = {
        f"the exit status is {status}": status == 0,
        f"memory grew by {growth:.2f} MB": growth <= MOST_GROWTH,
        "not everything that was planned went wrong": not faults.at and not cuts,
        "the page's server or a sink left files open": len(open_files() - files) <= 2
        and len(open_threads() - threads) <= 2,
    }
    wrong += [said for said, holds in checks.items() if not holds]
    for line in [f"FAILED: {said}" for said in wrong] + (log.getvalue().splitlines()[-60:] if wrong else []):
        print(line)
    print("FAILED" if wrong else "passed")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
