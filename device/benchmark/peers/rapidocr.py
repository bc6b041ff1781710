"""RapidOCR: PaddleOCR's detection and recognition networks in onnxruntime; its package carries them."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from device.benchmark.peers.reader import Sight
from edge_digits.system.extras import require

SETTINGS: dict[str, Any] = {"intra_op_num_threads": 1, "inter_op_num_threads": 1, "text_score": 0.3}
"""One thread. It keeps what it is less sure of too (0.5 otherwise), which reads these pictures better."""


class RapidOcr:
    """Sees the picture in colour, as it was made for; boxes side by side are joined to rows, left to right."""

    def __init__(self) -> None:
        require("RapidOCR", "peers")
        module: Any = importlib.import_module("rapidocr_onnxruntime")
        logging.disable(logging.WARNING)
        self._engine = module.RapidOCR(**SETTINGS)

    def read(self, sight: Sight) -> list[str]:
        """See ``device.benchmark.peers.reader.PictureReader.read``."""
        found, _ = self._engine(sight.colour)
        return rows([(corners, text) for corners, text, _ in found or []])


def rows(found: list[tuple[list[list[float]], str]]) -> list[str]:
    """Texts with their corners as rows, top to bottom: two stand in one row if the middle of one lies within the
    height of the other."""
    placed = []
    for corners, text in found:
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
