"""A record's file that cannot be used: why not, in words, and out of the way of a new one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Sequence
from pathlib import Path

from edge_digits.errors import EdgeDigitsError

SUFFIXES = ("", "-wal", "-shm")
"""Of the files that make up one database."""


class DamagedError(EdgeDigitsError):
    """What is in the record's place is no record that can be used. The message goes on after the file's name, as in
    "is damaged"."""


def is_damage(error: Exception) -> bool:
    """Whether ``error`` says that the file itself is damaged, and not, say, that the disk is full."""
    # The lowest byte is the kind of error. Errors of the sqlite3 module itself have no code.
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, DamagedError) or kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def set_aside(path: Path, suffixes: Sequence[str] = SUFFIXES) -> Path | None:
    """Move what is in the record's place away, so that a new one can be made. suffixes: of the files that are moved, if
    they are there. Returns the new name, to which the suffixes are added; None if nothing was there. Raises OSError."""
    aside = free_name(path, SUFFIXES)
    moved = False
    for suffix in suffixes:
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
            moved = True
    return aside if moved else None


def free_name(path: Path, suffixes: Sequence[str] = ("",)) -> Path:
    """Where ``path``, whose file is damaged, is kept: a name beside it that is free with each of the suffixes."""
    first = aside = path.with_name(f"{path.name}.damaged-{time.time():.0f}")
    number = 1
    # Two may be damaged in one second, and a Pi without a clock of its own comes by the same second again.
    while any(os.path.lexists(f"{aside}{suffix}") for suffix in suffixes):
        number += 1
        aside = first.with_name(f"{first.name}-{number}")
    return aside


def describe(path: Path, error: Exception) -> str:
    """What is wrong in words, without the file's name. SQLite tells nobody why it cannot open or write a file."""
    if not isinstance(error, sqlite3.Error):
        return str(error).removeprefix(f"{path}: ")
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    unwritable = kind in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR)
    reason = why_not_written(path) if unwritable else None
    return str(error) if reason is None else f"{error}: {reason}"


def why_not_written(path: Path) -> str | None:
    """Why a database cannot be written, in words; None if nothing is known to be in the way.

    Opens no file: closing it again would take away the locks of this process's connections (sqlite.org/
    howtocorrupt.html, section 2.2).
    """
    try:
        target = path.resolve()
        folder = target.parent
        mode = folder.stat().st_mode
    except FileNotFoundError:
        return f"there is no folder {path.resolve().parent}"
    except (OSError, RuntimeError) as error:
        # Path.resolve raises RuntimeError for links in a circle before Python 3.13.
        return getattr(error, "strerror", None) or "its symbolic links go round in a circle"
    if not stat.S_ISDIR(mode):
        return f"{folder} is no folder"
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return "the file system is read-only"
    # SQLite makes a log and an index of it beside the file.
    if not may(folder, os.W_OK | os.X_OK):
        return f"not allowed to write in the folder {folder}"
    for file in (Path(f"{target}{suffix}") for suffix in SUFFIXES):
        if file.is_dir():
            return f"{file.name} is a folder"
        if file.exists() and not may(file, os.R_OK | os.W_OK):
            return f"not allowed to read and write {file.name}"
    return None


def may(path: Path, mode: int) -> bool:
    """Whether this process may, as the user whose rights it has now."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
