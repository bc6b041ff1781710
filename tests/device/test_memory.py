"""Memory that nothing uses goes back to the system."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from device.memory import give_back


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what can be asked back")
def test_holes_in_the_heap_are_given_back() -> None:
    blocks = [bytearray(100_000) for _ in range(400)]
    # Every tenth stays, so that the heap's end cannot be given back by itself.
    kept = blocks[::10]
    del blocks
    before = _resident()
    give_back()
    assert before - _resident() > 20_000_000
    assert len(kept) == 40
