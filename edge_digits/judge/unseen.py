"""What of a map the judge has seen in another map of the picture, so that it is not asked about it again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.proposals.hypotheses import Hypotheses


def changed_nodes(nodes: Hypotheses, before: Hypotheses) -> NDArray[np.intp]:
    """Indices of ``nodes`` that are no nodes of ``before`` too, a map of the same size, by their boxes and areas."""
    known = set(_rows(before))
    return np.array([index for index, row in enumerate(_rows(nodes)) if row not in known], np.intp)


def _rows(of: Hypotheses) -> list[tuple[int, ...]]:
    return list(zip(*(c.tolist() for c in (of.x, of.y, of.width, of.height, of.area)), strict=True))
