"""Tables in Markdown and what stands in their cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edge_digits.evaluation.intervals import Interval


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """The first ``left`` columns are words, the others figures, to the right."""
    marks = ["---"] * left + ["---:"] * (len(heads) - left)
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, marks, *rows))


def middle(values: Sequence[float], factor: float, form: str = ".3g") -> str:
    """The median of ``values``, times ``factor``."""
    return format(float(np.median(values)) * factor, form) if values else "–"


def ranged(rate: Interval, form: str = ".2%") -> str:
    """A rate with its interval if there is one: "3.21% (1.90% to 4.70%)"."""
    if math.isnan(rate.value):
        return "–"
    said = format(rate.value, form)
    return said if math.isnan(rate.low) else f"{said} ({rate.low:{form}} to {rate.high:{form}})"
