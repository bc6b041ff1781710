"""``python -m train evaluate --ship``: shipped models' confidence fitted, and the figures of ``docs/accuracy.md``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from edge_digits.errors import DataError
from edge_digits.model_spec import ModelSpec, read_spec
from train import confidence, evaluate, photographs, report, tables
from train.confidence import ERROR_RATES, FITTED_KINDS, Evidence
from train.evaluate import ModelResult
from train.pages import EACH
from train.provenance import commit

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "accuracy.md"
MAIN = "cnn-int8.tflite"
"""The file whose confidence is shown: what `edge-digits read` uses."""
BEGIN = "<!-- figures: made by `python -m train evaluate --ship`, do not edit -->"
END = "<!-- end of figures -->"
RISK, DIGITS, LINES = "risk-coverage.png", "calibration-digits.png", "calibration-lines.png"


def ship(folder: Path, out: Path) -> None:
    """Fit the confidence of every shipped model into its spec, evaluate them all into ``out``, and put the figures into
    ``docs/accuracy.md`` with its pictures beside it. No photograph leaves ``out``.

    folder: the data folder, with the photographs. Raises DataError if it lacks them or the document its place.
    """
    if not (folder / photographs.FOLDER).is_dir():
        raise DataError(f"{folder / photographs.FOLDER}: no such folder; the document needs the photographs' figures")
    split(DOCUMENT)
    models = evaluate.shipped_models()
    main = next((path for path in models if path.name == MAIN), models[0])
    evidence = confidence.run(models, folder)
    results = evaluate.run(models, folder, out)
    write(DOCUMENT, results, main.name, evidence[main], read_spec(main))


def write(document: Path, results: Sequence[ModelResult], main: str, evidence: Evidence, spec: ModelSpec) -> None:
    """Put the figures of ``results`` into ``document`` and draw its pictures; ``main`` is the result whose confidence
    is shown, ``evidence`` what it was fitted on, ``spec`` the fitted one. Raises DataError if there is no place."""
    before, after = split(document)
    pictures = document.with_suffix("")
    own = next(result for result in results if result.name == main)
    strict = photographs.answers(tables.parts(own.photographs)[0])
    shown = {
        f"pages ({' and '.join(FITTED_KINDS)})": evidence.digits,
        "validation crops": evidence.crops,
        "strict photographs": strict,
    }
    report.risk_coverage(pictures / RISK, shown, main)
    kinds = {kind.kind: kind.digits for kind in evidence.kinds}
    report.reliability(pictures / DIGITS, kinds, "digits on synthesized pages")
    lines = evidence.lines
    powered = dataclasses.replace(lines, confidence=lines.confidence**spec.line_exponent)
    said = {"product of the digits": lines, f"the same to the power of {spec.line_exponent:g}": powered}
    report.reliability(pictures / LINES, said, f"lines on {' and '.join(FITTED_KINDS)} pages")
    text = _text(results, main, evidence, spec, shown, pictures.name)
    document.write_text("\n".join([before + BEGIN, "", text, END]) + after, encoding="utf-8")


def split(document: Path, begin: str = BEGIN) -> tuple[str, str]:
    """What stands before and after the place for figures. Raises DataError if there is no such place."""
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise DataError(f"{document}: no place for figures, expected the lines {begin} and {END}")
    return before, after


def _text(
    results: Sequence[ModelResult], main: str, evidence: Evidence, spec: ModelSpec, shown: dict, pictures: str
) -> str:
    others = {kind.kind: kind.digits for kind in evidence.kinds if kind.kind not in FITTED_KINDS}
    rates = ", ".join(f"{100 * rate:g}" for rate in ERROR_RATES)
    return "\n".join(
        [
            "### Single digits, every set side by side",
            "",
            tables.side_by_side(results),
            f"{main} in detail:",
            "",
            tables.details([result for result in results if result.name == main]),
            "### Photographs",
            "",
            tables.pictures(results),
            tables.sources(results),
            "### Confidence",
            "",
            f"![what is wrong among the surest digits]({pictures}/{RISK})",
            "",
            f"What `--max-error` costs with {main}. Of the wished shares {rates} % those are here that could be fitted "
            "on both the pages and the crops of the first columns; what follows had no part in it.",
            "",
            tables.thresholds(spec, {**shown, **others}),
            "### Whole synthesized pages",
            "",
            f"{main} on {EACH} pages of each kind, of three sizes, with digits from 12 to 200 pixels tall, all pens, "
            f"and signs and words between them. Lines have the exponent {spec.line_exponent:g}.",
            "",
            tables.by_kind(evidence.kinds, spec.line_exponent),
            f"![how often digits of a confidence are wrong]({pictures}/{DIGITS})",
            f"![how often lines of a confidence are wrong]({pictures}/{LINES})",
            "",
            f"Commit {commit()}.",
            "",
        ]
    )
