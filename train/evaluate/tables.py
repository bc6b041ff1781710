"""The figures of an evaluation as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_digits.evaluation import metrics
from edge_digits.runtime.spec import ModelSpec
from train.evaluate.pages import Answers, KindResult


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


def side_by_side(results: Sequence[ModelResult]) -> str:
    """Share of right answers, and of right ones of ten: a row for each model file, a column for each test set."""
    sets = [f"{r.data} ({r.count:,})" for r in results[0].sets]
    rows = [
        " | ".join([result.name, *(f"{percent(r.accuracy)} / {percent(r.of_ten)}" for r in result.sets)])
        for result in results
    ]
    return table(" | ".join(["right / right of ten (%)", *sets]), 1, rows)


def by_kind(kinds: Sequence[KindResult], line_exponent: float) -> str:
    """Synthesized pages by kind of sheet."""
    header = (
        "sheet | digits written | of them read rightly (%) | digits read | of them wrong (%) | calibration error "
        "| lines read | of them wrong (%) | calibration error | without exponent"
    )
    rows = []
    for kind in kinds:
        power = Answers(kind.lines.confidence**line_exponent, kind.lines.right)
        rows.append(
            f"{kind.kind} | {kind.written:,} | {percent(kind.found / max(kind.written, 1))} | {len(kind.digits):,} "
            f"| {percent(_wrong(kind.digits))} | {_calibration(kind.digits)} | {len(kind.lines):,} "
            f"| {percent(_wrong(kind.lines))} | {_calibration(power)} | {_calibration(kind.lines)}"
        )
    return table(header, 1, rows)


def thresholds(spec: ModelSpec, judged: dict[str, Answers]) -> str:
    """What each threshold of ``spec`` keeps of some answers, and what of that is wrong. judged: by name."""
    header = " | ".join(["`--max-error`", "least confidence", *(f"{name}: read (%) | wrong (%)" for name in judged)])
    rows = [_kept("none", 0.0, judged)]
    rows += [_kept(rate, least, judged) for rate, least in spec.thresholds.items()]
    return table(header, 1, rows)


def _kept(rate: str, least: float, judged: dict[str, Answers]) -> str:
    cells = [rate, f"{least:.4f}" if least else "–"]
    for answers in judged.values():
        kept = answers.confidence >= least
        wrong = int((~answers.right[kept]).sum())
        cells += [percent(kept.mean(), 1) if len(answers) else "–"]
        cells += [f"{percent(wrong / max(int(kept.sum()), 1))} ({wrong} of {int(kept.sum()):,})"]
    return " | ".join(cells)


def _wrong(answers: Answers) -> float:
    return float((~answers.right).mean()) if len(answers) else float("nan")


def _calibration(answers: Answers) -> str:
    return f"{metrics.expected_calibration_error(answers.confidence, answers.right):.4f}"


def percent(share: float, decimals: int = 2) -> str:
    """A share as a cell; NaN is none."""
    return "–" if np.isnan(share) else f"{100 * share:.{decimals}f}"


def table(header: str, words: int, rows: Sequence[str]) -> str:
    """A Markdown table; the first ``words`` columns are words, the others figures, to the right."""
    columns = header.count("|") + 1
    rule = "|" + "---|" * words + "---:|" * (columns - words)
    return "\n".join([f"| {header} |", rule, *(f"| {row} |" for row in rows)]) + "\n"
