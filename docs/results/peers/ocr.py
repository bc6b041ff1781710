"""RapidOCR 3, whose package carries the small networks of PP-OCRv6; and Tesseract's digit mode."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cv2

from docs.results.peers.readers import Sight
from edge_digits.errors import RuntimeMissingError
from edge_digits.system.extras import require

SETTINGS: dict[str, Any] = {
    "Global.text_score": 0.3,
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
"""One thread. It keeps what it is less sure of too (0.5 otherwise), which reads these pictures better."""

OPTIONS = ("--psm", "11", "-c", "tessedit_char_whitelist=0123456789")
"""Sparse text, digits only: of the modes of page segmentation the best here (docs/results/benchmarks.md)."""

MOST_PIXELS = 3_000_000
"""Larger pictures are reduced to this, as our own reader does."""


class RapidOcr:
    """Sees the picture in colour, as it was made for; boxes side by side are joined to rows, left to right."""

    def __init__(self) -> None:
        require("RapidOCR", "peers", ["rapidocr"])
        module: Any = importlib.import_module("rapidocr")
        self._engine = module.RapidOCR(params=SETTINGS)

    def read(self, sight: Sight) -> list[str]:
        """See ``PictureReader.read``."""
        result = self._engine(sight.colour)
        if result.boxes is None or result.txts is None:
            return []
        return rows(list(zip(result.boxes.tolist(), result.txts, strict=True)))


def rows(boxes: list[tuple[list[list[float]], str]]) -> list[str]:
    """Texts with their corners as rows, top to bottom: two stand in one row if the middle of one lies within the
    height of the other."""
    placed = []
    for corners, text in boxes:
        ys = [y for _, y in corners]
        placed.append((min(ys), max(ys), min(x for x, _ in corners), text))
    placed.sort(key=lambda item: item[0] + item[1])
    lines: list[list[tuple[float, float, float, str]]] = []
    for item in placed:
        middle = (item[0] + item[1]) / 2
        if lines and lines[-1][0][0] <= middle <= lines[-1][0][1]:
            lines[-1].append(item)
        else:
            lines.append([item])
    return [" ".join(text for *_, text in sorted(line, key=lambda item: item[2])) for line in lines]


class Tesseract:
    """Starts the program for each picture; its start-up is part of the time, as for anybody who uses it like this."""

    def __init__(self) -> None:
        if shutil.which("tesseract") is None:
            raise RuntimeMissingError("tesseract is not installed: apt install tesseract-ocr")
        # Its command line uses four threads otherwise.
        self._environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def read(self, sight: Sight) -> list[str]:
        """See ``PictureReader.read``."""
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
