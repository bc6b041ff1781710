"""A folder that only its owner may look into, and that one process changes at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600

HAND_FILE = "hand.npz"
"""What is learned stands beside the labels under this name."""


def make_private(folder: Path) -> None:
    """Make ``folder``, for its owner alone, if it is not there. Raises OSError if it cannot be made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else who asks for this has the folder meanwhile, in this process or another. Raises OSError if there is no
    such folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        # Which unlocks it.
        os.close(handle)
