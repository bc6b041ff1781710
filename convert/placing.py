"""Files that get their names all at once, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Give staged files their names in ``out``."""
    for path in paths:
        path.replace(out / path.name)
