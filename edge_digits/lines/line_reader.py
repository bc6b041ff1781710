"""One line's ink -> what a line model reads in it, each digit with its place in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from edge_digits.errors import ModelError
from edge_digits.lines.ctc import Symbol, greedy
from edge_digits.lines.windows import LEAST_WIDTH, together, windows
from edge_digits.model_input import normalize
from edge_digits.model_input.normalize import LINE_PARAMETERS
from edge_digits.runtime.model import Model
from edge_digits.runtime.probabilities import probabilities
from edge_digits.types import Image


class LineReader:
    """Reads lines with one network, of which there are files for strips of one or several widths.

    Short lines do not pay for long ones: each strip goes to the narrowest model that has room for it.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        """Raises ModelError if one of ``models`` does not read lines, if there is none, or if none is wide enough for
        the windows that long lines are cut into; narrower ones may stand beside one that is."""
        for model in models:
            if not model.spec.reads_lines:
                raise ModelError(f"{model.spec.name}: reads single digits, not lines")
        if not models:
            raise ModelError("no model that reads lines")
        self.models = sorted(models, key=lambda model: model.spec.input_shape[1])
        """From the narrowest to the widest."""
        if self.widest < LEAST_WIDTH:
            spec = self.models[-1].spec
            message = f"reads strips of {self.widest} columns, expected a file for {LEAST_WIDTH} or more"
            raise ModelError(f"{spec.name} ({spec.precision} {spec.format}): {message}")

    @property
    def widest(self) -> int:
        """Columns of the widest strip that is read at once."""
        return self.models[-1].spec.input_shape[1]

    def read(self, ink: Image) -> list[Symbol]:
        """ink: (h, w) uint8, 0 paper … 255 ink, of one line alone. Returns its symbols from left to right, positions in
        columns of ``ink``."""
        left, _, width, _ = cv2.boundingRect((ink >= LINE_PARAMETERS.edge).view(np.uint8))
        if not width:
            return []
        strip, factor = normalize.line(ink)
        symbols = self.read_strip(strip)
        return [
            replace(symbol, position=left + (symbol.position - LINE_PARAMETERS.margin) / factor) for symbol in symbols
        ]

    def read_strip(self, strip: Image) -> list[Symbol]:
        """strip: (32, any width) uint8, as ``model_input.normalize.line`` makes it. Positions are its columns."""
        return together([(w, self._read_window(strip[:, w.start : w.stop])) for w in windows(strip, self.widest)])

    def _read_window(self, strip: Image) -> list[Symbol]:
        model = next(m for m in self.models if m.spec.input_shape[1] >= strip.shape[1])
        width = model.spec.input_shape[1]
        pixels = np.zeros((1, strip.shape[0], width), np.uint8)
        pixels[0, :, : strip.shape[1]] = strip
        scores = model.scores(pixels)[0]
        return greedy(probabilities(scores, model.spec.temperature), width / len(scores))
