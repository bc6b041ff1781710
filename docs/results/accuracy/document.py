"""What ``python -m docs.results.accuracy`` does: confidence fitted, the page on accuracy, the README's figures."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from docs.results.accuracy import plots, tables
from docs.results.page import RESULTS, write_page
from docs.results.prose import accuracy as prose
from edge_digits.errors import DataError
from edge_digits.runtime.spec import ModelSpec, read_spec
from edge_digits.system.atomic_write import atomic_write
from train.evaluate import command, confidence, photograph_tables, photographs
from train.evaluate.command import Evaluation
from train.evaluate.confidence import ERROR_RATES, Evidence
from train.evaluate.pages import COUNT
from train.evaluate.singles import MNIST_COUNT
from train.evaluate.tables import details
from train.provenance import commit

PAGE = RESULTS / "accuracy.md"
README = RESULTS.parents[1] / "README.md"
MAIN = "cnn-int8.tflite"
"""The file whose confidence is shown: what `edge-digits read` uses."""
BEGIN = "<!-- figures: made by `python -m docs.results.accuracy`, do not edit -->"
END = "<!-- end of figures -->"
RISK, DIGITS, LINES = "risk-coverage.png", "calibration-digits.png", "calibration-lines.png"


def ship(folder: Path, out: Path, mnist_count: int = MNIST_COUNT) -> None:
    """Fit the confidence of every shipped model into its spec, evaluate them all into ``out``, and write the page on
    accuracy with its pictures beside it, and the figures of photographs into the README. No photograph leaves ``out``.

    folder: the data folder, with the photographs. Raises DataError if it lacks them or the README its place.
    """
    if not (folder / photographs.FOLDER).is_dir():
        raise DataError(f"{folder / photographs.FOLDER}: no such folder; the document needs the photographs' figures")
    split(README)
    models = command.shipped_models()
    main = next((path for path in models if path.name == MAIN), models[0])
    evidence = confidence.run(models, folder)
    evaluation = command.run(models, command.READERS, folder, out, mnist_count=mnist_count)
    write(PAGE, evaluation, main.name, evidence[main], read_spec(main))
    before, after = split(README)
    figures = tables.summary(evaluation.readings[0])
    text = "\n\n".join([before + BEGIN, figures.strip(), END]) + after
    atomic_write(README, text.encode())


def split(document: Path) -> tuple[str, str]:
    """What stands before and after the place for figures. Raises DataError if there is no such place."""
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begin and ended):
        raise DataError(f"{document}: no place for figures, expected the lines {BEGIN} and {END}")
    return before, after


def write(page: Path, evaluation: Evaluation, main: str, evidence: Evidence, spec: ModelSpec) -> None:
    """Write ``page`` with the figures of ``evaluation`` and draw its pictures; ``main`` is the model whose confidence
    is shown, ``evidence`` what it was fitted on, ``spec`` the fitted one."""
    pictures = page.with_suffix("")
    part, read = next(iter(photographs.parts(evaluation.readings[0].photographs).items()))
    shown = {
        "synthesized pages": evidence.digits,
        f"strict photographs{f' ({part})' if part else ''}": photographs.answers(photographs.strict(read)),
    }
    plots.risk_coverage(pictures / RISK, shown, main)
    kinds = {kind.kind: kind.digits for kind in evidence.kinds}
    plots.reliability(pictures / DIGITS, kinds, "digits on synthesized pages")
    lines = evidence.lines
    powered = dataclasses.replace(lines, confidence=lines.confidence**spec.line_exponent)
    powers = {"product of the digits": lines, f"the same to the power of {spec.line_exponent:g}": powered}
    plots.reliability(pictures / LINES, powers, "lines on synthesized pages")
    figures = _figures(evaluation, main, evidence, spec, shown, pictures.name)
    write_page(page, prose.HEAD, figures, prose.TAIL)


def _figures(evaluation: Evaluation, main: str, evidence: Evidence, spec: ModelSpec, shown: dict, pictures: str) -> str:
    rates = ", ".join(f"{100 * rate:g}" for rate in ERROR_RATES)
    return "\n".join(
        [
            "### Photographs",
            "",
            *(f"{text.strip()}\n" for text in photograph_tables.all_tables(evaluation.readings)),
            "### Single digits as pictures",
            "",
            photograph_tables.single_digits(evaluation.readings),
            "### Single digits, every set side by side",
            "",
            tables.side_by_side(evaluation.models),
            f"{main} in detail:",
            "",
            details([result for result in evaluation.models if result.name == main]),
            "### Confidence",
            "",
            f"![what is wrong among the surest digits]({pictures}/{RISK})",
            "",
            f"What `--max-error` costs with {main}. Of the wished shares {rates} % those are here that could be fitted "
            "on the pages of the first columns; what follows had no part in it.",
            "",
            tables.thresholds(spec, shown),
            "### Whole synthesized pages",
            "",
            f"{main} on those of {COUNT} pages that lie about right, by their layout, of glyphs and fonts that nothing "
            f"was trained on. Lines have the exponent {spec.line_exponent:g}.",
            "",
            tables.by_kind(evidence.kinds, spec.line_exponent),
            f"![how often digits of a confidence are wrong]({pictures}/{DIGITS})",
            f"![how often lines of a confidence are wrong]({pictures}/{LINES})",
            "",
            f"Commit {commit()}.",
            "",
        ]
    )
