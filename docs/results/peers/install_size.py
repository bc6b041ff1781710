"""What installing a reader brings: files of its distribution and of all that it requires."""

from __future__ import annotations

import re
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = {"edge-digits": "edge-digits", "rapidocr": "rapidocr"}
"""By reader its distribution."""

DEBIAN = {"tesseract": ("tesseract-ocr", "tesseract-ocr-eng", "tesseract-ocr-osd", "libtesseract5", "liblept5")}


def installed_bytes(reader: str) -> int | None:
    """Bytes on this disk, Python itself and its standard library left out; None where they cannot be told."""
    if reader in PACKAGES:
        return sum(_bytes(name) for name in closure(PACKAGES[reader]))
    if reader in DEBIAN:
        return _debian_bytes(DEBIAN[reader])
    return None


def closure(name: str) -> set[str]:
    """The distribution and all that it requires here, extras left out. Raises PackageNotFoundError if ``name`` is not
    installed."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop().lower().replace("_", "-")
        if one in seen:
            continue
        try:
            required = metadata.requires(one) or []
        except metadata.PackageNotFoundError:
            # One of an environment marker that does not hold here.
            if not seen:
                raise
            continue
        seen.add(one)
        names = (re.match(r"[\w.-]+", line) for line in required if "extra ==" not in line)
        waiting += [match.group() for match in names if match]
    return seen


def _bytes(name: str) -> int:
    files = (Path(str(file.locate())) for file in metadata.files(name) or [])
    return sum(file.stat().st_size for file in files if file.is_file())


def _debian_bytes(names: tuple[str, ...]) -> int | None:
    command = ["dpkg-query", "--show", "--showformat=${Installed-Size}\n", *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return 1024 * sum(int(line) for line in done.stdout.split())
