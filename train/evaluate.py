"""``python -m train evaluate``: model files on the test sets and photographs, through the runtime that ships."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_digits import labelled, metrics, reader
from edge_digits.charset import REJECT
from edge_digits.draw import enlarged, overlay
from edge_digits.errors import DataError
from edge_digits.image import load_grey
from edge_digits.labelled import LabelledPicture
from edge_digits.model_spec import ModelSpec, read_spec
from edge_digits.reader import DigitReader
from edge_digits.runtime import Model
from train import calibration, confidence, photographs, report, tables, testsets
from train.crops import Crops
from train.photographs import Read

logger = logging.getLogger(__name__)

RESULTS = "results.md"


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
    """One model file on all that the data folder holds. photographs: all of them as they were read, [] without any."""

    name: str
    spec: ModelSpec
    sets: list[Result]
    photographs: list[Read]


def shipped_models() -> list[Path]:
    """The package's model files that read single digits. Raises DataError if there is none."""
    found = [path for path in reader.shipped_models() if read_spec(path).task == "digits"]
    if not found:
        raise DataError(f"{reader.MODELS}: no model files; name some with --models")
    return found


def run(models: Sequence[Path], folder: Path, out: Path) -> list[ModelResult]:
    """Score each of ``models`` on each test set and on the photographs in the data folder; writes ``results.md``,
    confusion matrices and pictures of mistakes into ``out``, and prints the tables.

    Those of photographs go into ``out/photographs``: the pictures that were not read exactly, with what was read. They
    belong to other people: keep them where they are.
    """
    for path in models:  # before the sets are read, which takes seconds
        read_spec(path)
    sets, dida, pictures = testsets.load_all(folder), testsets.dida(folder), _photographs(folder)
    results = []
    for path in tqdm(models, "evaluating", unit="model"):
        model = confidence.open_model(path)
        scored = []
        for crops in [*sets, *([testsets.central_digits("DIDA", dida, model)] if dida else [])]:
            logits = model.scores(crops.images)
            scored.append(score(path.name, crops, logits, model.spec.temperature))
            _mistakes(out, scored[-1], crops, logits, model.spec)
        read = read_photographs(model, pictures, out / "photographs" / path.name.replace(".", "-"))
        results.append(ModelResult(path.name, model.spec, scored, read))
    text = tables.all_results(results)
    out.mkdir(parents=True, exist_ok=True)
    (out / RESULTS).write_text(text, encoding="utf-8")
    print(text)
    return results


def score(name: str, crops: Crops, logits: NDArray[np.float32], temperature: float) -> Result:
    """One row of the table."""
    chances = calibration.softmax(logits, temperature)
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
        tables.kept_error(surest, right),
    )


def _has_ink(crops: Crops) -> NDArray[np.bool_]:
    """Which crops (n,) hold anything: the others stand for digits that a reader did not find."""
    return np.asarray(crops.images.reshape(len(crops), -1).any(axis=1), np.bool_)


def read_photographs(model: Model, pictures: Sequence[LabelledPicture], out: Path) -> list[Read]:
    """Read all photographs, and write those that were not read exactly into ``out`` with the reading drawn in, and
    ``mistakes.txt`` with what is written and what was read."""
    read = photographs.read_all(DigitReader(model), pictures)
    wrong = [one for one in read if one.errors]
    if not wrong:
        return read
    out.mkdir(parents=True, exist_ok=True)
    said = []
    for one in sorted(wrong, key=lambda one: -one.errors):
        path = one.photograph.path
        picture = overlay(*enlarged(load_grey(path), one.page))
        (out / f"{path.stem}.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
        kind = "strict" if one.photograph.is_strict else one.photograph.category
        said.append(f"{path.name} ({kind}): {one.errors} wrong")
        said += [f"  written {' '.join(one.photograph.lines) or '-'}", f"  read    {' '.join(one.lines) or '-'}"]
    (out / "mistakes.txt").write_text("\n".join(said) + "\n", encoding="utf-8")
    return read


def _photographs(folder: Path) -> list[LabelledPicture]:
    if not (folder / photographs.FOLDER).is_dir():
        logger.warning("%s is not in %s: left out", photographs.FOLDER, folder)
        return []
    return labelled.load_folder(folder / photographs.FOLDER)


def _mistakes(out: Path, result: Result, crops: Crops, logits: NDArray[np.float32], spec: ModelSpec) -> None:
    chances = calibration.softmax(logits, spec.temperature)
    read = chances.argmax(axis=1)
    stem = f"{result.model.replace('.', '-')}-{crops.name.lower()}"
    title = f"{result.model} on {crops.name}"
    report.mistakes(out / f"{stem}-mistakes.png", crops.images, crops.labels, read, chances.max(axis=1), title)
    report.confusion(out / f"{stem}-confusion.png", metrics.confusion_matrix(crops.labels, read, REJECT + 1), title)
