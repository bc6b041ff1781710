"""The fonts that words and some digits are drawn from: which there are, and how they are fetched.

None is in the repository: each is an npm package ``@fontsource/NAME`` under an open licence (``fonts.tsv``), which the
ordinary npm client fetches into the user's cache folder, once.
"""

from __future__ import annotations

import csv
import io
import logging
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from edge_digits.errors import DataError
from edge_digits.io.mnist import cache_dir
from edge_digits.system.atomic_write import atomic_path

logger = logging.getLogger(__name__)

KINDS = ("pen", "careful", "printed")
"""pen: looks like a person's pen or marker; careful: neat or hand-lettered; printed: a typeface."""


@dataclass(frozen=True)
class Font:
    """One font package. kind: one of KINDS."""

    name: str
    version: str
    kind: str
    licence: str

    @property
    def path(self) -> Path:
        """Where its TrueType file is once it was fetched."""
        return fonts_dir() / f"{self.name}-{self.version}.ttf"


def fonts_dir() -> Path:
    """The folder of fetched fonts in the user's cache; it need not exist."""
    return cache_dir() / "fonts"


def listed_fonts() -> list[Font]:
    """Every font of ``fonts.tsv``, whether fetched or not."""
    text = resources.files("train.data").joinpath("fonts.tsv").read_text("utf-8")
    return [Font(**row) for row in csv.DictReader(io.StringIO(text), delimiter="\t")]


def fetched_fonts() -> list[Font]:
    """The fonts that are in the user's cache."""
    return [font for font in listed_fonts() if font.path.is_file()]


def fetch_font(font: Font) -> Path:
    """Fetch one font with ``npm pack`` unless it is there, and its licence beside it. Returns its TrueType file.

    Raises DataError if npm is not installed or does not deliver it.
    """
    if font.path.is_file():
        return font.path
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("npm is not installed: it fetches the fonts (Debian: apt install npm)")
    with tempfile.TemporaryDirectory() as folder:
        package = f"@fontsource/{font.name}@{font.version}"
        done = subprocess.run(
            [npm, "pack", package, "--silent", "--pack-destination", folder], capture_output=True, text=True
        )
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            raise DataError(f"{package}: npm does not deliver it: {done.stderr.strip().splitlines()[-1:] or ''}")
        with tarfile.open(archives[0]) as archive:
            _unpack(archive, font)
    return font.path


def _unpack(archive: tarfile.TarFile, font: Font) -> None:
    """The package's upright Latin face as a TrueType file, and its licence."""
    names = archive.getnames()
    faces = sorted(n for n in names if n.startswith(f"package/files/{font.name}-latin-") and n.endswith(".woff2"))
    upright = [n for n in faces if "-normal" in n and "-latin-ext-" not in n]
    regular = [n for n in upright if "-400-" in n]
    if not upright:
        raise DataError(f"@fontsource/{font.name}: holds no Latin face")
    # Imported late: whoever only reads the cache needs no font tools.
    from fontTools.ttLib import TTFont

    woff = archive.extractfile((regular or upright)[0])
    assert woff is not None
    face = TTFont(io.BytesIO(woff.read()), recalcTimestamp=False)
    face.flavor = None
    with atomic_path(font.path, make_folder=True) as path:
        face.save(path)
    if "package/LICENSE" in names and (licence := archive.extractfile("package/LICENSE")):
        with atomic_path(font.path.with_suffix(".LICENSE"), make_folder=True) as path:
            path.write_bytes(licence.read())
