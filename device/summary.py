"""What a run came to, in words: frames and times, and for the demo camera what was written and what was read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from device.cameras.demo import WrittenPage
from device.loop import Run
from device.scene.status import DriftStatus
from device.tracking.tracker import intersection_over_union
from edge_digits.evaluation.metrics import edit_distance
from edge_digits.types import Reading


@dataclass(frozen=True)
class PageScore:
    """One page of the demo camera: the numbers written, what was last read at the place of each ("" if nothing), and
    readings where nothing was written."""

    written: tuple[str, ...]
    read: tuple[str, ...]
    surplus: tuple[str, ...]

    @property
    def digits(self) -> int:
        """How many were written."""
        return sum(map(len, self.written))

    @property
    def digits_right(self) -> int:
        """How many of them were read: what edit distance leaves, line by line (surplus readings do not count)."""
        pairs = zip(self.written, self.read, strict=True)
        return sum(max(0, len(w) - edit_distance(w, r)) for w, r in pairs)


def score_page(page: WrittenPage, readings: Iterable[Reading]) -> PageScore:
    """Compare a page with the readings that were published while it was in the picture."""
    read = [""] * len(page.lines)
    surplus = []
    for reading in readings:
        if reading.is_gone or not page.begin <= reading.time <= page.end:
            continue
        overlaps = [intersection_over_union(line.box, reading.box) for line in page.lines]
        best = max(range(len(overlaps)), key=overlaps.__getitem__, default=None)
        if best is None or overlaps[best] == 0.0:
            surplus.append(reading.text)
        else:
            read[best] = reading.text.replace(" ", "")
    return PageScore(tuple(line.text.replace(" ", "") for line in page.lines), tuple(read), tuple(surplus))


def describe_run(run: Run) -> str:
    """Frames, how many were not read, frame rate and time, in one line."""
    if not run.frames:
        return "no frame was read"
    took = "none was read" if math.isnan(run.median_ms) else f"one reading takes {run.median_ms:.1f} ms (median)"
    return (
        f"{run.frames} frames in {run.seconds:.1f} s ({run.frame_rate:.1f} a second), {run.unchanged} unchanged, "
        f"{run.skipped} skipped; {took}"
    )


def describe_drift(status: DriftStatus) -> str:
    """Where the regions are at the end, in one line; nothing where they have not moved."""
    if status.problem is not None:
        return f"at the end regions are not read: {status.problem}"
    x, y = (round(side) for side in status.shift)
    if status.state != "following" or (x, y) == (0, 0):
        return ""
    return f"regions have moved by {x:+d}, {y:+d} pixels and {status.turn:+.1f} degrees"


def describe_pages(scores: Sequence[PageScore]) -> str:
    """A table of the numbers on every page, and the share of digits read right."""
    rows = [("page", "written", "read", "")]
    for k, score in enumerate(scores, 1):
        for written, read in zip(score.written, score.read, strict=True):
            rows.append((str(k), written, read or "-", "" if written == read else "wrong"))
        rows += [(str(k), "-", text, "wrong") for text in score.surplus]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    digits, right = sum(s.digits for s in scores), sum(s.digits_right for s in scores)
    share = f"{right} of {digits} digits read right ({right / digits:.1%})" if digits else "no page was shown for long"
    return "\n".join([*table, share])
