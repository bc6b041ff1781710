"""Tesseract's digit mode, through its command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2

from device.benchmark.peers.reader import Sight
from edge_digits.errors import RuntimeMissingError

OPTIONS = ("--psm", "11", "-c", "tessedit_char_whitelist=0123456789")
"""Sparse text, digits only: of the modes of page segmentation the best here (docs/benchmarks.md)."""

MOST_PIXELS = 3_000_000
"""Larger pictures are reduced to this, as our own reader does."""


class Tesseract:
    """Starts the program for each picture; its start-up is part of the time, as for anybody who uses it like this."""

    def __init__(self) -> None:
        if shutil.which("tesseract") is None:
            raise RuntimeMissingError("tesseract is not installed: apt install tesseract-ocr")
        # Its command line uses four threads otherwise.
        self._environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def read(self, sight: Sight) -> list[str]:
        """See ``device.benchmark.peers.reader.PictureReader.read``."""
        grey = sight.grey
        factor = (MOST_PIXELS / grey.size) ** 0.5
        if factor < 1:
            grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture.bmp"
            cv2.imwrite(str(path), grey)
            command = ["tesseract", str(path), "-", *OPTIONS]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=self._environment)
        return done.stdout.splitlines()
