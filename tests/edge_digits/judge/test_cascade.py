"""What a line reader says of touching digits reaches the judge's pieces."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from edge_digits.judge.cascade import Judged, Transcription, judge
from edge_digits.judge_classes import CLASSES, SEVERAL
from edge_digits.proposals.hypotheses import find_nodes
from tests.edge_digits.stand_ins import Says

LEFT, TOP, WIDTH, HEIGHT, SEAM = 40, 30, 60, 40, 71


def _judged(transcription: Transcription | None) -> Judged:
    contrast = np.zeros((100, 160), np.uint8)
    contrast[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = 200
    read: Any = None if transcription is None else lambda *_: transcription
    return judge(find_nodes(contrast), cast(Any, Says(1, 2)), cast(Any, Says(SEVERAL, CLASSES)), read)


def _transcribed(judged: Judged) -> dict[tuple[int, int], list[float]]:
    """Of each piece, by its columns."""
    h = judged.hypotheses
    pieces = np.flatnonzero(h.host[judged.asked] >= 0)
    columns = zip(h.left[judged.asked[pieces]].tolist(), h.right[judged.asked[pieces]].tolist(), strict=True)
    return dict(zip(columns, judged.transcribed[pieces].tolist(), strict=True))


def test_the_pieces_between_a_line_readers_digits_know_how_sure_it_is_of_each_and_of_all() -> None:
    said = _transcribed(_judged(Transcription([SEAM], [0.9, 0.8])))
    assert said[LEFT, SEAM] == pytest.approx([0.9, 0.72, 1.0], abs=1e-5)
    assert said[SEAM, LEFT + WIDTH] == pytest.approx([0.8, 0.72, 1.0], abs=1e-5)


def test_pieces_know_that_a_line_reader_reads_their_host_otherwise() -> None:
    said = _transcribed(_judged(Transcription([SEAM], [])))
    assert said
    assert all(column == [-1.0, 0.0, 0.0] for column in said.values())


def test_without_a_line_reader_nothing_is_said_of_pieces() -> None:
    assert not _judged(None).transcribed.any()


def test_nothing_is_said_of_whole_hypotheses() -> None:
    judged = _judged(Transcription([SEAM], [0.9, 0.8]))
    assert not judged.transcribed[judged.hypotheses.host[judged.asked] < 0].any()
