"""What the page's network learns from: candidates with their labels, and what the CRNN says of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge.cascade import Judged, Transcription, judge
from edge_digits.judge_classes import CLASSES, NONE, SEVERAL
from edge_digits.proposals.hypotheses import find_nodes
from edge_digits.selection.candidates import Candidates, gather
from edge_digits.selection.page_context import page_features
from tests.edge_digits.stand_ins import Says
from train.judge.page_training import candidate_labels

SIZE, SEAMS = (100, 160), (74, 96)
BOXES = np.array([(40, 30, 84, 70), (63, 30, 107, 70), (86, 30, 130, 70)], np.float32)
"""Of a 3, a 4 and a 5 that overlap by half of their width: a cut leaves half of the 4."""
SURE_AND_NOT = (Transcription([*SEAMS], [0.99] * 3), Transcription([*SEAMS], [0.4] * 3))
KINDS = np.array([3, 4, 5], np.int8)


def _page(transcription: Transcription | None, scale: float = 1.0) -> tuple[Candidates, Judged]:
    """Candidates of one block of ink, taken for several digits, in a map of which ``scale`` pixels are one of the
    picture's."""
    contrast = np.zeros(SIZE, np.uint8)
    contrast[30:70, 40:130] = 200
    read: Any = None if transcription is None else lambda *_: transcription
    judged = judge(find_nodes(contrast), cast(Any, Says(1, 2)), cast(Any, Says(SEVERAL, CLASSES)), read)
    return gather([judged], [scale], SIZE), judged


def _between_seams(candidates: Candidates, judged: Judged) -> NDArray[np.intp]:
    """The three pieces that the seams make, from left to right."""
    h, place = judged.hypotheses, candidates.place
    sides = [(h.left[place] == a) & (h.right[place] == b) for a, b in pairwise((40, *SEAMS, 130))]
    return np.concatenate([np.flatnonzero(candidates.is_piece & side) for side in sides])


def test_pieces_of_overlapping_digits_are_learned_as_digits() -> None:
    candidates, judged = _page(Transcription([*SEAMS], [0.9, 0.8, 0.7]))
    labels = candidate_labels(candidates, [judged], [1.0], BOXES, KINDS)
    assert labels[_between_seams(candidates, judged)].tolist() == [3, 4, 5]


def test_a_part_of_a_digit_is_learned_as_none() -> None:
    candidates, judged = _page(Transcription([52], [0.9, 0.8]))
    labels = candidate_labels(candidates, [judged], [1.0], BOXES, KINDS)
    assert labels[candidates.is_piece & (candidates.boxes[:, 2] == 52)].tolist() == [NONE]


def test_a_maps_scale_is_taken_into_account() -> None:
    candidates, judged = _page(Transcription([*SEAMS], [0.9, 0.8, 0.7]), 0.5)
    labels = candidate_labels(candidates, [judged], [0.5], 2 * BOXES, KINDS)
    assert labels[_between_seams(candidates, judged)].tolist() == [3, 4, 5]


def test_the_page_hears_how_sure_a_line_reader_is() -> None:
    sure, doubtful, silent = (_page(said) for said in (*SURE_AND_NOT, None))
    of_sure, of_doubtful = (page_features(page)[0][_between_seams(page, judged)] for page, judged in (sure, doubtful))
    assert (of_sure != of_doubtful).any(axis=0).sum() == 2
    unheard = page_features(silent[0])[0]
    heard = page_features(_page(Transcription([], []))[0])[0]
    # Where it reads the host as something else, all pieces differ from those that no line reader saw.
    assert (heard != unheard).any(axis=1).tolist() == silent[0].is_piece.tolist()
