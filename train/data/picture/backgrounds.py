"""Photographs of paper, desks, hands and rooms without digits: where they are, and how they are fetched.

``backgrounds.tsv`` names repository, commit, path and licence of each; ``docs/models/training-material.md`` names whom
to thank. They lie in the data folder or in the user's cache, never in the repository.
"""

from __future__ import annotations

import csv
import io
import logging
import urllib.parse
import urllib.request
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from edge_digits.errors import DataError
from edge_digits.io.mnist import cache_dir
from edge_digits.system.atomic_write import atomic_path

logger = logging.getLogger(__name__)

_TIMEOUT = 30.0
_LONGEST_SIDE, _QUALITY = 1024, 85
_PAPER = ("mypaint_", "donut-paper_", "augraphy_", "pprofile_")
"""How the names begin of pictures that show a sheet's surface and nothing else."""


@dataclass(frozen=True)
class Background:
    """One picture. repo: owner/name on GitHub; commit: all 40 digits."""

    file: str
    repo: str
    commit: str
    path: str
    licence: str


def listed_backgrounds() -> list[Background]:
    """Every picture of ``backgrounds.tsv``, whether fetched or not."""
    text = resources.files("train.data.picture").joinpath("backgrounds.tsv").read_text("utf-8")
    return [Background(**row) for row in csv.DictReader(io.StringIO(text), delimiter="\t")]


def background_files(folder: Path) -> list[Path]:
    """The listed pictures that the data folder or the user's cache holds, in the list's order."""
    places = (folder / "material" / "backgrounds", cache_dir() / "backgrounds")
    listed = (background.file for background in listed_backgrounds())
    files = (next((p / name for p in places if (p / name).is_file()), None) for name in listed)
    return [path for path in files if path is not None]


def is_paper(name: str) -> bool:
    """Whether a picture shows the surface of paper from edge to edge."""
    return name.startswith(_PAPER)


def fetch_background(background: Background) -> Path:
    """Fetch one picture into the user's cache unless it is there, no larger than it is needed.

    Raises DataError if it is not delivered or no picture.
    """
    target = cache_dir() / "backgrounds" / background.file
    if target.is_file():
        return target
    path = urllib.parse.quote(background.path)
    address = f"https://raw.githubusercontent.com/{background.repo}/{background.commit}/{path}"
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT) as answer:
            content = answer.read()
    # URLError and timeouts are OSErrors; a broken-off answer raises http.client.HTTPException.
    except Exception as error:
        raise DataError(f"{address}: {error}") from error
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise DataError(f"{address}: not a picture")
    factor = min(1.0, _LONGEST_SIDE / max(picture.shape))
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    with atomic_path(target, make_folder=True) as part:
        part.write_bytes(encoded.tobytes())
    return target
