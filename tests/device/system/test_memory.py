"""Memory that nothing uses goes back to the system."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from device.system.memory import give_back


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


_FOUR_THREADS = """
import threading
from pathlib import Path
from device.system.memory import keep_one_heap

def reserved():
    [line] = [x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmSize")]
    return int(line.split()[1]) // 1024

if {wanted}:
    keep_one_heap()
before, kept = reserved(), []
everybody = threading.Barrier(4)

def work():
    everybody.wait()
    kept.append([bytearray(50_000) for _ in range(20)])
    everybody.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(reserved() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has a heap for each thread")
def test_threads_share_one_heap() -> None:
    """glibc reserves 64 MB of addresses for each heap."""
    own, shared = (_megabytes_reserved(wanted) for wanted in (False, True))
    assert own - shared > 2 * 60


def _megabytes_reserved(wanted: bool) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _FOUR_THREADS.format(wanted=wanted)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)
