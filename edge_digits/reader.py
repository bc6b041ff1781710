"""A grey picture -> the numbers in it: ink, rows, regions, normalization, model, decoding, in this order."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits import normalize
from edge_digits.confidence import threshold_for
from edge_digits.decode import Span, best_path, probabilities
from edge_digits.errors import ModelError
from edge_digits.ink import ink_and_contrast
from edge_digits.judge import Candidate, Limits, judge
from edge_digits.layout import line_text
from edge_digits.runtime import Model, load_model
from edge_digits.segment.clean import writing
from edge_digits.segment.pieces import Piece, Run, in_parts, mean_contrast, possible_runs, row_pieces, run_pixels
from edge_digits.segment.rows import Row, clipped, find_rows
from edge_digits.types import Box, Digit, Image, Line, Page, Rejected, as_image, scaled_page, union

MODELS = Path(__file__).parent / "models"

MOST_PIXELS = 3_000_000
"""A larger picture is reduced to this before it is read: a phone's 12 megapixels show paper grain, not more digits."""


def shipped_models() -> list[Path]:
    """The model files that come with the package."""
    return sorted(p for p in MODELS.glob("*") if p.suffix in (".tflite", ".onnx"))


def open_reader(model: str = "auto", threads: int = 1, max_error: float | None = None) -> DigitReader:
    """A reader with a shipped model (by name: "cnn" is its int8 TFLite file, "cnn-float32.onnx" that very file), or
    with a model file of one's own.

    max_error: share of wrong ones among the digits that are read, between 0 and 1; digits that are not sure enough for
    it are rejected as low-confidence. None reads all that are likelier right than not. Raises ModelError if there is no
    such model or its spec has no thresholds, ConfigError for a ``max_error`` that cannot be kept.
    """
    if model == "auto":
        model = "cnn"
    for path in (MODELS / f"{model}-int8.tflite", MODELS / model, Path(model)):
        if path.is_file():
            loaded = load_model(path, threads)
            least = 0.0 if max_error is None else threshold_for(loaded.spec, max_error, str(path))
            return DigitReader(loaded, least_confidence=least)
    names = sorted({path.name.split("-")[0] for path in shipped_models()})
    raise ModelError(f"{model}: no such model: expected {', '.join(['auto', *names])} or the path of a model file")


LEAST_ONES = 0.02
"""Height of ones on a page with nothing but ones, as a share of the picture's longer side."""

SURE_WHOLE = 0.8
"""A wide component that is a digit with less confidence may be several."""

SURE_PART = 0.96
"""Least confidence of every part of a component that was cut."""


_Key = tuple[tuple[int, int, int], ...]
"""What a run is made of: component, left edge and width of each of its pieces."""


Observer = Callable[[Image, list[Box], NDArray[np.uint8], NDArray[np.float32]], None]
"""Is told what the model is asked: the ink map that is segmented, (H, W) uint8; where in it each input stands; the
inputs, (N, height, width) uint8; and the probabilities, (N, classes), that the model gives them."""


class DigitReader:
    """Reads pictures with one model. Not safe to use from two threads at once.

    least_confidence: what would be read with less is rejected as low-confidence. Unlike ``limits.confidence`` it does
    not change what the rest of the page is compared with, so it only ever takes digits away. ``observer`` may be set to
    show people what the model saw.
    """

    def __init__(self, model: Model, limits: Limits | None = None, least_confidence: float = 0.0) -> None:
        _keep_freed_memory()
        self.model = model
        self.limits = limits or Limits()
        self.least_confidence = least_confidence
        self.observer: Observer | None = None

    def read(self, grey: Image) -> Page:
        """grey: (H, W) uint8, a whole picture. Returns its lines and what was rejected, boxes in its pixels."""
        factor = (MOST_PIXELS / grey.size) ** 0.5
        if factor < 1.0:
            size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
            return scaled_page(self.read(as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))), 1.0 / factor)
        ink, contrast = ink_and_contrast(grey)
        ink, components = writing(ink)
        candidates: list[Candidate] = []
        for index, row in enumerate(find_rows(components)):
            candidates += self._score_row(index, row, row_pieces(row, components, ink), ink, contrast)
        reasons = judge(candidates, self.limits, LEAST_ONES * max(grey.shape))
        reasons = [reason or self._doubt(c) for c, reason in zip(candidates, reasons, strict=True)]
        page = _page(candidates, reasons, self.model.spec.line_exponent)
        heights = [digit.box.height for line in page.lines for digit in line.digits]
        at_edge = clipped(components, statistics.median(heights)) if heights else []
        cut_off = tuple(Rejected(components.box(int(index)), "clipped") for index in at_edge)
        return Page(page.lines, page.rejected + cut_off)

    def _doubt(self, candidate: Candidate) -> str | None:
        return "low-confidence" if candidate.span.confidence < self.least_confidence else None

    def _score_row(self, index: int, row: Row, pieces: list[Piece], ink: Image, contrast: Image) -> list[Candidate]:
        """The best explanation of one row's ink. pieces: the row's, whole.

        A component is cut only where the classifier doubts it whole, and stays cut only if all its parts are digits:
        a word in longhand has an o and an l in it too.
        """
        seen: dict[_Key, NDArray[np.float32]] = {}
        path, spans = self._best_path(pieces, row, ink, seen)
        doubted = [
            pieces[span.first]
            for span in spans
            if span.last == span.first + 1
            and (not span.is_digit or span.confidence < SURE_WHOLE)
            and pieces[span.first].box.width > 0.5 * row.height
        ]
        parts = {piece.component: in_parts(piece, row.height) for piece in doubted}
        cut = {component for component, own in parts.items() if len(own) > 1}
        while cut:
            mixed = [part for p in pieces for part in (parts[p.component] if p.component in cut else [p])]
            cut_path, _ = self._best_path(mixed, row, ink, seen)
            torn = {
                piece.component
                for span in cut_path
                if not span.is_digit or span.confidence < SURE_PART
                for piece in mixed[span.first : span.last]
            }
            if not cut & torn:
                pieces, path = mixed, cut_path
                break
            cut -= torn
        return [_candidate(index, span, pieces[span.first : span.last], row, contrast) for span in path]

    def _best_path(
        self, pieces: list[Piece], row: Row, ink: Image, seen: dict[_Key, NDArray[np.float32]]
    ) -> tuple[list[Span], list[Span]]:
        """The chain of spans that explains the pieces best, and all the spans."""
        spans = self._spans(pieces, possible_runs(pieces, row.height), ink, seen)
        amounts = sorted(piece.ink for piece in pieces)
        # Specks are many, so a digit's ink is what the larger half of the pieces have.
        typical = max(amounts[3 * len(amounts) // 4], 1.0)
        return best_path(len(pieces), spans, [piece.ink / typical for piece in pieces]), spans

    def _spans(
        self, pieces: list[Piece], runs: list[Run], ink: Image, seen: dict[_Key, NDArray[np.float32]]
    ) -> list[Span]:
        """Each run as a span. seen: what the model said of this row's runs, filled in here: cutting one component
        leaves the others as they were."""
        key_of = [(piece.component, piece.box.x, piece.box.width) for piece in pieces]
        keys = [tuple(key_of[run.first : run.last]) for run in runs]
        new = {key: run for key, run in zip(keys, runs, strict=True) if key not in seen}
        if new:
            pixels = np.stack([normalize.digit(run_pixels(pieces, run)) for run in new.values()])
            chances = probabilities(self.model.scores(pixels), self.model.spec.temperature)
            if self.observer is not None:
                self.observer(ink, [run.box for run in new.values()], pixels, chances)
            seen.update(zip(new, chances, strict=True))
        return [
            Span(run.first, run.last, seen[key], run.first > 0 and _same_component(pieces, run.first))
            for key, run in zip(keys, runs, strict=True)
        ]


def _keep_freed_memory() -> None:
    """Have the C library keep what a picture needed for the next one.

    glibc hands freed memory back to the system as soon as it is twice the largest block that was ever freed, and a
    frame needs more than twice its largest block: a thousand pages a frame were fetched anew, a fifth of the time. The
    largest block that reading can need, freed once, ends that; nobody touches it, so it costs nothing.
    """
    np.empty(MOST_PIXELS, np.int32)


def _same_component(pieces: list[Piece], index: int) -> bool:
    """Whether the pieces before and at ``index`` are parts of one component."""
    return pieces[index - 1].component == pieces[index].component


def _candidate(index: int, span: Span, pieces: list[Piece], row: Row, contrast: Image) -> Candidate:
    return Candidate(index, span, union([piece.box for piece in pieces]), mean_contrast(pieces, contrast), row.height)


def _page(candidates: list[Candidate], reasons: list[str | None], line_exponent: float) -> Page:
    """Lines of what is read, in the order of the rows, and all that is not."""
    lines: list[Line] = []
    rejected: list[Rejected] = []
    judged = list(zip(candidates, reasons, strict=True))
    for row in sorted({candidate.row for candidate in candidates}):
        own = [(candidate, reason) for candidate, reason in judged if candidate.row == row]
        digits = tuple(Digit(c.span.value, c.span.confidence, c.box) for c, reason in own if reason is None)
        refused = [Rejected(c.box, reason) for c, reason in own if reason is not None]
        rejected += refused
        if digits:
            text = line_text(list(digits), [r.box for r in refused if r.reason != "too-small"])
            # Their product takes nothing but the shapes of the digits for doubtful; digits are missed and torn too.
            confidence = math.prod(digit.confidence for digit in digits) ** line_exponent
            lines.append(Line(text, confidence, union([digit.box for digit in digits]), digits))
    return Page(tuple(lines), tuple(rejected))
