"""Models and readers as a job asks for them. Light to import: what a job imports is part of what it measures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge_digits.reader import DigitReader
    from edge_digits.runtime.model import Model

OPENCV = "opencv-dnn"
"""The runtime that is a peer: OpenCV's own, with our ONNX file."""


def open_model(path: str, runtime: str, threads: int) -> Model:
    """The model file in the runtime of that name."""
    if runtime == OPENCV:
        from device.benchmark.peers.opencv_dnn import OpenCvModel

        return OpenCvModel(Path(path), threads)
    from edge_digits.runtime.load import load_model

    return load_model(path, threads, None if runtime == "onnxruntime" else runtime)


def open_own_reader(job: dict[str, Any]) -> DigitReader:
    """The reader that ships, around the job's files: one for digits, those for strips, or all of them."""
    import cv2

    from edge_digits.lines.line_reader import LineReader
    from edge_digits.reader import DigitReader

    cv2.setNumThreads(job["threads"])
    strips = [open_model(path, job["runtime"], job["threads"]) for path in job["strips"]]
    digits = open_model(job["digits"], job["runtime"], job["threads"]) if job["digits"] else strips[0]
    return DigitReader(digits, lines=LineReader(strips) if strips else None)
