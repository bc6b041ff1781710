"""Files on disk: whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: Path, mode: int = 0o666, make_folder: bool = False) -> Iterator[Path]:
    """Where to write what is to become ``path``: it gets that name at the end, whoever else writes the same at the same
    time, and an interruption leaves what was there before.

    mode: of the file while it is written, less the process's mask. make_folder: whether its folder is made where it is
    missing. Raises OSError if it cannot be written.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Not named after the path, whose name may be as long as names can be.
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode))
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def atomic_write(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Make ``data`` the content of ``path`` at once: whoever looks finds the old content or the new one.

    mode: of the file, less the process's mask. Raises OSError if it cannot be written, and if ``path`` is a symbolic
    link: whoever may write in a folder could have a file elsewhere overwritten with one. Folders on the way may be
    links.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "is a symbolic link, through which nothing is written", str(path))
    with atomic_path(path, mode) as part:
        part.write_bytes(data)
