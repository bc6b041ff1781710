"""What a path on the command line stands for: pictures, in the order in which a person would list them."""

from __future__ import annotations

import glob
import logging
import re
from pathlib import Path

from edge_digits.errors import ImageError

logger = logging.getLogger(__name__)

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
    matches, both in natural order; anything else is left as it is, ``-`` included, whether it exists or not. Of the
    folders that a pattern matches, one without pictures is passed over with a warning, and one that cannot be listed
    left as it is. Raises ImageError if a folder holds no picture or cannot be listed, if a pattern gives nothing, or if
    the path is empty.
    """
    if argument == "-":
        return [argument]
    if not argument:
        # An unset variable in a script; pathlib would take it for the current folder.
        raise ImageError("an empty path names no picture")
    path = Path(argument)
    try:
        if path.is_dir():
            return _listed(path)
        # A file's own name may hold brackets.
        if not glob.has_magic(argument) or path.exists():
            return [argument]
        return _matched(argument)
    except OSError as error:
        raise ImageError(f"{argument}: cannot be opened: {error.strerror}") from error


def _listed(folder: Path) -> list[str]:
    try:
        names = _in_folder(folder)
    except OSError as error:
        raise ImageError(f"{folder}: cannot be listed: {error.strerror}") from error
    if not names:
        raise ImageError(f"{folder}: no pictures in this folder")
    return names


def _matched(pattern: str) -> list[str]:
    # pathlib refuses absolute patterns.
    matches = sorted(glob.glob(pattern, recursive=True), key=natural_key)  # noqa: PTH207
    if not matches:
        raise ImageError(f"{pattern}: no file matches this pattern")
    paths: list[str] = []
    empty: list[str] = []
    for match in matches:
        try:
            names = _in_folder(Path(match)) if Path(match).is_dir() else [match]
        except OSError:
            # Whoever opens it is told why it cannot be.
            names = [match]
        paths += names
        empty += [] if names else [match]
    if not paths:
        raise ImageError(f"{pattern}: no pictures in the folders that match this pattern")
    for folder in empty:
        logger.warning("%s: no pictures in this folder", folder)
    return paths


def _in_folder(folder: Path) -> list[str]:
    """The pictures in a folder. Raises OSError if it cannot be listed."""
    files = [file for file in folder.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES]
    names = [str(file) for file in files if not file.name.startswith(".") and file.is_file()]
    return sorted(names, key=natural_key)
