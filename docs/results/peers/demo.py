"""The usual demo: adaptive threshold, contours, MNIST's normalization, and a Keras-style CNN trained on MNIST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docs.results.peers.readers import Sight
from edge_digits.errors import ModelError
from edge_digits.model_input.normalize import digit
from edge_digits.system.native_stderr import native_stderr
from edge_digits.types import Box, Image, as_image

MOST_PIXELS = 3_000_000
"""Larger pictures are reduced to this, as our own reader does."""


class DemoReader:
    """Every contour of a plausible size is a digit; there is no class for what is none."""

    def __init__(self, path: str) -> None:
        """path: the network, .onnx or .tflite, from (1, 28, 28, 1) or (1, 1, 28, 28) in 0..1 to ten scores. Raises
        ModelError if it is not such a file."""
        file = Path(path)
        if not file.is_file():
            raise ModelError(f"{file}: no such model file (--demo-cnn)")
        try:
            self._scores = _tflite(file) if file.suffix == ".tflite" else _onnx(file)
        # The runtimes' own errors share no base class but Exception.
        except Exception as error:
            raise ModelError(f"{file}: cannot be run: {error}") from error

    def read(self, sight: Sight) -> list[str]:
        """See ``docs.results.peers.readers.PictureReader.read``."""
        ink = _ink(sight.grey)
        boxes = _boxes(ink)
        return ["".join(str(self._value(box.cut(ink))) for box in row) for row in _rows(boxes)]

    def _value(self, ink: Image) -> int:
        return int(np.argmax(self._scores(digit(ink).astype(np.float32) / np.float32(255))))


def _ink(grey: Image) -> Image:
    """White strokes on black, (H, W) uint8."""
    factor = (MOST_PIXELS / grey.size) ** 0.5
    if factor < 1:
        grey = as_image(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    smooth = cv2.GaussianBlur(grey, (5, 5), 0)
    window = max(11, min(grey.shape) // 20) | 1
    thresholded = cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, window, 10)
    return as_image(cv2.morphologyEx(thresholded, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)))


def _boxes(ink: Image) -> list[Box]:
    """Boxes of the outer contours that are as tall as a digit may be."""
    contours, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [Box(*cv2.boundingRect(contour)) for contour in contours]
    height = ink.shape[0]
    return [b for b in boxes if 0.02 * height < b.height < 0.6 * height and b.width < 2 * b.height and b.height >= 10]


def _rows(boxes: list[Box]) -> list[list[Box]]:
    """Boxes in reading order: those whose middle lies within the first one's height are one row."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b.y + b.height / 2):
        middle = box.y + box.height / 2
        if rows and rows[-1][0].y <= middle <= rows[-1][0].bottom:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda b: b.x) for row in rows]


def _tflite(path: Path) -> Any:
    from edge_digits.runtime.tflite import interpreter_module

    with native_stderr():
        interpreter = interpreter_module().Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def scores(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        interpreter.set_tensor(source["index"], pixels.reshape(source["shape"]))
        interpreter.invoke()
        return interpreter.get_tensor(target["index"])[0]

    return scores


def _onnx(path: Path) -> Any:
    import onnxruntime

    from edge_digits.runtime.onnx import session_options

    session = onnxruntime.InferenceSession(str(path), session_options(), providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    channels_last = source.shape[-1] == 1

    def scores(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        shaped = pixels[None, :, :, None] if channels_last else pixels[None, None]
        return np.asarray(session.run(None, {source.name: shaped})[0])[0]

    return scores
