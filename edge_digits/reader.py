"""A grey picture -> the numbers in it: the reading size, the page, quarter turns."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from edge_digits import read_page
from edge_digits.confidence import threshold_for
from edge_digits.errors import ImageError, ModelError
from edge_digits.io.image import as_grey
from edge_digits.lines.line_reader import LineReader
from edge_digits.lines.turn import turned_back
from edge_digits.page import Page, cut_page, scaled_page
from edge_digits.read_page import Networks
from edge_digits.reading_size import MOST_PIXELS, at_reading_size
from edge_digits.runtime.hand import HandFile
from edge_digits.runtime.last_layer import TaughtModel
from edge_digits.runtime.load import load_digits, load_model
from edge_digits.runtime.model import Model
from edge_digits.selection.set_network import check_set_network, load_set_network
from edge_digits.trace import Observe, Seen
from edge_digits.types import Box, Image, as_image

MODELS = Path(__file__).parent / "models"

JUDGE_FIRST_FILE = "judge-first-int8.tflite"
JUDGE_FILE, CNN_FILE = "judge-int8.tflite", "cnn-int8.tflite"
"""The model files among them that can be taught."""

LONGEST_STRIP, NARROWEST = 10_000, 100
"""Pixels of a strip's longer side, and how often that may be its shorter one; windows are shares of the longer side,
and beyond the shorter one they would need more memory than there is."""


def shipped_models() -> list[Path]:
    """The model files that come with the package."""
    return sorted(p for p in MODELS.glob("*") if p.suffix in (".tflite", ".onnx"))


def reading_models() -> list[Path]:
    """Those of them that read digits or lines; the judge's only find them."""
    return [path for path in shipped_models() if not path.name.startswith("judge")]


def open_reader(
    model: str = "auto", threads: int = 1, max_error: float | None = None, hand: str | PathLike[str] | None = None
) -> DigitReader:
    """A reader with shipped models or with a model file of one's own.

    model: "cnn" reads digit by digit, "crnn" whole rows, "auto" digit by digit what stands apart and with the CRNN what
    touches; their int8 TFLite files. "cnn-float32.onnx" is that very file, and the path of a model file is that model.
    What is a digit at all, the judge's int8 TFLite files say. max_error: share of wrong ones among the digits that are
    read, between 0 and 1; digits that are not sure enough for it are rejected as low-confidence. None reads all that
    are likelier right than not. hand: the file of what was learned of a writer (docs/guide/teach.md); it may come,
    change or go while the reader runs. Raises ModelError if there is no such model or its spec has no thresholds,
    ConfigError for a ``max_error`` that cannot be kept.
    """
    paths = model_files("cnn" if model == "auto" else model)
    loaded = [load_digits(path, threads) for path in paths]
    if loaded[0].spec.judges:
        raise ModelError(f"{paths[0]}: a network of the judge, which finds digits and does not read them")
    least = 0.0 if max_error is None else threshold_for(loaded[0].spec, max_error, str(paths[0]))
    strips = loaded if loaded[0].spec.reads_lines else []
    if model == "auto":
        strips = [load_model(path, threads) for path in line_models()]
    lines = LineReader(strips) if strips else None
    if hand is None:
        return DigitReader(loaded[0], least_confidence=least, lines=lines, threads=threads)
    second = TaughtModel(load_model(MODELS / JUDGE_FILE, threads))
    judge = replace(open_judge(threads), second=second)
    if loaded[0].spec.reads_lines:
        return DigitReader(loaded[0], least, lines, judge, hand=HandFile(Path(hand), second, None))
    cnn = TaughtModel(loaded[0])
    return DigitReader(cnn, least, lines, judge, hand=HandFile(Path(hand), second, cnn))


def open_judge(threads: int = 1) -> Networks:
    """The networks that find digits, as they ship. Raises ModelError if one is missing, damaged or does not fit."""
    first, second = (load_model(MODELS / name, threads) for name in (JUDGE_FIRST_FILE, JUDGE_FILE))
    page = MODELS / "judge-page.npz"
    check_set_network(page, [model.spec.sha256 for model in (first, second)])
    return Networks(first, second, load_set_network(page))


def line_models(name: str = "crnn", precision: str = "int8") -> list[Path]:
    """The TFLite files of a shipped network that reads lines, one for each width of strip; [] if there is none."""
    return sorted(MODELS.glob(f"{name}-[0-9]*-{precision}.tflite"))


def model_files(model: str) -> list[Path]:
    """The files that a name or path stands for: of a network that reads lines there is one for each width of strip.
    What has a folder in it is no name, but a path. Raises ModelError if there are none."""
    named = [MODELS / f"{model}-int8.tflite", MODELS / model] if model == PurePath(model).name else []
    for path in (*named, Path(model)):
        if path.is_file():
            return [path]
    strips = line_models(model) if model.isidentifier() else []
    if strips:
        return strips
    names = sorted({path.name.split("-")[0] for path in reading_models()})
    raise ModelError(f"{model}: no such model: expected {', '.join(['auto', *names])} or the path of a model file")


class DigitReader:
    """Reads pictures. Not safe to use from two threads at once.

    model: says which digit it is, digit by digit, and ``lines`` is asked only about what touches; or it reads lines
    itself, together with its files for other widths in ``lines``, and votes on whole rows. least_confidence: what would
    be read with less is rejected as low-confidence. judge: the networks that find digits; None are those that ship.
    hand: what was learned of a writer, of these models; looked at before each picture.
    """

    def __init__(
        self,
        model: Model,
        least_confidence: float = 0.0,
        lines: LineReader | None = None,
        judge: Networks | None = None,
        threads: int = 1,
        hand: HandFile | None = None,
    ) -> None:
        _keep_freed_memory()
        self.model = model
        self.lines = LineReader([model]) if lines is None and model.spec.reads_lines else lines
        self.least_confidence = least_confidence
        whole_rows = model.spec.reads_lines
        self.networks = replace(
            judge or open_judge(threads=threads),
            classifier=None if whole_rows else model,
            lines=self.lines,
            whole_rows=whole_rows,
        )
        self._hand = hand

    def read(self, picture: str | PathLike[str] | Image | Any, observe: Observe | None = None) -> Page:
        """Read a whole picture.

        picture: the path of a file, an image of Pillow's, or (H, W), (H, W, 3) BGR or (H, W, 4) BGRA uint8 or uint16.
        observe: is told what was seen. Returns its lines and what was rejected, boxes in its pixels. Raises ImageError
        for what is no picture, or too narrow a strip.
        """
        if self._hand is not None:
            self._hand.refresh()
        grey = as_grey(picture)
        if max(grey.shape) > max(LONGEST_STRIP, NARROWEST * min(grey.shape)):
            raise ImageError(f"a strip of {grey.shape[1]}x{grey.shape[0]} pixels is too narrow to be read")
        size = (grey.shape[0], grey.shape[1])
        scaled, scale = at_reading_size(grey)
        selection = read_page.select(scaled, self.networks)
        turns = read_page.quarter_turns(selection, self.networks)
        if turns:
            turned = as_image(np.ascontiguousarray(np.rot90(scaled, turns)))
            other = read_page.select(turned, self.networks)
            if read_page.is_surely_better(other, selection):
                scaled, selection = turned, other
            else:
                turns = 0
        exponent = self.model.spec.line_exponent
        page, strips = read_page.read_selection(selection, self.networks, self.least_confidence, exponent)
        if observe is not None:
            contrast = selection.judged[0].hypotheses.contrast
            observe(
                Seen(
                    size,
                    scaled,
                    scale,
                    turns,
                    contrast,
                    selection.candidates,
                    selection.chosen,
                    selection.judged,
                    strips,
                )
            )
        return in_picture(page, size, (scaled.shape[0], scaled.shape[1]), scale, turns)


def in_picture(page: Page, picture: tuple[int, int], read: tuple[int, int], scale: float, turns: int) -> Page:
    """``page``, whose boxes are in a picture as it was read, in pixels of the picture as it came, and all inside it.

    picture, read: (height, width) of both. scale: pixels of the one that was read for one of the other's. turns:
    quarters by which it was turned counter-clockwise.
    """
    page = turned_back(page, turns, read)
    return page if scale == 1.0 else cut_page(scaled_page(page, 1.0 / scale), Box(0, 0, picture[1], picture[0]))


def _keep_freed_memory() -> None:
    """Have the C library keep what a picture needed for the next one.

    glibc hands freed memory back to the system as soon as it is twice the largest block that was ever freed, and a
    frame needs more than twice its largest block: a thousand pages a frame were fetched anew, a fifth of the time. The
    largest block that reading can need, freed once, ends that; nobody touches it, so it costs nothing.
    """
    np.empty(MOST_PIXELS, np.int32)
