"""Rows read with a line model: whole, or only where digits touch.

The models here are made up: a "digit" is a block of ink, a narrow one a 1 and a wide one a 0, and where ink is as thin
as a pen's stroke two blocks touch.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits import normalize
from edge_digits.charset import BLANK, REJECT
from edge_digits.digit_rows import read_row
from edge_digits.errors import ModelError
from edge_digits.line_reader import LineReader
from edge_digits.line_rows import read_row as read_whole_row
from edge_digits.model_spec import ModelSpec
from edge_digits.plausibility import Candidate
from edge_digits.segment.pieces import Piece
from edge_digits.segment.rows import Row
from edge_digits.types import Box, Image

HEIGHT = 24
NARROW, WIDE = 8, 18


class Blocks:
    """A line model that finds blocks; it was asked so often."""

    def __init__(self, width: int, wrong: bool = False, logit: float = 12.0) -> None:
        shape = (normalize.LINE_PARAMETERS.height, width)
        self.spec = ModelSpec("blocks", "tflite", "int8", "", input_shape=shape, blank=True)
        self.asked = 0
        self._wrong, self._logit = wrong, logit

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked += 1
        assert pixels.shape == (1, *self.spec.input_shape)
        out = np.zeros((1, pixels.shape[2] // 4, BLANK + 1), np.float32)
        out[0, :, BLANK] = 5.0
        tall = (pixels[0] >= 128).sum(axis=0) > 12
        edges = np.flatnonzero(np.diff(np.concatenate([[0], tall, [0]])))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            value = (7 if self._wrong else 1) if stop - start < 13 else 0
            out[0, (start + stop) // 8, value] = self._logit
        return out


def _ink(widths: list[int]) -> Image:
    """Blocks that touch by a stroke as thick as three pixels."""
    joint = 3
    ink = np.zeros((HEIGHT, sum(widths) + joint * (len(widths) - 1)), np.uint8)
    x = 0
    for index, width in enumerate(widths):
        ink[:, x : x + width] = 255
        if index + 1 < len(widths):
            ink[10:13, x + width : x + width + joint] = 255
        x += width + joint
    return ink


def _piece(widths: list[int], x: int, component: int = 0) -> Piece:
    ink = _ink(widths)
    return Piece(Box(x, 5, ink.shape[1], HEIGHT), ink, float(ink.sum()) / 255, component)


def _classify(boxes: list[Box], pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Sure of blocks, and that what is wider than one is none."""
    out = np.full((len(boxes), REJECT + 1), 0.001, np.float32)
    for row, box in zip(out, boxes, strict=True):
        row[REJECT if box.width > WIDE + 6 else 1 if box.width < 13 else 0] = 0.99
    return out


def _row(pieces: list[Piece]) -> Row:
    count = len(pieces)
    return Row(np.arange(count), np.zeros(count, np.bool_), float(HEIGHT))


def _read(pieces: list[Piece], lines: LineReader | None) -> list[Candidate]:
    return read_row(0, _row(pieces), pieces, np.full((60, 600), 200, np.uint8), _classify, lines)


def _values(found: list[Candidate]) -> list[int | None]:
    return [c.span.value if c.span.is_digit else None for c in found]


def test_digits_that_touch_are_read_where_both_models_agree() -> None:
    found = _read([_piece([WIDE, NARROW, WIDE], 30)], LineReader([Blocks(128)]))
    assert _values(found) == [0, 1, 0]
    assert all(c.span.confidence > 0.99 for c in found), "agreement is surer than either"
    assert [c.box.x for c in found] == pytest.approx([30, 30 + WIDE + 3, 30 + WIDE + NARROW + 6], abs=3)
    assert all(c.box.height == HEIGHT for c in found)


def test_where_the_models_differ_the_line_model_counts_by_itself_if_it_is_sure() -> None:
    found = _read([_piece([WIDE, NARROW, WIDE], 30)], LineReader([Blocks(128, wrong=True)]))
    assert _values(found) == [0, 7, 0]


def test_where_the_models_differ_an_unsure_line_model_is_not_believed() -> None:
    """Sure by 0.87: enough where both agree, too little by itself."""
    pieces = [_piece([WIDE, NARROW, WIDE], 30)]
    assert _values(_read(pieces, LineReader([Blocks(128, logit=7.0)]))) == [0, 1, 0]
    assert 7 not in _values(_read(pieces, LineReader([Blocks(128, wrong=True, logit=7.0)])))


def test_digits_that_stand_apart_never_reach_the_line_model() -> None:
    model = Blocks(128)
    pieces = [_piece([WIDE], 10, 0), _piece([NARROW], 60, 1)]
    assert _values(_read(pieces, LineReader([model]))) == [0, 1]
    assert model.asked == 0


def test_sure_digits_beside_joined_ones_stay_as_they_are() -> None:
    pieces = [_piece([WIDE], 10, 0), _piece([NARROW, WIDE], 60, 1)]
    alone = _read(pieces[:1], None)[0]
    assert _values(found := _read(pieces, LineReader([Blocks(128)]))) == [0, 1, 0]
    assert found[0].box == alone.box and found[0].span.confidence == alone.span.confidence


def test_a_whole_row_is_read_word_by_word_with_boxes_on_the_page() -> None:
    pieces = [_piece([WIDE, NARROW], 10, 0), _piece([WIDE], 200, 1)]
    reader = LineReader([Blocks(128)])
    found = read_whole_row(3, _row(pieces), pieces, np.full((60, 600), 200, np.uint8), reader)
    assert _values(found) == [0, 1, 0]
    assert [c.row for c in found] == [3, 3, 3]
    assert found[2].box == pieces[1].box
    assert found[0].box.right <= found[1].box.x


def test_a_row_that_falls_is_levelled_before_it_is_read() -> None:
    pieces = [Piece(Box(30 * i, 5 * i, WIDE, HEIGHT), _ink([WIDE]), 1.0, i) for i in range(5)]
    seen: list[Image] = []
    reader = LineReader([Blocks(256)])
    reader.observer = lambda strip, symbols: seen.append(strip)
    read_whole_row(0, _row(pieces), pieces, np.full((60, 600), 200, np.uint8), reader)
    tops = [int(np.argmax(column >= 128)) for column in seen[0].T if (column >= 128).any()]
    assert max(tops) - min(tops) <= 1


def test_ink_in_which_nothing_is_read_is_no_digit() -> None:
    flat = np.zeros((HEIGHT, 40), np.uint8)
    flat[10:13] = 255
    pieces = [Piece(Box(5, 5, 40, HEIGHT), flat, 1.0, 0)]
    reader = LineReader([_Silent(128)])
    assert _values(read_whole_row(0, _row(pieces), pieces, np.full((60, 600), 9, np.uint8), reader)) == [None]


class _Silent(Blocks):
    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        out = super().scores(pixels)
        out[:] = 0.0
        out[..., BLANK] = 5.0
        return out


def test_short_lines_go_to_the_narrow_model() -> None:
    narrow, wide = Blocks(128), Blocks(256)
    reader = LineReader([wide, narrow])
    reader.read(_ink([WIDE, WIDE]))
    assert (narrow.asked, wide.asked) == (1, 0)
    reader.read(_ink([WIDE] * 8))
    assert (narrow.asked, wide.asked) == (1, 1)


@pytest.mark.parametrize("count", [1, 10, 14, 25, 40])
def test_every_digit_of_a_line_of_any_length_is_read_once(count: int) -> None:
    widths = [NARROW if index % 3 == 2 else WIDE for index in range(count)]
    symbols = LineReader([Blocks(128), Blocks(256)]).read(_ink(widths))
    assert [symbol.value for symbol in symbols] == [1 if width == NARROW else 0 for width in widths]
    middles = np.cumsum([0, *(w + 3 for w in widths[:-1])]) + np.array(widths) / 2
    assert [symbol.position for symbol in symbols] == pytest.approx(middles.tolist(), abs=4)


def test_empty_ink_reads_as_nothing() -> None:
    assert LineReader([Blocks(128)]).read(np.zeros((20, 50), np.uint8)) == []


def test_only_line_models_read_lines() -> None:
    model = Blocks(128)
    model.spec = ModelSpec("cnn", "tflite", "int8", "")
    with pytest.raises(ModelError, match="reads single digits"):
        LineReader([model])
    with pytest.raises(ModelError, match="no model"):
        LineReader([])


def test_models_too_narrow_for_windows_of_long_lines_are_refused() -> None:
    with pytest.raises(ModelError, match=r"^blocks \(int8 tflite\): reads strips of 92 columns, .* 96 or more$"):
        LineReader([Blocks(92), Blocks(64)])
    widths = [WIDE] * 12
    symbols = LineReader([Blocks(64), Blocks(96)]).read(_ink(widths))
    assert [symbol.value for symbol in symbols] == [0] * len(widths)
