"""For all tests: where their files lie, which of them are slow, and Hypothesis without a clock: none may hang on the
machine's speed. Without the slow ones Hypothesis draws fewer examples.

Files lie in memory where there is room for them: a record waits for its disk after every entry, and a disk that others
use takes up to 30 ms for that.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast lane", settings.get_profile("any machine"), max_examples=25)

MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes."""

TESTS = Path(__file__).parent
SLOW = [
    TESTS / "convert",
    TESTS / "device" / "benchmark" / "test_benchmark_command.py",
    TESTS / "device" / "web" / "browser",
    TESTS / "docs",
    TESTS / "examples",
]
"""Whole folders and files."""

SLOW_FIXTURES = {"broker", "server", "guarded"}
"""They start a process."""


def has_room(folder: Path) -> bool:
    """Whether programs may be written to ``folder`` and run there, and there is enough room."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    about = os.statvfs(folder)
    return not about.f_flag & os.ST_NOEXEC and about.f_bavail * about.f_frsize >= ROOM


if "TMPDIR" not in os.environ and has_room(MEMORY):
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def is_slow(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SLOW)


def is_fast_lane(config: pytest.Config) -> bool:
    return config.option.markexpr == "not slow"


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("fast lane" if is_fast_lane(config) else "any machine")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """To import TensorFlow takes longer than many tests."""
    return True if is_fast_lane(config) and is_slow(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_slow(item.path) or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
