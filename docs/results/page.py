"""A page of results: whole from one run of the program that writes it."""

from __future__ import annotations

from pathlib import Path

from edge_digits.errors import DataError
from edge_digits.system.atomic_write import atomic_path

RESULTS = Path(__file__).parent
"""Where the pages stand."""


def write_page(path: Path, *parts: str) -> None:
    """Write the page ``path``: ``parts`` in Markdown, an empty line between two of them; empty ones are left out.

    Raises DataError if it cannot be written.
    """
    text = "\n\n".join(part.strip("\n") for part in parts if part.strip("\n")) + "\n"
    try:
        with atomic_path(path, make_folder=True) as place:
            place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from error
