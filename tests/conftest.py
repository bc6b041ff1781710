"""For all tests: none may hang on the machine's speed, and Hypothesis gives an example 200 ms unless told otherwise.

Their files lie in memory where there is room for them: a record waits for its disk after every entry, and a disk that
others use takes up to 30 ms for that.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes."""


def has_room(folder: Path) -> bool:
    """Whether programs may be written to ``folder`` and run there, and there is enough room."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    about = os.statvfs(folder)
    return not about.f_flag & os.ST_NOEXEC and about.f_bavail * about.f_frsize >= ROOM


if "TMPDIR" not in os.environ and has_room(MEMORY):
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
