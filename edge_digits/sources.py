"""What a path on the command line stands for: pictures, in the order in which a person would list them."""

from __future__ import annotations

import glob
import re
from pathlib import Path

from edge_digits.errors import ImageError

# HEIC and its like are listed although they are not read: whoever has them in a folder is told what to do.
PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".heic", ".heif", ".avif", ".gif"}
)


def natural_key(name: str) -> list[str | int]:
    """Sorts ``page9`` before ``page10``."""
    return [int(part) if index % 2 else part.casefold() for index, part in enumerate(re.split(r"(\d+)", name))]


def pictures(argument: str) -> list[str]:
    """The pictures that a path on the command line stands for.

    A folder gives the pictures in it (not deeper, no hidden files) and a pattern such as ``scans/*.png`` whatever it
    matches, both in natural order; anything else is left as it is, ``-`` included, whether it exists or not. Raises
    ImageError if a folder holds no picture or cannot be listed, if nothing matches a pattern, or if the path is empty.
    """
    if argument == "-":
        return [argument]
    if not argument:
        # An unset variable in a script; pathlib would take it for the current folder.
        raise ImageError("an empty path names no picture")
    try:
        return _found(argument)
    except OSError as error:
        raise ImageError(f"{argument}: cannot be opened: {error.strerror}") from error


def _found(argument: str) -> list[str]:
    path = Path(argument)
    if path.is_dir():
        return _in_folder(path)
    # A file's own name may hold brackets.
    if not glob.has_magic(argument) or path.exists():
        return [argument]
    found = []
    # pathlib refuses absolute patterns.
    for match in sorted(glob.glob(argument, recursive=True), key=natural_key):  # noqa: PTH207
        found += _in_folder(Path(match)) if Path(match).is_dir() else [match]
    if not found:
        raise ImageError(f"{argument}: no file matches this pattern")
    return found


def _in_folder(folder: Path) -> list[str]:
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES]
        names = [str(file) for file in files if not file.name.startswith(".") and file.is_file()]
    except OSError as error:
        raise ImageError(f"{folder}: cannot be listed: {error.strerror}") from error
    if not names:
        raise ImageError(f"{folder}: no pictures in this folder")
    return sorted(names, key=natural_key)
