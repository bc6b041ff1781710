"""``python -m train evaluate``: model files on the test sets, through the runtime that ships."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import edge_digits
from edge_digits import metrics
from edge_digits.charset import REJECT
from edge_digits.errors import DataError
from edge_digits.model_spec import ModelSpec, read_spec
from edge_digits.runtime import load_model
from train import calibration, checkpoint, loop, report, testsets
from train.crops import Crops

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """One model file on one set. accuracy: share read rightly, 0..1, where "no digit" counts as wrong. rejected: share
    taken for no digit. macro_f1: mean over the ten digits. calibration_error: expected calibration error, 0..1.
    kept_error: share of wrong ones among the surest 90 %."""

    model: str
    data: str
    count: int
    accuracy: float
    rejected: float
    macro_f1: float
    calibration_error: float
    kept_error: float


def shipped_models() -> list[Path]:
    """The model files of the package. Raises DataError if there is none."""
    folder = Path(next(iter(edge_digits.__path__))) / "models"
    found = sorted(p for p in folder.glob("*") if p.suffix in (".tflite", ".onnx"))
    if not found:
        raise DataError(f"{folder}: no model files; name some with --models")
    return found


def run(models: Sequence[Path], folder: Path, out: Path) -> list[Result]:
    """Score each of ``models`` on each test set in the data folder; writes ``results.md``, confusion matrices and
    pictures of the worst mistakes into ``out``, and prints the table."""
    for path in models:  # before the sets are read, which takes seconds
        read_spec(path)
    sets = testsets.load_all(folder)
    results = []
    for path in tqdm(models, "evaluating", unit="model"):
        for crops in sets:
            logits, spec = scores(path, crops.images)
            result = score(path.name, crops, logits, spec.temperature)
            results.append(result)
            _pictures(out, result, crops, logits, spec)
    text = table(results)
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.md").write_text(text, encoding="utf-8")
    print(text)
    return results


def scores(path: Path, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ModelSpec]:
    """Logits (N, classes) of a model file for images (N, 28, 28) uint8; ``.safetensors`` runs in torch."""
    if path.suffix == ".safetensors":
        network, spec = checkpoint.load(path)
        return loop.predict(network, images), spec
    model = load_model(path)
    return model.scores(images), model.spec


def score(name: str, crops: Crops, logits: NDArray[np.float32], temperature: float) -> Result:
    """One row of the table."""
    confidence = calibration.softmax(logits, temperature)
    read = confidence.argmax(axis=1)
    right = read == crops.labels
    surest = confidence.max(axis=1)
    confusion = metrics.confusion_matrix(crops.labels, read, max(logits.shape[1], REJECT + 1))
    coverage, risk, _ = metrics.risk_coverage(surest, right)
    return Result(
        name,
        crops.name,
        len(crops),
        metrics.accuracy(crops.labels, read),
        float((read == REJECT).mean()),
        float(metrics.f1(confusion)[:REJECT].mean()),
        metrics.expected_calibration_error(surest, right),
        float(risk[min(int(np.searchsorted(coverage, 0.9)), len(risk) - 1)]),
    )


def table(results: Sequence[Result]) -> str:
    """A Markdown table of all results."""
    lines = [
        "| model | set | digits | right (%) | taken for none (%) | macro F1 | calibration error "
        "| wrong in surest 90 % (%) |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r.model} | {r.data} | {r.count:,} | {100 * r.accuracy:.2f} | {100 * r.rejected:.2f} | {r.macro_f1:.4f} "
        f"| {r.calibration_error:.4f} | {100 * r.kept_error:.2f} |"
        for r in results
    ]
    return "\n".join(lines) + "\n"


def _pictures(out: Path, result: Result, crops: Crops, logits: NDArray[np.float32], spec: ModelSpec) -> None:
    confidence = calibration.softmax(logits, spec.temperature)
    read = confidence.argmax(axis=1)
    stem = f"{result.model.replace('.', '-')}-{crops.name.lower()}"
    title = f"{result.model} on {crops.name}"
    report.mistakes(out / f"{stem}-mistakes.png", crops.images, crops.labels, read, confidence.max(axis=1), title)
    report.confusion(out / f"{stem}-confusion.png", metrics.confusion_matrix(crops.labels, read, REJECT + 1), title)
