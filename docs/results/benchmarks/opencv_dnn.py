"""OpenCV's DNN module running our own ONNX file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.runtime.spec import read_spec


class OpenCvModel:
    """A model as ``edge_digits.runtime.model.Model`` has it. Takes any batch."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Raises ModelError if OpenCV cannot run the file."""
        self.spec = read_spec(path)
        cv2.setNumThreads(threads)
        try:
            self._net = cv2.dnn.readNetFromONNX(str(path))
        except cv2.error as error:
            # The first of its messages names its own source files, the last one says what is wrong.
            problem = " ".join(str(error).split()).rpartition("error: ")[2].rstrip(" >")
            raise ModelError(f"{path}: OpenCV's DNN module cannot run it: {problem}") from error

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model.scores``."""
        if len(pixels) == 0:
            return np.empty((0, self.spec.classes), np.float32)
        self._net.setInput(pixels[:, None].astype(np.float32) / np.float32(255.0))
        return np.asarray(self._net.forward("logits"), np.float32).copy()
