"""A grey picture -> the numbers in it: ink, rows, regions, normalization, model, decoding, in this order."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edge_digits import normalize
from edge_digits.decode import Span, best_path, probabilities
from edge_digits.errors import ModelError
from edge_digits.ink import ink_map
from edge_digits.layout import line_text
from edge_digits.runtime import Model, load_model
from edge_digits.segment.components import Components, find_components
from edge_digits.segment.pieces import Piece, Run, possible_runs, row_pieces
from edge_digits.segment.rows import Row, find_rows, typical_height
from edge_digits.segment.rules import without_rules
from edge_digits.types import Box, Digit, Image, Line, Page, Rejected, union

MODELS = Path(__file__).parent / "models"


def shipped_models() -> list[Path]:
    """The model files that come with the package."""
    return sorted(p for p in MODELS.glob("*") if p.suffix in (".tflite", ".onnx"))


def open_reader(model: str = "auto", threads: int = 1) -> DigitReader:
    """A reader with a shipped model (by name: "cnn" is its int8 TFLite file, "cnn-float32.onnx" that very file), or
    with a model file of one's own. Raises ModelError if there is no such model."""
    if model == "auto":
        model = "cnn"
    for path in (MODELS / f"{model}-int8.tflite", MODELS / model, Path(model)):
        if path.is_file():
            return DigitReader(load_model(path, threads))
    names = sorted({path.name.split("-")[0] for path in shipped_models()})
    raise ModelError(f"{model}: no such model: expected {', '.join(['auto', *names])} or the path of a model file")


class DigitReader:
    """Reads pictures with one model. Not safe to use from two threads at once."""

    def __init__(self, model: Model, least_confidence: float = 0.5) -> None:
        self.model = model
        self.least_confidence = least_confidence

    def read(self, grey: Image) -> Page:
        """grey: (H, W) uint8, a whole picture. Returns its lines and what was rejected, boxes in its pixels."""
        ink = ink_map(grey)
        components = find_components(ink)
        cleaned = without_rules(ink, typical_height(components))
        if cleaned is not ink:
            ink, components = cleaned, find_components(cleaned)
        lines: list[Line] = []
        rejected: list[Rejected] = []
        for row in find_rows(components):
            line, refused = self._read_row(row, components, ink)
            rejected += refused
            if line is not None:
                lines.append(line)
        return Page(tuple(lines), tuple(rejected))

    def _spans(self, runs: list[Run], ink: Image) -> list[Span]:
        pixels = np.stack([normalize.digit(run.box.cut(ink), run.mask) for run in runs])
        chances = probabilities(self.model.scores(pixels), self.model.spec.temperature)
        return [Span(run.first, run.last, chance) for run, chance in zip(runs, chances, strict=True)]

    def _read_row(self, row: Row, components: Components, ink: Image) -> tuple[Line | None, list[Rejected]]:
        pieces = row_pieces(row, components, ink)
        runs = possible_runs(pieces, row.height)
        spans = self._spans(runs, ink)
        doubtful = frozenset(
            pieces[span.first].component
            for span in spans
            if span.last == span.first + 1
            and (not span.is_digit or span.confidence < 0.8)
            and pieces[span.first].box.width > 0.5 * row.height
        )
        if doubtful:
            pieces = row_pieces(row, components, ink, doubtful)
            runs = possible_runs(pieces, row.height)
            spans = self._spans(runs, ink)
        weights = np.array([piece.ink for piece in pieces])
        path = best_path(len(pieces), spans, weights / weights.sum())
        return self._line(path, pieces, row)

    def _line(self, path: list[Span], pieces: list[Piece], row: Row) -> tuple[Line | None, list[Rejected]]:
        boxes = [union([piece.box for piece in pieces[span.first : span.last]]) for span in path]
        reasons = [self._reason(span, box, row) for span, box in zip(path, boxes, strict=True)]
        _refuse_brackets(path, boxes, reasons)
        rejected = [Rejected(box, reason) for box, reason in zip(boxes, reasons, strict=True) if reason]
        read = [(span, box) for span, box, reason in zip(path, boxes, reasons, strict=True) if not reason]
        if not read:
            return None, rejected
        digits = tuple(Digit(span.value, span.confidence, box) for span, box in read)
        text = line_text(list(digits), [r.box for r in rejected if r.reason != "too-small"])
        return Line(
            text, float(np.prod([d.confidence for d in digits])), union([d.box for d in digits]), digits
        ), rejected

    def _reason(self, span: Span, box: Box, row: Row) -> str | None:
        if box.height < 0.4 * row.height:
            return "too-small"
        if not span.is_digit:
            return "not-a-digit"
        if span.confidence < self.least_confidence:
            return "low-confidence"
        return None


def _refuse_brackets(path: list[Span], boxes: list[Box], reasons: list[str | None]) -> None:
    """Mark what reads as 1 but is much taller than the row's other digits: brackets, slashes, remains of table lines."""
    others = [box.height for span, box, why in zip(path, boxes, reasons, strict=True) if not why and span.value != 1]
    if len(others) < 2:
        return
    for index, span in enumerate(path):
        if not reasons[index] and span.value == 1 and boxes[index].height > 1.45 * float(np.median(others)):
            reasons[index] = "not-a-digit"
