"""A grey picture -> the numbers in it: ink, rows, regions, normalization, model, decoding, in this order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from edge_digits import digit_rows, line_rows
from edge_digits.assembly import assembled
from edge_digits.confidence import threshold_for
from edge_digits.decode import probabilities
from edge_digits.errors import ImageError, ModelError
from edge_digits.filling import fills_picture, with_paper_around
from edge_digits.image import to_grey
from edge_digits.ink import PageInk, page_ink
from edge_digits.line_reader import LineReader
from edge_digits.plausibility import LIMITS, Candidate, Limits, contrast_of_texture, judge, rests_of_lines
from edge_digits.reading_size import MOST_PIXELS, at_reading_size
from edge_digits.runtime import Model, load_model
from edge_digits.segment.clean import writing
from edge_digits.segment.components import Components, mean_of
from edge_digits.segment.pieces import Piece, row_pieces
from edge_digits.segment.rows import Row, could_be_digit, find_rows, touches_edge
from edge_digits.types import Box, Image, Page, cut_page, scaled_page

MODELS = Path(__file__).parent / "models"

LONGEST_STRIP, NARROWEST = 10_000, 100
"""Pixels of a strip's longer side, and how often that may be its shorter one; windows are shares of the longer side,
and beyond the shorter one they would need more memory than there is."""


def shipped_models() -> list[Path]:
    """The model files that come with the package."""
    return sorted(p for p in MODELS.glob("*") if p.suffix in (".tflite", ".onnx"))


def reading_models() -> list[Path]:
    """Those of them that read digits or lines; the judge's only find them."""
    return [path for path in shipped_models() if not path.name.startswith("judge")]


def open_reader(model: str = "auto", threads: int = 1, max_error: float | None = None) -> DigitReader:
    """A reader with shipped models or with a model file of one's own.

    model: "cnn" reads digit by digit, "crnn" whole rows, "auto" digit by digit what stands apart and with the CRNN what
    touches; their int8 TFLite files. "cnn-float32.onnx" is that very file, and the path of a model file is that model.
    max_error: share of wrong ones among the digits that are read, between 0 and 1; digits that are not sure enough for
    it are rejected as low-confidence. None reads all that are likelier right than not. Raises ModelError if there is no
    such model or its spec has no thresholds, ConfigError for a ``max_error`` that cannot be kept.
    """
    own = _files("cnn" if model == "auto" else model)
    loaded = [load_model(path, threads) for path in own]
    if loaded[0].spec.judges:
        raise ModelError(f"{own[0]}: a network of the judge, which finds digits and does not read them")
    least = 0.0 if max_error is None else threshold_for(loaded[0].spec, max_error, str(own[0]))
    strips = loaded if loaded[0].spec.reads_lines else []
    if model == "auto":
        strips = [load_model(path, threads) for path in line_models()]
    return DigitReader(loaded[0], least_confidence=least, lines=LineReader(strips) if strips else None)


def line_models(name: str = "crnn", precision: str = "int8") -> list[Path]:
    """The TFLite files of a shipped network that reads lines, one for each width of strip; [] if there is none."""
    return sorted(MODELS.glob(f"{name}-[0-9]*-{precision}.tflite"))


def _files(model: str) -> list[Path]:
    """The files that a name or path stands for: of a network that reads lines there is one for each width of strip.
    What has a folder in it is no name, but a path."""
    named = [MODELS / f"{model}-int8.tflite", MODELS / model] if model == PurePath(model).name else []
    for path in (*named, Path(model)):
        if path.is_file():
            return [path]
    strips = line_models(model) if model.isidentifier() else []
    if strips:
        return strips
    names = sorted({path.name.split("-")[0] for path in reading_models()})
    raise ModelError(f"{model}: no such model: expected {', '.join(['auto', *names])} or the path of a model file")


LEAST_HEIGHTS, LEAST_PIXELS = (0.0075, 0.02), 12.0
"""Height of a page's digits, and of ones on a page with nothing but ones, as shares of the picture's longer side; of
the former so many pixels are always enough."""

Observer = Callable[[Image, list[Box], NDArray[np.uint8], NDArray[np.float32]], None]
"""Is told what the model is asked: the ink map that is segmented, (H, W) uint8; where in it each input stands; the
inputs, (N, height, width) uint8; and the probabilities, (N, classes), that the model gives them."""


class DigitReader:
    """Reads pictures with a model for digits, one for lines, or both. Not safe to use from two threads at once.

    model: reads digit by digit, and asks ``lines`` only about ink that may be several; or it reads lines itself, whole
    rows at once, together with its files for other widths in ``lines``.
    least_confidence: what would be read with less is rejected as low-confidence. Unlike ``limits.confidence`` it does
    not change what the rest of the page is compared with, so it only ever takes digits away. ``observer`` may be set to
    show people what the model saw.
    """

    def __init__(
        self,
        model: Model,
        limits: Limits | None = None,
        least_confidence: float = 0.0,
        lines: LineReader | None = None,
    ) -> None:
        _keep_freed_memory()
        self.model = model
        self.lines = LineReader([model]) if lines is None and model.spec.reads_lines else lines
        self.limits = limits or LIMITS
        self.least_confidence = least_confidence
        self.observer: Observer | None = None
        self.scale = 1.0
        """How much larger than the last picture that was read the ink map of it is, which the observer was shown."""

    def read(self, grey: Image) -> Page:
        """Read a whole picture.

        grey: (H, W) uint8; one in colour, (H, W, 3) BGR or (H, W, 4), is made grey first. Returns its lines and what
        was rejected, boxes in its pixels. Raises ImageError for what is no picture, or too narrow a strip.
        """
        grey = to_grey(grey)
        if max(grey.shape) > max(LONGEST_STRIP, NARROWEST * min(grey.shape)):
            raise ImageError(f"a strip of {grey.shape[1]}x{grey.shape[0]} pixels is too narrow to be read")
        if fills_picture(grey):
            around, picture = with_paper_around(grey)
            page = self.read_ink(page_ink(around), picture)
            if sum(len(line.text) for line in page.lines) == 1:
                return self._in_picture(page, grey, picture.width / grey.shape[1])
        scaled, factor = at_reading_size(grey)
        return self._in_picture(self.read_ink(page_ink(scaled)), grey, factor)

    def _in_picture(self, page: Page, grey: Image, scale: float) -> Page:
        """A page with the boxes in the pixels of ``grey``, which was read ``scale`` times as large."""
        self.scale = scale
        whole = Box(0, 0, grey.shape[1], grey.shape[0])
        return page if scale == 1.0 else cut_page(scaled_page(page, 1.0 / scale), whole)

    def read_ink(self, found: PageInk, picture: Box | None = None) -> Page:
        """Read a picture of which the ink is known already. picture: where it stands in ``found``; None is all of it.
        Boxes are in the picture's pixels."""
        ink, components = writing(found)
        classify = partial(self._classify, ink, picture)
        candidates = self._candidates(components, ink, found.contrast, classify)
        # What is no writing has been taken for parts of rows, and of digits.
        for found_out in (_is_texture, _is_rest_of_lines):
            gone = found_out(components, candidates, found.contrast, self.limits)
            if gone.any():
                components = components.only(~gone)
                candidates = self._candidates(components, ink, found.contrast, classify)
        least, of_ones = (share * max(ink.shape) for share in LEAST_HEIGHTS)
        reasons = judge(candidates, self.limits, (min(least, LEAST_PIXELS), of_ones))
        reasons = [reason or self._doubt(c) for c, reason in zip(candidates, reasons, strict=True)]
        page = assembled(candidates, reasons, components, ink, found, self.model.spec.line_exponent)
        return page if picture is None else cut_page(page, picture)

    def _candidates(
        self, components: Components, ink: Image, contrast: Image, classify: digit_rows.Classify
    ) -> list[Candidate]:
        candidates: list[Candidate] = []
        for index, row in enumerate(find_rows(components)):
            candidates += self._read_row(index, row, row_pieces(row, components, ink), contrast, classify)
        return candidates

    def _doubt(self, candidate: Candidate) -> str | None:
        return "low-confidence" if candidate.span.confidence < self.least_confidence else None

    def _read_row(
        self, index: int, row: Row, pieces: list[Piece], contrast: Image, classify: digit_rows.Classify
    ) -> list[Candidate]:
        if self.model.spec.reads_lines and self.lines is not None:
            return line_rows.read_row(index, row, pieces, contrast, self.lines)
        return digit_rows.read_row(index, row, pieces, contrast, classify, self.lines, self.limits)

    def _classify(
        self, ink: Image, picture: Box | None, boxes: list[Box], pixels: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        chances = probabilities(self.model.scores(pixels), self.model.spec.temperature)
        if not self.model.spec.reject:
            # To a network without a reject class all ink is a digit.
            chances = np.pad(chances, ((0, 0), (0, 1)))
        if self.observer is not None:
            if picture is not None:
                ink, boxes = picture.cut(ink), [box.within(picture) for box in boxes]
            self.observer(ink, boxes, pixels, chances)
        return chances


def _is_texture(c: Components, candidates: list[Candidate], contrast: Image, limits: Limits) -> NDArray[np.bool_]:
    """(N,) bool: which components are texture."""
    most = contrast_of_texture(candidates, limits)
    return np.zeros(len(c), np.bool_) if most is None else mean_of(c, contrast) < most


def _is_rest_of_lines(c: Components, candidates: list[Candidate], _: Image, limits: Limits) -> NDArray[np.bool_]:
    """(N,) bool: which components are left of a page's squares."""
    gone = np.zeros(len(c), np.bool_)
    if len(candidates) < limits.rests:
        return gone
    heights = c.height[could_be_digit(c) & ~touches_edge(c)].tolist()
    gone[[index for rest in rests_of_lines(candidates, limits, heights) for index in rest.components]] = True
    return gone


def _keep_freed_memory() -> None:
    """Have the C library keep what a picture needed for the next one.

    glibc hands freed memory back to the system as soon as it is twice the largest block that was ever freed, and a
    frame needs more than twice its largest block: a thousand pages a frame were fetched anew, a fifth of the time. The
    largest block that reading can need, freed once, ends that; nobody touches it, so it costs nothing.
    """
    np.empty(MOST_PIXELS, np.int32)
