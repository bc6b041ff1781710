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
    trim = _library("malloc_trim")
    if trim is not None:
        trim(0)


def keep_one_heap() -> None:
    """Have all threads of this process share one heap; call it before they start.

    glibc gives each thread a heap of its own, and each keeps holes for pictures that pass from one thread to the next.
    The threads here seldom want memory at the same moment.
    """
    set_option = _library("mallopt")
    if set_option is not None:
        set_option(_M_ARENA_MAX, 1)


_M_ARENA_MAX = -8


@functools.cache
def _library(name: str) -> Callable[..., int] | None:
    """A function of glibc; None where there is another C library."""
    try:
        return getattr(ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6"), name)
    except (OSError, AttributeError):
        return None
