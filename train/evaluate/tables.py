"""The figures of an evaluation as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_digits.runtime.spec import ModelSpec


@dataclass(frozen=True)
class Result:
    """One model file on one set. accuracy: share read rightly, 0..1, where "no digit" counts as wrong. of_ten: the same
    where "no digit" is no answer, as a network has it that knows none. rejected: share taken for no digit. macro_f1:
    mean over the ten digits. calibration_error: expected calibration error, 0..1.
    kept_error: share of wrong ones among the surest 90 %."""

    model: str
    data: str
    count: int
    accuracy: float
    of_ten: float
    rejected: float
    macro_f1: float
    calibration_error: float
    kept_error: float


@dataclass(frozen=True, eq=False)
class ModelResult:
    """One model file on the test sets."""

    name: str
    spec: ModelSpec
    sets: list[Result]


def details(results: Sequence[ModelResult]) -> str:
    """One row for each model file and test set."""
    header = "model | set | digits | right (%) | of ten (%) | taken for none (%) | macro F1 | calibration error"
    rows = [
        f"{r.model} | {r.data} | {r.count:,} | {percent(r.accuracy)} | {percent(r.of_ten)} | {percent(r.rejected)} "
        f"| {r.macro_f1:.4f} | {r.calibration_error:.4f} | {percent(r.kept_error)}"
        for result in results
        for r in result.sets
    ]
    return table(f"{header} | wrong in surest 90 % (%)", 2, rows)


def percent(share: float, decimals: int = 2) -> str:
    """A share as a cell; NaN is none."""
    return "–" if np.isnan(share) else f"{100 * share:.{decimals}f}"


def table(header: str, words: int, rows: Sequence[str]) -> str:
    """A Markdown table; the first ``words`` columns are words, the others figures, to the right."""
    columns = header.count("|") + 1
    rule = "|" + "---|" * words + "---:|" * (columns - words)
    return "\n".join([f"| {header} |", rule, *(f"| {row} |" for row in rows)]) + "\n"
