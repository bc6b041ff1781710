"""Checkpoint -> export -> quantize -> gates -> model files with their specs, or nothing at all."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
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
from convert.parity import accuracy, milliseconds, torch_scores
from convert.placing import place, staging
from edge_digits.errors import RuntimeMissingError
from edge_digits.model_spec import ModelSpec, sha256_of, spec_path, write_spec
from edge_digits.runtime import load_model
from train import checkpoint
from train.crops import Crops
from train.models import parameter_count

logger = logging.getLogger(__name__)

FORMATS = ("tflite", "onnx")
PRECISIONS = ("float32", "float16", "int8")
_TOOLS = {"tflite": ("torch", "tensorflow"), "onnx": ("torch", "onnx", "onnxscript", "onnxruntime")}
_PACKAGES = {"tensorflow": ("tensorflow", "tensorflow-cpu")}
_SPEED_CROPS = 20
_EQUAL_INPUTS = 1_000
_NOISE_CROPS = 100


@dataclass(frozen=True)
class Job:
    """What to convert: a checkpoint, into which formats and precisions, calibrated by what (int8), to which folder.

    judges: crops that quantization is judged on. reports: sets whose accuracy only goes into the specs.
    """

    checkpoint: Path
    formats: tuple[str, ...]
    precisions: tuple[str, ...]
    calibration: CalibrationSet | None
    out: Path
    judges: Crops
    reports: dict[str, Crops]


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


def check_tools(formats: tuple[str, ...]) -> None:
    """Raises RuntimeMissingError if a format's converter is not installed."""
    for tool in dict.fromkeys(tool for name in formats for tool in _TOOLS[name]):
        if importlib.util.find_spec(tool) is None:
            raise RuntimeMissingError(f"{tool} is not installed: pip install 'edge-digits[convert]'")


def convert(job: Job, progress: bool = True) -> list[Converted]:
    """Do ``job``: write its model files and specs to ``job.out`` if every one passes every gate.

    Raises ModelError for a checkpoint that does not fit, RuntimeMissingError for a missing converter, and
    ConversionError if a converter or a gate fails or the folder cannot be written; then nothing is written.
    """
    network, source = checkpoint.load(job.checkpoint)
    check_tools(job.formats)
    if "int8" in job.precisions and job.calibration is None:
        raise ConversionError("int8 needs a calibration set")
    steps = len(job.formats) * len(job.precisions) * 2 + 2
    with (
        tqdm(total=steps, desc=source.name, disable=None if progress else True, leave=False) as bar,
        staging(job.out) as folder,
    ):
        bar.set_postfix_str("torch")
        expected = torch_scores(network, job.judges.images)
        bar.update()
        staged = []
        for format, precision in product(job.formats, job.precisions):
            file = _Staged(folder / f"{source.name}-{precision}.{format}", format, precision)
            bar.set_postfix_str(f"making {file.path.name}")
            _make(job, file, source)
            staged.append(file)
            bar.update()
        parameters = parameter_count(folded(network))
        results = []
        for file in staged:
            bar.set_postfix_str(f"gates of {file.path.name}")
            results.append(_judge(job, file, source, expected, parameters))
            bar.update()
        _refuse_failures(job, results)
        bar.set_postfix_str("speed")
        results = _timed(job, results)
        warn_if_slower(results)
        bar.update()
        place([path for file in staged for path in (spec_path(file.path), file.path)], job.out)
    return [dataclasses.replace(result, path=job.out / result.path.name) for result in results]


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
    write_spec(file.path, _spec(job, file, source, {}))


def _spec(job: Job, file: _Staged, source: ModelSpec, scores: dict[str, float]) -> ModelSpec:
    """What travels with a file: all that the checkpoint's spec says, and how the file was made."""
    origin = dict(source.origin)
    origin["checkpoint_sha256"] = source.sha256
    origin["converter"] = {tool: _version(tool) for tool in _TOOLS[file.format]}
    calibration = job.calibration if file.precision == "int8" else None
    if calibration is not None:
        origin["quantization"] = f"post-training, per channel, {len(calibration.pixels)} calibration samples"
    return dataclasses.replace(
        source,
        format=file.format,
        precision=file.precision,
        sha256=sha256_of(file.path),
        calibration=calibration.sha256 if calibration is not None else None,
        origin=origin,
        scores=scores,
    )


def _version(tool: str) -> str:
    for package in _PACKAGES.get(tool, (tool,)):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown"


def _judge(job: Job, file: _Staged, source: ModelSpec, expected: NDArray[np.float32], parameters: int) -> Converted:
    """Run all gates of one file through the runtime that ships, and write its final spec."""
    model = load_model(file.path)
    found = model.scores(job.judges.images)
    results = [gates.size_as_expected(file.path, parameters, file.precision)]
    if file.precision == "float32":
        results.append(gates.equals_torch(found[:_EQUAL_INPUTS], expected[:_EQUAL_INPUTS]))
    if file.precision == "int8":
        results.append((gates.integer_only if file.format == "tflite" else gates.layers_quantized)(file.path))
    if file.precision != "float32":
        results.append(gates.agrees(found, expected))
        results.append(gates.as_accurate(found, expected, job.judges.labels))
    scores = {job.judges.name: accuracy(found, job.judges.labels)}
    for name, crops in job.reports.items():
        scores[name] = accuracy(model.scores(crops.images), crops.labels)
    rounded = {name: round(value, 6) for name, value in scores.items()}
    write_spec(file.path, _spec(job, file, source, rounded))
    size = file.path.stat().st_size
    agreement = gates.agreement(found, expected)
    return Converted(file.path, file.format, file.precision, size, agreement, scores, 0.0, tuple(results))


def _refuse_failures(job: Job, results: list[Converted]) -> None:
    failures = [(r, gate) for r in results for gate in r.gates if not gate.passed]
    if not failures:
        return
    plain = next((r.path for r in results if (r.format, r.precision) == ("tflite", "float32")), None)
    int8 = next((r.path for r, _ in failures if (r.format, r.precision) == ("tflite", "int8")), None)
    if plain and int8:
        worst = worst_layers(plain, int8, job.judges.images[:_NOISE_CROPS])
        said = ", ".join(f"layer {item.layer} {item.signal_to_noise:.1f} dB" for item in worst)
        logger.warning("%s: worst signal-to-quantization-noise: %s", int8.name, said)
    said = "; ".join(f"{result.path.name}: {gate.gate}: {gate.figure}" for result, gate in failures)
    raise ConversionError(f"{job.out}: nothing was written, {len(failures)} gate(s) failed: {said}")


def _timed(job: Job, results: list[Converted]) -> list[Converted]:
    models = {r.path.name: load_model(r.path) for r in results}
    times = milliseconds(models, job.judges.images[:_SPEED_CROPS])
    return [dataclasses.replace(r, milliseconds=times[r.path.name]) for r in results]


def warn_if_slower(results: list[Converted]) -> None:
    """Log a warning in plain words for every int8 file that is slower on this machine than its float32 sibling."""
    plain = {r.format: r for r in results if r.precision == "float32"}
    for r in results:
        other = plain.get(r.format)
        if r.precision == "int8" and other is not None and r.milliseconds > other.milliseconds:
            logger.warning(
                "%s is slower than float on this machine: %.3f ms against %.3f ms per digit",
                r.path.name,
                r.milliseconds,
                other.milliseconds,
            )
