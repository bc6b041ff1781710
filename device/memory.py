"""Memory that the C library keeps although nothing uses it any more."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Callable


def give_back() -> None:
    """Let the system have the pages that hold nothing; takes a few milliseconds.

    Pictures come and go between small things that stay, so that over days ever more of the heap is holes. glibc hands
    back only what lies at its end, unless asked; other C libraries are left alone.
    """
    trim = _library_trim()
    if trim is not None:
        trim(0)


@functools.cache
def _library_trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return None
