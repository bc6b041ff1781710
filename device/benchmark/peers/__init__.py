"""Other ways to read digits in pictures, to compare with: the extra ``peers``, never needed otherwise.

Each runs with one thread and the settings that serve it best here; docs/benchmarks.md says which and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from device.benchmark.peers.opencv_dnn import OpenCvModel
from edge_digits.errors import RuntimeMissingError
from edge_digits.types import Image

PEERS = ("tesseract", "rapidocr", "demo-cnn")
"""Readers of whole pictures; OpenCV's DNN module is one more runtime inside our own reader."""


@dataclass(frozen=True, eq=False)
class Sight:
    """A picture as a reader may see it. grey: (H, W) uint8; colour: (H, W, 3) uint8 BGR."""

    path: str
    grey: Image
    colour: Image


class PictureReader(Protocol):
    """Reads pictures."""

    def read(self, sight: Sight) -> list[str]:
        """The text of each line, top to bottom; what is no digit in it does not count."""
        ...


def open_peer(name: str, options: dict[str, Any]) -> PictureReader:
    """The peer ``name`` (see PEERS). options: "demo_cnn", the path of that network's file.

    Raises RuntimeMissingError if what it needs is not installed.
    """
    if name == "tesseract":
        from device.benchmark.peers.tesseract import Tesseract

        return Tesseract()
    if name == "rapidocr":
        from device.benchmark.peers.rapidocr import RapidOcr

        return RapidOcr()
    if name == "demo-cnn":
        from device.benchmark.peers.demo import DemoReader

        return DemoReader(options["demo_cnn"])
    raise RuntimeMissingError(f"no peer is called '{name}': expected {', '.join(PEERS)}")


__all__ = ["PEERS", "OpenCvModel", "PictureReader", "Sight", "open_peer"]
