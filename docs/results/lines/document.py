"""What ``python -m docs.results.lines`` does: the figures of the models that read lines, and their page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2

from docs.results.lines import evaluate, testsets
from docs.results.lines.evaluate import LineResult, TestLines
from docs.results.page import RESULTS, write_page
from docs.results.prose import lines as prose
from edge_digits import reader
from edge_digits.errors import DataError
from edge_digits.evaluation import metrics
from edge_digits.evaluation.ground_truth import CHECK, LabelledPicture
from edge_digits.lines.line_reader import LineReader
from edge_digits.reader import open_reader
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import ModelSpec
from train.evaluate import photograph_tables, photographs
from train.evaluate.whole_pictures import Reading
from train.provenance import commit

PAGE = RESULTS / "lines.md"
PRECISIONS = ("float32", "int8")
READERS = ("cnn", "crnn", "auto")
_SHOWN = 18


def run(folder: Path, count: int, ship: bool, part: str | None = None) -> str:
    """Read ``count`` test lines of each kind, and the photographs if they are in the data folder, in all ways; returns
    the tables. ship: write the page on lines, with a picture of them. part: of the photographs; None is all.

    Raises DataError if no line model ships.
    """
    if not reader.line_models():
        raise DataError(f"{reader.MODELS}: no model that reads lines; python -m convert crnn --ship makes them")
    shots = photographs.load(folder, part)
    sets = evaluate.sets(folder, count)
    text = "\n\n".join([_models(sets), _readers(sets[1:]), *_pictures(shots)])
    print(text)
    if ship:
        some = [line for lines in sets[1:] for line in lines.written[:_SHOWN]]
        picture = PAGE.with_suffix("") / "test-lines.png"
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(cv2.imencode(".png", testsets.sheet(some))[1].tobytes())
        shown = f"![some of the test lines]({picture.parent.name}/{picture.name})"
        write_page(PAGE, prose.HEAD, text, shown, f"Commit {commit()}.")
    return text


def _models(sets: Sequence[TestLines]) -> str:
    """The line models on strips, and what quantization costs."""
    results: dict[str, list[LineResult]] = {}
    for precision in PRECISIONS:
        models = [load_model(path) for path in reader.line_models(precision=precision)]
        if models:
            name = f"crnn-{precision}"
            results[name] = [evaluate.strips_read(name, LineReader(models), lines) for lines in sets]
    rows = [[name, *(f"{100 * one.exact:.2f}" for one in of_sets)] for name, of_sets in results.items()]
    if len(results) == len(PRECISIONS):
        losses = [evaluate.loss(i, f) for f, i in zip(*results.values(), strict=True)]
        rows.append(["int8 loses (points)", *(f"{loss:+.3f} ± {margin:.3f}" for loss, margin in losses)])
    header = ["whole line exact (%)", *(f"{lines.name} ({len(lines.texts):,})" for lines in sets)]
    spec = load_model(reader.line_models()[0]).spec
    confidence = _confidence(spec, results[f"crnn-{spec.precision}"])
    return f"### The network on strips\n\n{_table(header, rows)}\n\n{confidence}"


def _confidence(spec: ModelSpec, results: Sequence[LineResult]) -> str:
    """Whether the confidence of digits and lines can be trusted, int8."""
    rows = []
    for one in results:
        powered = one.lines.confidence**spec.line_exponent
        errors = [
            metrics.expected_calibration_error(confidence, right)
            for confidence, right in ((one.digits.confidence, one.digits.right), (powered, one.lines.right))
        ]
        wrong = (one.digits, one.lines)
        shares = [100 * (1 - float(part.right.mean())) if len(part) else 0.0 for part in wrong]
        rows.append([one.data, f"{shares[0]:.2f}", f"{errors[0]:.4f}", f"{shares[1]:.2f}", f"{errors[1]:.4f}"])
    header = [
        "crnn-int8",
        "digits read wrongly (%)",
        "calibration error",
        "lines read wrongly (%)",
        "calibration error",
    ]
    fitted = f"Confidence was fitted on validation lines: temperature {spec.temperature:g}, line exponent "
    return f"{fitted}{spec.line_exponent:g}.\n\n{_table(header, rows)}"


def _readers(sets: Sequence[TestLines]) -> str:
    """The whole road on pictures of the lines."""
    rows = []
    for name in READERS:
        of_sets = [evaluate.pictures_read(name, open_reader(name), lines) for lines in sets]
        rows.append([f"`--model {name}`", *(f"{100 * one.exact:.2f}" for one in of_sets)])
    header = ["whole line exact (%)", *(f"{lines.name} ({len(lines.texts):,})" for lines in sets)]
    return f"### The whole road on pictures of the same lines\n\n{_table(header, rows)}"


def _pictures(shots: Sequence[LabelledPicture]) -> list[str]:
    """The photographs, and which of them are read better or worse with the line model; [] without them."""
    if not shots:
        return []
    readings = [
        Reading(
            f"`--model {name}`", photographs.read_all(partial(open_reader, name), shots, f"photographs, {name}"), []
        )
        for name in READERS
    ]
    first, *_, last = (reading.photographs for reading in readings)
    changed = [
        [one.photograph.path.name, one.photograph.category, str(one.errors), str(other.errors)]
        for one, other in zip(first, last, strict=True)
        if one.errors != other.errors and one.photograph.may_be_shown
    ]
    names = (READERS[0], READERS[-1])
    listing = _table(["picture", "kind", *(f"errors, {name}" for name in names)], changed) if changed else "None."
    return [
        "### Photographs",
        *(text.strip() for text in photograph_tables.all_tables(readings)),
        f"Read otherwise by `{names[1]}` than by `{names[0]}`, but for those of `{CHECK}`:\n\n{listing}",
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
