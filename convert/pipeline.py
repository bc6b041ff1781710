"""Checkpoint -> export -> quantize -> gates -> model files with their specs, or nothing at all."""

from __future__ import annotations

import dataclasses
import io
import logging
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from convert import child, gates
from convert.calibration import CalibrationSet
from convert.errors import ConversionError
from convert.folding import folded
from convert.gates import GateResult
from convert.layer_noise import worst_layers
from convert.parity import accuracy, milliseconds, model_scores, torch_scores
from convert.placing import place, staging
from convert.provenance import check_tools, converted_spec
from edge_digits.model_spec import ModelSpec, spec_path, write_spec
from edge_digits.runtime import load_model
from train import checkpoint
from train.crops import Crops
from train.models import parameter_count

logger = logging.getLogger(__name__)

_SPEED_CROPS = 20
_EQUAL_INPUTS = 1_000
_NOISE_CROPS = 100


@dataclass(frozen=True)
class Job:
    """What to convert: a checkpoint, into which formats and precisions, calibrated by what (int8), to which folder.

    judges: crops that quantization is judged on. reports: sets whose accuracy only goes into the specs. lead: on which
    inputs a quantized file must agree, see ``gates.decided``; 0 is all of them.
    """

    checkpoint: Path
    formats: tuple[str, ...]
    precisions: tuple[str, ...]
    calibration: CalibrationSet | None
    out: Path
    judges: Crops
    reports: dict[str, Crops]
    lead: float = gates.LEAST_LEAD


@dataclass(frozen=True)
class Converted:
    """One model file that passed its gates. agreement and scores: shares, 0..1. milliseconds: per digit, here."""

    path: Path
    format: str
    precision: str
    bytes: int
    agreement: float
    scores: dict[str, float]
    milliseconds: float
    gates: tuple[GateResult, ...]


@dataclass(frozen=True)
class _Staged:
    """A file under way: its path in the staging folder."""

    path: Path
    format: str
    precision: str


def convert(job: Job, progress: bool = True) -> list[Converted]:
    """Do ``job``: write its model files and specs to ``job.out`` if every one passes every gate.

    Raises ModelError for a checkpoint that does not fit, RuntimeMissingError for a missing converter, and
    ConversionError if a converter or a gate fails or the folder cannot be written; then nothing is written.
    """
    network, source = checkpoint.load(job.checkpoint)
    check_tools(job.formats)
    if "int8" in job.precisions and job.calibration is None:
        raise ConversionError("int8 needs a calibration set")
    wanted = list(product(job.formats, job.precisions))
    # What int8 is compared with, layer by layer and in speed.
    beside = list(product(job.formats, {"float32"} - set(job.precisions) if "int8" in job.precisions else ()))
    with (
        tqdm(
            total=2 * len(wanted) + len(beside) + 2, desc=source.name, disable=None if progress else True, leave=False
        ) as bar,
        staging(job.out) as folder,
    ):
        bar.set_postfix_str("torch")
        expected = torch_scores(network, job.judges.images)
        bar.update()
        staged = []
        for format, precision in wanted + beside:
            file = _Staged(folder / f"{source.name}-{precision}.{format}", format, precision)
            bar.set_postfix_str(f"making {file.path.name}")
            _make(job, file, source)
            staged.append(file)
            bar.update()
        parameters = parameter_count(folded(network))
        results = []
        for file in staged[: len(wanted)]:
            bar.set_postfix_str(f"gates of {file.path.name}")
            results.append(_judge(job, file, source, expected, parameters))
            bar.update()
        _refuse_failures(job, results)
        bar.set_postfix_str("speed")
        models = {file.path.name: load_model(file.path) for file in staged}
        times = milliseconds(models, job.judges.images[:_SPEED_CROPS])
        warn_if_slower(times)
        bar.update()
        place([path for result in results for path in (spec_path(result.path), result.path)], job.out)
    return [dataclasses.replace(r, path=job.out / r.path.name, milliseconds=times[r.path.name]) for r in results]


def _make(job: Job, file: _Staged, source: ModelSpec) -> None:
    """Run the converter of one file in its own process, and write the file's first spec."""
    folder, model = file.path.parent, job.checkpoint.resolve()
    log = folder / f"{file.path.name}.log"
    samples: list[str | Path] = []
    if file.precision == "int8" and job.calibration is not None:
        # By way of memory: numpy's own message about a full disk only counts bytes.
        content = io.BytesIO()
        np.save(content, job.calibration.pixels)
        (folder / "samples.npy").write_bytes(content.getvalue())
        samples = ["--samples", folder / "samples.npy"]
    if file.format == "tflite":
        child.run("convert.to_tflite", [model, file.precision, file.path, *samples], log)
    else:
        plain = folder / f"{source.name}-float32.onnx"
        if not plain.exists():
            child.run("convert.to_onnx", [model, plain], folder / f"{plain.name}.log")
        if file.path != plain:
            child.run("convert.quantize", [plain, file.precision, file.path, *samples], log)
    write_spec(file.path, converted_spec(source, file.path, file.precision, _calibration(job, file), {}))


def _calibration(job: Job, file: _Staged) -> CalibrationSet | None:
    return job.calibration if file.precision == "int8" else None


def _judge(job: Job, file: _Staged, source: ModelSpec, expected: NDArray[np.float32], parameters: int) -> Converted:
    """Run all gates of one file through the runtime that ships, and write its final spec."""
    model = load_model(file.path)
    found = model_scores(model, job.judges.images)
    results = [gates.size_as_expected(file.path, parameters, file.precision)]
    if file.precision == "float32":
        results.append(gates.equals_torch(found[:_EQUAL_INPUTS], expected[:_EQUAL_INPUTS]))
    if file.precision == "int8":
        results.append((gates.integer_only if file.format == "tflite" else gates.layers_quantized)(file.path))
    if file.precision != "float32":
        counted = gates.decided(expected, source.temperature, job.lead)
        results.append(gates.agrees(found, expected, counted))
        results.append(gates.as_accurate(found, expected, job.judges.labels, counted))
    scores = {job.judges.name: accuracy(found, job.judges.labels)}
    for name, crops in job.reports.items():
        scores[name] = accuracy(model_scores(model, crops.images), crops.labels)
    write_spec(file.path, converted_spec(source, file.path, file.precision, _calibration(job, file), scores))
    size = file.path.stat().st_size
    agreement = gates.agreement(found, expected)
    return Converted(file.path, file.format, file.precision, size, agreement, scores, 0.0, tuple(results))


def _refuse_failures(job: Job, results: list[Converted]) -> None:
    failures = [(r, gate) for r in results for gate in r.gates if not gate.passed]
    if not failures:
        return
    for path in dict.fromkeys(r.path for r, _ in failures if r.precision == "int8"):
        worst = worst_layers(_plain(path), path, job.judges.images[:_NOISE_CROPS])
        said = ", ".join(f"layer {item.layer} {item.signal_to_noise:.1f} dB" for item in worst)
        logger.warning("%s: worst signal-to-quantization-noise ratios: %s", path.name, said)
    said = "; ".join(f"{result.path.name}: {gate.gate}: {gate.figure}" for result, gate in failures)
    raise ConversionError(f"{job.out}: nothing was written, {len(failures)} gate(s) failed: {said}")


def _plain(int8: Path) -> Path:
    """The float32 file of the same network and format."""
    return int8.with_name(int8.name.replace("-int8.", "-float32."))


def warn_if_slower(milliseconds: dict[str, float]) -> None:
    """Log a warning in plain words for every int8 file that is slower on this machine than its float32 sibling.

    milliseconds: time per digit by file name ("cnn-int8.onnx").
    """
    for name, time in milliseconds.items():
        other = milliseconds.get(_plain(Path(name)).name, time)
        if time > other:
            said = "%s is slower than float on this machine: %.3f ms against %.3f ms per digit"
            logger.warning(said, name, time, other)
