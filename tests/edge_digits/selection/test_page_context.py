"""What the page's network sees of a hypothesis beside the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from edge_digits.judge.cascade import judge
from edge_digits.judge_classes import CLASSES
from edge_digits.proposals.hypotheses import find_nodes
from edge_digits.selection.candidates import Candidates, gather
from edge_digits.selection.page_context import EDGE_FEATURES, NEIGHBOURS, NODE_FEATURES, page_features
from tests.edge_digits.stand_ins import Says


def _two_digits() -> Candidates:
    contrast = np.zeros((100, 160), np.uint8)
    contrast[30:70, 40:60] = contrast[30:70, 80:100] = 200
    judged = judge(find_nodes(contrast), cast(Any, Says(1, 2)), cast(Any, Says(3, CLASSES)))
    return gather([judged], [1.0], (100, 160))


def test_each_hypothesis_has_its_features_and_those_of_its_neighbours() -> None:
    page = _two_digits()
    nodes, edges = page_features(page)
    assert nodes.shape == (len(page), NODE_FEATURES)
    assert edges.shape == (len(page), NEIGHBOURS, EDGE_FEATURES)
    # A neighbour is no other hypothesis of the same ink.
    assert (edges[:, :, -1].sum(axis=1) == 1).all()


def test_faint_ink_differs_from_black_ink_however_much_of_it_there_is() -> None:
    page = _two_digits()
    ink = np.zeros_like(page.ink)
    ink[:, 4:24, 4:24] = 255
    thin = ink.copy()
    thin[:, :, 8:] = 0
    black, half, less = (page_features(replace(page, ink=some))[0] for some in (ink, ink // 2, thin))
    [column] = np.flatnonzero((black != half).any(axis=0))
    assert black[:, column] == pytest.approx(1.0)
    assert half[:, column] == pytest.approx(0.5, abs=0.01)
    assert less[:, column] == pytest.approx(1.0)
