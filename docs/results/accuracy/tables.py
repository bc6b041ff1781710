"""The tables of the page on accuracy that nobody else needs."""

from __future__ import annotations

from collections.abc import Sequence

from edge_digits.evaluation import metrics
from edge_digits.runtime.spec import ModelSpec
from train.evaluate import photographs
from train.evaluate.pages import Answers, KindResult
from train.evaluate.photograph_tables import ranged
from train.evaluate.tables import ModelResult, percent, table
from train.evaluate.whole_pictures import Reading


def summary(reading: Reading) -> str:
    """What a reader of the README needs: five figures of the part that leads."""
    name, read = next(iter(photographs.parts(reading.photographs).items()), ("", []))
    every, strict = photographs.figures(photographs.written(read)), photographs.figures(photographs.strict(read))
    m, paper, invented = every.measures, strict.measures, photographs.invented(read)
    of = f"photographs{f' ({name})' if name else ''}"
    rows = [
        f"{of}, numbers on paper, {paper.pictures} of {paper.sources} sources, {paper.digits:,} digits: "
        f"character error rate, mean of the sources | {ranged(strict.macro_cer)} %",
        f"the same: written lines read exactly | {ranged(strict.line_exact)} %",
        f"all of them, with tables, forms and equations, {m.pictures} of {m.sources} sources, {m.digits:,} digits: "
        f"character error rate, mean of the sources | {ranged(every.macro_cer)} %",
        f"wrong among the surest 90 % of the digits read | {ranged(photographs.surest(photographs.written(read)))} %",
        f"digits read in {len(invented)} pictures that hold none | {sum(invented)}",
    ]
    return table(f"`{reading.name}`, with 95 % intervals | measured", 2, rows)


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
            f"{kind.kind} | {kind.written:,} | {percent(kind.read_right / max(kind.written, 1))} "
            f"| {len(kind.digits):,} | {percent(_wrong(kind.digits))} | {_calibration(kind.digits)} "
            f"| {len(kind.lines):,} | {percent(_wrong(kind.lines))} | {_calibration(power)} "
            f"| {_calibration(kind.lines)}"
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
