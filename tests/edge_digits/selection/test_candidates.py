"""Which digit a candidate is, by all that were asked about it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from edge_digits.judge.cascade import Transcription, judge
from edge_digits.judge_classes import CLASSES
from edge_digits.proposals.hypotheses import find_nodes
from edge_digits.selection.candidates import gather, in_agreement, line_chances
from tests.edge_digits.stand_ins import Says


class _TwoDigits(Says):
    """Sees several digits in everything; in a piece a 3 or a 4 without knowing which."""

    def scores(self, pixels: np.ndarray) -> np.ndarray:
        scores = np.full((len(pixels), CLASSES), -9.0, np.float32)
        scores[:, [3, 4, 11]] = (4.0, 4.0, 5.0)
        return scores


def test_a_line_reader_has_a_say_in_which_digits_the_pieces_are_that_it_reads() -> None:
    contrast = np.zeros((100, 160), np.uint8)
    contrast[30:70, 40:100] = 200
    transcription = Transcription([71], [3, 4], [0.9, 0.9])
    first, second = Says(1, 2), _TwoDigits(11, CLASSES)
    judged = judge(find_nodes(contrast), cast(Any, first), cast(Any, second), lambda *_: transcription)
    candidates = gather([judged], [1.0], (100, 160))
    said = candidates.transcribed["chance"] > 0
    order = np.argsort(candidates.boxes[said, 0])
    assert candidates.digits[said][order].argmax(axis=1).tolist() == [3, 4]
    assert candidates.digits[said].max(axis=1) == pytest.approx([0.89, 0.89], abs=0.01)
    assert candidates.digits[~said][:, [3, 4]] == pytest.approx(0.5, abs=0.01)


def test_two_who_agree_are_surer_than_two_who_do_not() -> None:
    one = line_chances([3, 3], [0.9, 0.9])
    other = line_chances([3, 4], [0.9, 0.9])
    agreed, differed = in_agreement(one, other).max(axis=1)
    assert agreed == pytest.approx(0.9, abs=0.01)
    assert differed < 0.5


def test_chances_of_digits_are_shared_by_what_was_not_read() -> None:
    [chances] = line_chances([7], [0.91])
    assert chances[7] == pytest.approx(0.91, abs=1e-4)
    assert np.delete(chances, 7) == pytest.approx(0.01, abs=1e-4)
