"""The peers by name."""

from __future__ import annotations

from typing import Any

from docs.results.benchmarks.peers.readers import PictureReader
from edge_digits.errors import RuntimeMissingError

PEERS = ("tesseract", "rapidocr", "demo-cnn")
"""Readers of whole pictures; OpenCV's DNN module is one more runtime inside our own reader."""


def open_peer(name: str, options: dict[str, Any]) -> PictureReader:
    """The peer ``name`` (see PEERS). options: "demo_cnn", the path of that network's file.

    Raises RuntimeMissingError if what it needs is not installed.
    """
    if name == "tesseract":
        from docs.results.benchmarks.peers.ocr import Tesseract

        return Tesseract()
    if name == "rapidocr":
        from docs.results.benchmarks.peers.ocr import RapidOcr

        return RapidOcr()
    if name == "demo-cnn":
        from docs.results.benchmarks.peers.demo import DemoReader

        return DemoReader(options["demo_cnn"])
    raise RuntimeMissingError(f"no peer is called '{name}': expected {', '.join(PEERS)}")
