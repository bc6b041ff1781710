"""Samples into a folder and out of it again: names by time, one of what stands in a box, the oldest, all of them, and
what was learned of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge_digits.errors import LabelError
from edge_digits.page import Page
from edge_digits.teach.labels import (
    LABELS_FILE,
    SAMPLES_FILE,
    SampleRow,
    add_sample,
    read_labels,
    read_samples,
    remove_samples,
)
from edge_digits.teach.private import HAND_FILE, locked
from edge_digits.teach.samples import candidate_at, sample_of
from edge_digits.trace import Seen
from edge_digits.types import Box, Digit, Line, Rejected

LOW = "low-confidence"
"""Why a digit was rejected that could have been one."""

_MADE = re.compile(r"\d{8}-\d{6}-\d{3}-\d+(\.input)?\.png|.+\.input\.png|\.[0-9a-f]{16}\.part")
"""Names of files that only collecting makes, also where a power cut left them out of the list."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place in a picture of which a sample is wanted. read: the digit that was read, "" where none was. confidence:
    0..1."""

    box: Box
    read: str
    confidence: float

    @classmethod
    def of(cls, item: Digit | Rejected) -> Wanted:
        """Of what a page tells of; nothing is sure of what was rejected."""
        if isinstance(item, Digit):
            return cls(item.box, str(item.value), item.confidence)
        return cls(item.box, "", 0.0)


def keep(folder: Path, seen: Seen, wanted: Wanted, why: str, region: str, time: float) -> str | None:
    """Add what stands in the box to ``folder``; returns its name, None where the reader has seen nothing that fills it.

    seen: the picture in whose pixels the box is. why, region: as in ``SampleRow``. time: seconds since the epoch.
    Raises OSError if it cannot be written.
    """
    index = candidate_at(seen, wanted.box)
    if index is None:
        return None
    sample = sample_of(seen, index)
    name = free_name(folder, time)
    add_sample(folder, SampleRow(name, wanted.read, wanted.confidence, why, region, time, sample.box), sample)
    return name


def free_name(folder: Path, time: float) -> str:
    """A name for a picture taken at ``time``, seconds since the epoch, that none in ``folder`` has: as
    20261130-201512-123-0.png, in universal time, so that names are in the order of time whatever clocks do."""
    taken = datetime.fromtimestamp(time, UTC)
    stem = f"{taken:%Y%m%d-%H%M%S}-{taken.microsecond // 1000:03d}"
    number = 0
    while (folder / f"{stem}-{number}.png").exists():
        number += 1
    return f"{stem}-{number}.png"


def rejected_in(line: Line, page: Page) -> list[Rejected]:
    """What of the page was rejected in the row of ``line`` for being too unsure: level with its digits, and no further
    from them than two of their heights."""
    box = line.box
    return [one for one in page.rejected if one.reason == LOW and _stands_in(one.box, box)]


def unlabelled(folder: Path) -> list[str]:
    """The samples of which nobody has said anything, the oldest first. Raises LabelError."""
    labels = read_labels(folder)
    return [row.file for row in read_samples(folder) if row.file not in labels]


def remove_oldest(folder: Path, most: int) -> int:
    """Delete the oldest samples without a label until ``most`` are left; returns how many are. Raises LabelError,
    OSError."""
    files = unlabelled(folder)
    gone = files[: max(0, len(files) - most)]
    if gone:
        remove_samples(folder, gone)
    return len(files) - len(gone)


def remove_all(folder: Path) -> int:
    """Delete all that was collected in ``folder``, and its labels, also where its list is damaged; what was learned of
    it stays. Returns how many samples there were. Raises LabelError if there is no such folder, OSError."""
    try:
        files = {row.file for row in read_samples(folder)}
    except LabelError:
        if not folder.is_dir():
            raise
        files = set()
    with locked(folder):
        count = 0
        for path in [*folder.iterdir()]:
            is_made = _MADE.fullmatch(path.name) is not None
            if is_made or path.name in files or path.name in (SAMPLES_FILE, LABELS_FILE):
                path.unlink(missing_ok=True)
                count += path.name in files or (is_made and path.suffixes == [".png"])
    return count


def undo(folder: Path) -> bool:
    """Read as shipped again: delete what was learned. Returns whether there was anything. Raises LabelError if there is
    no such folder, OSError if it cannot be deleted."""
    if not folder.is_dir():
        raise LabelError(f"{folder}: no such folder")
    try:
        (folder / HAND_FILE).unlink()
    except FileNotFoundError:
        return False
    return True


def _stands_in(box: Box, row: Box) -> bool:
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    room = 2 * row.height
    return row.y <= middle_y <= row.bottom and row.x - room <= middle_x <= row.right + room
