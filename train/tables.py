"""The figures of an evaluation as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from edge_digits import metrics
from edge_digits.model_spec import ModelSpec
from train import photographs
from train.pages import Answers, KindResult
from train.photographs import Read

if TYPE_CHECKING:
    from train.evaluate import ModelResult

SUREST = 0.9
"""Share of the answers, the surest first, whose errors are counted."""


def kept_error(confidence: ArrayLike, right: ArrayLike) -> float:
    """Share of wrong ones among the surest 90 %, or a few more where confidences are equal. NaN without answers."""
    coverage, risk, _ = metrics.risk_coverage(confidence, right)
    return float(risk[min(int(np.searchsorted(coverage, SUREST - 1e-9)), len(risk) - 1)]) if len(risk) else np.nan


def all_results(results: Sequence[ModelResult]) -> str:
    """Every table of an evaluation."""
    parts = ["## Test sets\n", details(results)]
    if results and results[0].photographs:
        parts += ["\n## Photographs\n", pictures(results), "\n", sources(results)]
    return "\n".join(parts)


def details(results: Sequence[ModelResult]) -> str:
    """One row for each model file and test set."""
    header = "model | set | digits | right (%) | of ten (%) | taken for none (%) | macro F1 | calibration error"
    rows = [
        f"{r.model} | {r.data} | {r.count:,} | {_percent(r.accuracy)} | {_percent(r.of_ten)} | {_percent(r.rejected)} "
        f"| {r.macro_f1:.4f} | {r.calibration_error:.4f} | {_percent(r.kept_error)}"
        for result in results
        for r in result.sets
    ]
    return _table(f"{header} | wrong in surest 90 % (%)", 2, rows)


def side_by_side(results: Sequence[ModelResult]) -> str:
    """Share of right answers, and of right ones of ten: a row for each model file, a column for each test set."""
    sets = [f"{r.data} ({r.count:,})" for r in results[0].sets]
    rows = [
        " | ".join([result.name, *(f"{_percent(r.accuracy)} / {_percent(r.of_ten)}" for r in result.sets)])
        for result in results
    ]
    return _table(" | ".join(["right / right of ten (%)", *sets]), 1, rows)


def pictures(results: Sequence[ModelResult]) -> str:
    """The photographs: one row for each model file."""
    header = (
        "model | strict: macro CER (%) | CER (%) | lines exact (%) | pictures exact (%) | wrong in surest 90 % (%) "
        "| all: macro CER (%) | CER (%) | lines exact (%) | pictures exact (%) | digits read where there are none"
    )
    rows = []
    for result in results:
        strict, all_, none = parts(result.photographs)
        a, b, answers = photographs.measures(strict), photographs.measures(all_), photographs.answers(strict)
        rates = (a.macro_cer, a.cer, a.line_exact, a.image_exact, kept_error(answers.confidence, answers.right))
        rates += (b.macro_cer, b.cer, b.line_exact, b.image_exact)
        invented = [sum(map(len, read.lines)) for read in none]
        said = f"{sum(invented)} in {sum(map(bool, invented))} of {len(none)}"
        rows.append(" | ".join([result.name, *map(_percent, rates), said]))
    return _table(header, 1, rows)


def sources(results: Sequence[ModelResult]) -> str:
    """Error rates of the photographs: one row for each source, one column for each model file."""
    by_model = [photographs.by_source(parts(result.photographs)[1]) for result in results]
    rows = []
    for source, own in by_model[0].items():
        rates = [_percent(photographs.measures(found[source]).cer) for found in by_model]
        categories = ", ".join(sorted({read.photograph.category for read in own}))
        rows.append(" | ".join([source, categories, str(len(own)), str(photographs.measures(own).digits), *rates]))
    return _table(" | ".join(["CER (%) by source", "kinds", "pictures", "digits", *(r.name for r in results)]), 2, rows)


def parts(read: Sequence[Read]) -> tuple[list[Read], list[Read], list[Read]]:
    """Photographs of numbers on paper, all with digits, and those without."""
    with_digits = [r for r in read if r.photograph.lines]
    return [r for r in with_digits if r.photograph.is_strict], with_digits, [r for r in read if not r.photograph.lines]


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
            f"{kind.kind} | {kind.written:,} | {_percent(kind.found / max(kind.written, 1))} | {len(kind.digits):,} "
            f"| {_percent(_wrong(kind.digits))} | {_calibration(kind.digits)} | {len(kind.lines):,} "
            f"| {_percent(_wrong(kind.lines))} | {_calibration(power)} | {_calibration(kind.lines)}"
        )
    return _table(header, 1, rows)


def thresholds(spec: ModelSpec, judged: dict[str, Answers]) -> str:
    """What each threshold of ``spec`` keeps of some answers, and what of that is wrong. judged: by name."""
    header = " | ".join(["`--max-error`", "least confidence", *(f"{name}: read (%) | wrong (%)" for name in judged)])
    rows = [_kept("none", 0.0, judged)]
    rows += [_kept(rate, least, judged) for rate, least in spec.thresholds.items()]
    return _table(header, 1, rows)


def _kept(rate: str, least: float, judged: dict[str, Answers]) -> str:
    cells = [rate, f"{least:.4f}" if least else "–"]
    for answers in judged.values():
        kept = answers.confidence >= least
        wrong = int((~answers.right[kept]).sum())
        cells += [_percent(kept.mean(), 1) if len(answers) else "–"]
        cells += [f"{_percent(wrong / max(int(kept.sum()), 1))} ({wrong} of {int(kept.sum()):,})"]
    return " | ".join(cells)


def _wrong(answers: Answers) -> float:
    return float((~answers.right).mean()) if len(answers) else float("nan")


def _calibration(answers: Answers) -> str:
    return f"{metrics.expected_calibration_error(answers.confidence, answers.right):.4f}"


def _percent(share: float, decimals: int = 2) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.{decimals}f}"


def _table(header: str, words: int, rows: Sequence[str]) -> str:
    """A Markdown table; the first ``words`` columns are words, the others figures, to the right."""
    columns = header.count("|") + 1
    rule = "|" + "---|" * words + "---:|" * (columns - words)
    return "\n".join([f"| {header} |", rule, *(f"| {row} |" for row in rows)]) + "\n"
