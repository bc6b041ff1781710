"""What a line reader says of a hypothesis that may be several digits."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Transcription
from edge_digits.lines.ctc import Symbol
from edge_digits.lines.votes import transcribe
from edge_digits.proposals.hypotheses import find_nodes
from edge_digits.types import Image

LEFT, WAIST = 40, 70


class _Reads:
    """Reads the same symbols in everything, at so many columns of the ink."""

    def __init__(self, *symbols: Symbol) -> None:
        self._symbols = symbols

    def read(self, ink: Image) -> list[Symbol]:
        assert ink.max() == 255
        return list(self._symbols)


def _transcribed(*symbols: Symbol) -> Transcription:
    """Of two blocks, joined by a thin line at the column WAIST."""
    contrast = np.zeros((100, 160), np.uint8)
    contrast[30:70, LEFT : WAIST - 2] = contrast[30:70, WAIST + 3 : 100] = contrast[48:52, WAIST - 2 : WAIST + 3] = 200
    return transcribe(cast(Any, _Reads(*symbols)), find_nodes(contrast), 0, 200.0)


def test_digits_part_where_the_ink_between_them_is_thinnest_and_each_is_as_sure_as_it_was_read() -> None:
    said = _transcribed(Symbol(3, 0.9, 14.0), Symbol(4, 0.8, 46.0))
    assert said.cuts == [pytest.approx(WAIST, abs=3)]
    assert said.confidences == [0.9, 0.8]


@pytest.mark.parametrize(
    "symbols",
    [(Symbol(3, 0.9, 14.0), Symbol(REJECT, 0.8, 46.0)), (Symbol(3, 0.9, 30.0),), ()],
    ids=["a letter among them", "one digit", "nothing"],
)
def test_what_is_not_several_digits_says_nothing_of_its_pieces(symbols: tuple[Symbol, ...]) -> None:
    assert _transcribed(*symbols).confidences == []
