"""Pictures on disk: whole or not at all, and never through a symbolic link."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path


def atomic_write(path: Path, data: bytes) -> None:
    """Make ``data`` the content of ``path`` at once: whoever looks finds the old content or the new one.

    Raises OSError if it cannot be written, and if ``path`` is a symbolic link: whoever may write in a folder could have
    a file elsewhere overwritten with one. Folders on the way may be links.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "is a symbolic link, through which nothing is written", str(path))
    # Not named after the path, whose name may be as long as names can be.
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
