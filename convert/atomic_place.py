"""Files that get their names all at once, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EISDIR
from pathlib import Path

from convert.errors import ConversionError


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder inside ``out`` (made if it is missing) to write files in, gone afterwards.

    It is on the same file system, so that ``place`` only renames. Raises ConversionError for any OSError inside:
    a folder that cannot be written, a full disk.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".convert-", dir=out) as name:
            yield Path(name)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConversionError(f"{out}: cannot be written: {reason}; nothing was changed there") from error


def place(paths: list[Path], out: Path) -> None:
    """Give staged files their names in ``out``. If a folder has one of them, none gets its name: IsADirectoryError."""
    for path in paths:
        if (out / path.name).is_dir():
            raise IsADirectoryError(EISDIR, f"{path.name} is a folder")
    for path in paths:
        path.replace(out / path.name)
