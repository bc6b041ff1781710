"""Products of small matrices."""

from __future__ import annotations

import numpy as np
import pytest

from edge_digits.runtime.matrix_product import product


@pytest.mark.parametrize("count", [0, 1, 5, 1000])
def test_a_product_made_in_parts_is_the_whole_one(count: int) -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(count, 113)).astype(np.float32)
    weights = rng.normal(size=(113, 64)).astype(np.float32)
    made = product(rows, weights)
    assert made.shape == (count, 64)
    assert made == pytest.approx(rows.astype(np.float64) @ weights.astype(np.float64), abs=1e-3)
