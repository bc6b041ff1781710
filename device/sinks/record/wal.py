"""The record's write-ahead log after a crash: whether SQLite could use all of it.

What of the log does not match its checksums SQLite passes over without a word, and then writes over it
(sqlite.org/fileformat2.html, section 4).
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path

from device.sinks.record.damage import free_name

HEADER = struct.Struct(">8I")
"""Magic number, version, page size, checkpoint's number, two salts, two checksums."""

FRAME = struct.Struct(">4I")
"""The beginning of a frame's header of 24 bytes: page, size of the database after a commit (else 0), two salts."""

FRAME_BYTES = 24

MAGIC = (0x377F0682, 0x377F0683)
"""The second one says that words are summed up with their first byte as the highest."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeftLog:
    """A log that the last run left. commits: numbers of the frames that end a transaction, by the frames' headers.
    is_readable: whether its own header is sound; all frames are passed over otherwise."""

    commits: tuple[int, ...] = ()
    is_readable: bool = True


def left_log(record: Path) -> LeftLog:
    """What the last run left; to be looked at before the record is opened."""
    try:
        with Path(f"{record}-wal").open("rb") as file:
            head = file.read(HEADER.size)
            if len(head) < HEADER.size:
                return LeftLog()
            magic, _, page_bytes, _, *rest = HEADER.unpack(head)
            salts, sums = tuple(rest[:2]), tuple(rest[2:])
            if magic not in MAGIC or _checksum(head[:FRAME_BYTES], magic) != sums:
                return LeftLog(is_readable=not file.read(FRAME_BYTES))
            commits: list[int] = []
            number = 0
            while len(frame := file.read(FRAME_BYTES)) == FRAME_BYTES:
                number += 1
                _, size, *of_frame = FRAME.unpack_from(frame)
                file.seek(page_bytes, 1)
                if size and tuple(of_frame) == salts:
                    commits.append(number)
            return LeftLog(tuple(commits))
    except OSError:
        return LeftLog()


def keep_if_damaged(record: Path, left: LeftLog, connection: sqlite3.Connection) -> None:
    """Copy a log of which SQLite could not use everything, before it is written over; the log says so. connection: to
    the record, which has written nothing yet."""
    [_, used, _] = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    # The last one a process may have been killed in the middle of, with its header written and its page not.
    if left.is_readable and sum(number > used for number in left.commits) < 2:
        return
    log = Path(f"{record}-wal")
    aside = free_name(log)
    try:
        shutil.copyfile(log, aside)
        kept = f"kept as {aside.name}"
    except OSError as error:
        kept = f"cannot be kept ({error.strerror})"
    logger.error("%s: is damaged; %s, and the last entries before the crash may be missing", log, kept)


def _checksum(data: bytes, magic: int) -> tuple[int, int]:
    """Of a whole number of pairs of words."""
    words = struct.unpack(f"{'>' if magic & 1 else '<'}{len(data) // 4}I", data)
    first = second = 0
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
