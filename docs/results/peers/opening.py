"""The readers that are compared, by name."""

from __future__ import annotations

from docs.results.peers.readers import PictureReader, Sight
from edge_digits.errors import RuntimeMissingError

OURS = "edge-digits"
READERS = (OURS, "rapidocr", "tesseract", "demo-cnn")


def open_picture_reader(name: str, demo_cnn: str) -> PictureReader:
    """The reader ``name`` (see READERS), with one thread. demo_cnn: the network file of the demo.

    Raises RuntimeMissingError if what it needs is not installed.
    """
    if name == OURS:
        return _Ours()
    if name == "rapidocr":
        from docs.results.peers.ocr import RapidOcr

        return RapidOcr()
    if name == "tesseract":
        from docs.results.peers.ocr import Tesseract

        return Tesseract()
    if name == "demo-cnn":
        from docs.results.peers.demo import DemoReader

        return DemoReader(demo_cnn)
    raise RuntimeMissingError(f"no reader is called '{name}': expected {', '.join(READERS)}")


class _Ours:
    """What ``edge-digits read`` opens."""

    def __init__(self) -> None:
        from edge_digits.reader import open_reader

        self._reader = open_reader("auto")

    def read(self, sight: Sight) -> list[str]:
        """See ``PictureReader.read``."""
        return [line.text for line in self._reader.read(sight.grey).lines]
