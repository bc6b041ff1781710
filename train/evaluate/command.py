"""``python -m train evaluate``: model files on the test sets, and readers on whole pictures, as they ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_digits import reader
from edge_digits.charset import REJECT
from edge_digits.errors import DataError
from edge_digits.evaluation import intervals, metrics
from edge_digits.runtime.spec import ModelSpec, read_spec
from train import plots, temperature_scaling
from train.digits.crops import Crops
from train.evaluate import confidence, photograph_tables, singles, tables, testsets, whole_pictures
from train.evaluate.tables import ModelResult, Result
from train.evaluate.whole_pictures import Reading

RESULTS = "results.md"
READERS = ("auto", "cnn-int8.tflite", "cnn-float32.tflite")
"""What reads whole pictures unless model files are named: what ships by default leads, then its digits' network in both
precisions."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """models: each on the test sets. readings: whole pictures by each reader, the one that leads first."""

    models: list[ModelResult]
    readings: list[Reading]


def shipped_models() -> list[Path]:
    """The package's model files that read single digits. Raises DataError if there is none."""
    models = [path for path in reader.shipped_models() if read_spec(path).task == "digits"]
    if not models:
        raise DataError(f"{reader.MODELS}: no model files; name some with --models")
    return models


def run(
    models: Sequence[Path],
    readers: Sequence[str],
    folder: Path,
    out: Path,
    part: str | None = None,
    mnist_count: int = singles.MNIST_COUNT,
) -> Evaluation:
    """Score each of ``models`` on each test set, and have ``readers`` (at least one) read the photographs and single
    digits of the data folder; writes ``results.md``, confusion matrices and pictures of mistakes into ``out``, and
    prints the tables.

    part: of the photographs; None is all. Those that were not read exactly go into ``out/photographs``, with what was
    read. They belong to other people: keep them where they are. Of the part ``check`` there are figures and nothing
    else.
    """
    for path in models:  # before the sets are read, which takes seconds
        read_spec(path)
    pictures = whole_pictures.load(folder, part, mnist_count)
    sets, dida = testsets.load_all(folder), testsets.dida(folder)
    results = []
    for path in tqdm(models, "evaluating", unit="model"):
        model = confidence.open_model(path)
        scored = []
        for crops in [*sets, *([testsets.central_digits("DIDA", dida, model)] if dida else [])]:
            logits = model.scores(crops.images)
            scored.append(score(path.name, crops, logits, model.spec.temperature))
            _mistakes(out, scored[-1], crops, logits, model.spec)
        results.append(ModelResult(path.name, model.spec, scored))
    readings = [whole_pictures.read(name, pictures, out / "photographs") for name in readers]
    evaluation = Evaluation(results, readings)
    text = all_tables(evaluation)
    out.mkdir(parents=True, exist_ok=True)
    (out / RESULTS).write_text(text, encoding="utf-8")
    print(text)
    return evaluation


def all_tables(evaluation: Evaluation) -> str:
    """Every table of an evaluation."""
    parts = []
    if evaluation.readings[0].photographs:
        parts += ["## Photographs", *photograph_tables.all_tables(evaluation.readings)]
    parts += ["## Single digits as pictures", photograph_tables.single_digits(evaluation.readings)]
    return "\n\n".join(part.strip() for part in [*parts, "## Test sets", tables.details(evaluation.models)]) + "\n"


def score(name: str, crops: Crops, logits: NDArray[np.float32], temperature: float) -> Result:
    """One row of the table."""
    chances = temperature_scaling.softmax(logits, temperature)
    read = chances.argmax(axis=1)
    right = read == crops.labels
    surest = chances.max(axis=1)
    confusion = metrics.confusion_matrix(crops.labels, read, max(logits.shape[1], REJECT + 1))
    return Result(
        name,
        crops.name,
        len(crops),
        metrics.accuracy(crops.labels, read),
        metrics.accuracy(crops.labels, np.where(_has_ink(crops), chances[:, :REJECT].argmax(axis=1), REJECT)),
        float((read == REJECT).mean()),
        float(metrics.f1(confusion)[:REJECT].mean()),
        metrics.expected_calibration_error(surest, right),
        intervals.kept_error(surest, right),
    )


def _has_ink(crops: Crops) -> NDArray[np.bool_]:
    """Which crops (n,) hold anything: the others stand for digits that a reader did not find."""
    return np.asarray(crops.images.reshape(len(crops), -1).any(axis=1), np.bool_)


def _mistakes(out: Path, result: Result, crops: Crops, logits: NDArray[np.float32], spec: ModelSpec) -> None:
    chances = temperature_scaling.softmax(logits, spec.temperature)
    read = chances.argmax(axis=1)
    stem = f"{result.model.replace('.', '-')}-{crops.name.lower()}"
    title = f"{result.model} on {crops.name}"
    plots.mistakes(out / f"{stem}-mistakes.png", crops.images, crops.labels, read, chances.max(axis=1), title)
    plots.confusion(out / f"{stem}-confusion.png", metrics.confusion_matrix(crops.labels, read, REJECT + 1), title)
