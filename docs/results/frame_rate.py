"""``python -m docs.results.frame_rate COUNTS``: what frame rate to expect of a Raspberry Pi, from instructions counted
under emulation (``.ci/arm64_instructions``) and times that others measured on boards."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docs.results.page import RESULTS, write_page
from edge_digits.errors import DataError
from edge_digits.system.exit_status import exit_status

PROGRAM = "python -m docs.results.frame_rate"
PAGE = RESULTS / "frame-rate.md"
FRAME = "frame"
NETWORKS = {
    "mobilenet-v1": "MobileNet v1",
    "mobilenet-v2": "MobileNet v2",
    "mobilenet-v3-large": "MobileNet v3 large",
    "mobilenet-v3-small": "MobileNet v3 small",
}

Counts = Mapping[str, Mapping[str, int]]
"""Instructions of one frame or inference, by processor and name."""


@dataclass(frozen=True)
class Timed:
    """Where XNNPACK's README (https://github.com/google/XNNPACK, "Performance") has the float32 networks' times.

    processor: whose count they stand beside. milliseconds: by network. shared_by: cores that the inference was shared
    out to, at least and at most as far as it helped.
    """

    name: str
    processor: str
    milliseconds: Mapping[str, float]
    shared_by: tuple[float, float]


@dataclass(frozen=True)
class Board:
    """A Raspberry Pi. clock: by how much faster its core is than that of ``timed``, at least and at most."""

    name: str
    processor: str
    timed: Timed
    clock: tuple[float, float]
    why: str


def _times(*values: float) -> dict[str, float]:
    return dict(zip(NETWORKS, values, strict=True))


PI_3 = Timed("Raspberry Pi 3 B+, 4 threads", "cortex-a53", _times(115, 79, 67, 23), (2.0, 4.0))
PI_4 = Timed("Raspberry Pi 4, 4 threads", "cortex-a72", _times(75, 44, 41, 14), (2.0, 4.0))
PIXEL = Timed("Pixel 3a, one of its large cores", "cortex-a76", _times(88, 55, 44, 14), (1.0, 1.0))
BOARDS = (
    Board("Raspberry Pi Zero 2 W", "cortex-a53", PI_3, (1.0 / 1.4, 1.0 / 1.4), "the same core at 1.0 GHz, not 1.4"),
    Board("Raspberry Pi 3 B+", "cortex-a53", PI_3, (1.0, 1.0), "the board that was timed"),
    Board("Raspberry Pi 4", "cortex-a72", PI_4, (1.0, 1.2), "timed at 1.5 GHz; newer systems run it at 1.8"),
    Board(
        "Raspberry Pi 5",
        "cortex-a76",
        PIXEL,
        (1.0, 1.6),
        "a Cortex-A76 at 2.4 GHz; what was timed is a Cortex-A75's kin at 2.0, and does less in a cycle",
    ),
)

HEAD = """\
# What frame rate to expect of a Raspberry Pi

Made by `.ci/arm64_instructions`; do not edit. **An estimate: nobody has timed this on a board.** `python -m
device.benchmark` measures it on yours.

Instructions are counted under emulation (QEMU; twenty frames of the demo camera, 640×480, and two inferences of each
network, one thread). Times of the networks are others', from the README of XNNPACK, which is what runs them in TFLite,
too. A network's instructions by its time is how many a board executes in a second; a frame's instructions by that is
its time.
"""

TAIL = """\
How wrong it may be:

- The four networks of one board differ by up to {spread:.1f} times in instructions a second. The range goes from the
  slowest of them to the fastest.
- Most times are of four threads, the reader has one. How much four bring is not published: the range goes from twice
  as fast as one to four times.
- The times are of 2020 and of 32-bit code on the Pi 3 and 4; the counts are of today's 64-bit code.
- A frame is not a network alone: OpenCV, NumPy and Python wait for memory and branch more. What that costs on these
  cores is not in the range: half the speed would be no surprise.
- Frames differ: pages with printed lines, words and signs take several times what plain ones do
  ([measurements](measurements.md)). Frames in which nothing changes are not read at all.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; returns the exit status."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Write docs/results/frame-rate.md.")
    parser.add_argument(
        "counts", type=Path, metavar="COUNTS", help="of .ci/arm64_instructions: processor, name, number"
    )
    options = parser.parse_args(arguments)
    return exit_status(PROGRAM, lambda: _write(options.counts))


def _write(counts: Path) -> int:
    write_page(PAGE, *parts(load(counts)))
    return 0


def load(path: Path) -> Counts:
    """The counts in ``path``, a line for each: processor, name, number, with tabs between. Raises DataError if one is
    missing or damaged."""
    counts: dict[str, dict[str, int]] = {}
    try:
        for line in path.read_text("utf-8").splitlines():
            processor, name, number = line.split("\t")
            counts.setdefault(processor, {})[name] = int(number)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not what .ci/arm64_instructions counted: {error}") from error
    for board in BOARDS:
        missing = [name for name in (FRAME, *NETWORKS) if counts.get(board.processor, {}).get(name, 0) <= 0]
        if missing:
            raise DataError(f"{path}: no count of {missing[0]} on {board.processor}")
    return counts


def rates(counts: Counts, timed: Timed) -> tuple[float, float]:
    """Instructions that one core executes in a second, the least and the most that the networks' times allow."""
    seconds = {name: timed.milliseconds[name] / 1000 for name in NETWORKS}
    together = [counts[timed.processor][name] / seconds[name] for name in NETWORKS]
    return min(together) / timed.shared_by[1], max(together) / timed.shared_by[0]


def _spread(counts: Counts, timed: Timed) -> float:
    """How many times as fast the fastest network is as the slowest, in instructions a second."""
    slowest, fastest = rates(counts, timed)
    return fastest * timed.shared_by[0] / (slowest * timed.shared_by[1])


def frame_milliseconds(counts: Counts, board: Board) -> tuple[float, float]:
    """A frame's time on ``board``, the least and the most."""
    slowest, fastest = rates(counts, board.timed)
    frame = 1000 * counts[board.processor][FRAME]
    return frame / (fastest * board.clock[1]), frame / (slowest * board.clock[0])


def parts(counts: Counts) -> list[str]:
    """The page."""
    estimates = ["| board | instructions a frame | a frame (ms) | frames a second | core |", "|---|---:|---:|---:|---|"]
    for board in BOARDS:
        least, most = frame_milliseconds(counts, board)
        frame = counts[board.processor][FRAME] / 1e6
        time, rate = f"{least:.0f} to {most:.0f}", f"{1000 / most:.1f} to {1000 / least:.1f}"
        estimates.append(f"| {board.name} | {frame:.0f} million | {time} | {rate} | {board.why} |")
    head = " | ".join(NETWORKS.values())
    timed = [f"| timed | {head} | instructions a second and core |", "|---|" + "---:|" * (len(NETWORKS) + 1)]
    spread = max(_spread(counts, one) for one in (PI_3, PI_4, PIXEL))
    for one in (PI_3, PI_4, PIXEL):
        cells = " | ".join(
            f"{counts[one.processor][name] / 1e6:.0f} million, {one.milliseconds[name]:.0f} ms" for name in NETWORKS
        )
        slowest, fastest = rates(counts, one)
        timed.append(f"| {one.name} | {cells} | {slowest / 1e9:.2f} to {fastest / 1e9:.2f} thousand million |")
    return [HEAD, "\n".join(estimates), "\n".join(timed), TAIL.format(spread=spread)]


if __name__ == "__main__":
    sys.exit(main())
