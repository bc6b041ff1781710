"""Products of small matrices."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.parametrize(("inputs", "outputs"), [(113, 64), (17, 48), (64, 1), (512, 14)])
def test_no_part_is_so_large_that_openblas_wakes_its_threads(inputs: int, outputs: int) -> None:
    taken: list[int] = []

    class Counted(np.ndarray):
        """Notes how many multiplications each of its products takes."""

        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
            rows, weights = (np.asarray(one) for one in inputs)
            assert ufunc is np.matmul
            taken.append(rows.size * weights.shape[1])
            return rows @ weights

    product(np.ones((1000, inputs), np.float32).view(Counted), np.ones((inputs, outputs), np.float32))
    assert sum(taken) == 1000 * inputs * outputs
    assert max(taken) < 2**18
