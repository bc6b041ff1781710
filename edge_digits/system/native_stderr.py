"""Keeps what C libraries write to standard error away from the user, and for whoever wants to know."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Only one thread at a time may bend the process's standard error away.
_lock = threading.Lock()


@contextmanager
def native_stderr() -> Iterator[list[str]]:
    """While the block runs, file descriptor 2 leads into a list that is filled when it ends: one line of text each.

    Python's own ``sys.stderr`` goes the same way, so nothing should be said in there. What goes past the capacity of a
    pipe (64 KiB on Linux) is lost.
    """
    lines: list[str] = []
    with _lock:
        try:
            saved = os.dup(2)
        except OSError:
            # A process without standard error has nothing to keep clean.
            yield lines
            return
        read_end, write_end = os.pipe()
        # A library that says more than the pipe holds must not wait for a reader.
        os.set_blocking(write_end, False)
        os.dup2(write_end, 2)
        os.close(write_end)
        try:
            yield lines
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            with os.fdopen(read_end, "rb") as pipe:
                lines += pipe.read().decode(errors="replace").splitlines()
