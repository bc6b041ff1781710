"""Checkpoint -> export -> quantize -> gates -> model files with their specs."""

from __future__ import annotations

import dataclasses
import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from convert import child
from convert.atomic_place import place, staging
from convert.check import gates, judge_gates
from convert.check.gates import GateResult, Scores
from convert.check.inputs import Inputs, Judges, NodeInputs, inputs
from convert.check.layer_noise import worst_layers
from convert.check.parity import accuracy, exact_scores, milliseconds, model_scores, torch_scores
from convert.errors import ConversionError
from convert.export.folding import folded, recurrences, time_steps
from convert.provenance import check_tools, converted_spec
from convert.quantize import judge_samples, line_samples
from convert.quantize.calibration import CalibrationSet
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import ModelSpec, spec_path, write_spec
from train import checkpoint
from train.networks import parameter_count

logger = logging.getLogger(__name__)

STRIP_WIDTHS = (128, 256)
"""Columns of strips for which there is a .tflite file each: a short line does not pay for a long one."""
_SPEED_INPUTS = 20
_EQUAL_INPUTS = 1_000
_NOISE_INPUTS = 100


@dataclass(frozen=True)
class Job:
    """What to convert: a checkpoint, into which formats and precisions, calibrated by what (int8), to which folder.

    judges: digits or lines that quantization is judged on. reports: sets whose accuracy only goes into the specs.
    lead: on which inputs a quantized file must agree, see ``gates.decided``; 0 is all of them. all_or_none: whether a
    gate that fails keeps the others' files from being written, too.
    """

    checkpoint: Path
    formats: tuple[str, ...]
    precisions: tuple[str, ...]
    calibration: CalibrationSet | None
    out: Path
    judges: Judges
    reports: Mapping[str, Judges]
    lead: float = gates.LEAST_LEAD
    all_or_none: bool = False


@dataclass(frozen=True)
class Converted:
    """One model file that passed its gates. agreement and scores: shares, 0..1. milliseconds: per input, here."""

    path: Path
    format: str
    precision: str
    bytes: int
    agreement: float
    scores: dict[str, float]
    milliseconds: float
    gates: tuple[GateResult, ...]


class PartlyFailed(ConversionError):
    """Some files did not pass their gates. written: the others, which did."""

    def __init__(self, message: str, written: list[Converted]) -> None:
        super().__init__(message)
        self.written = written


@dataclass(frozen=True)
class _Staged:
    """A file under way: its path in the staging folder, and the (height, width) of the widest pixels that it takes."""

    path: Path
    format: str
    precision: str
    shape: tuple[int, int]


def convert(job: Job, progress: bool = True) -> list[Converted]:
    """Do ``job``: write to ``job.out``, with its spec, each model file that passes every gate.

    Raises ModelError for a checkpoint that does not fit, RuntimeMissingError for a missing converter, and
    ConversionError if a converter fails, no file passes or the folder cannot be written; then nothing is written.
    Raises PartlyFailed if files of one format and precision fail a gate and others do not, which are written.
    """
    network, source = checkpoint.load(job.checkpoint)
    check_tools(job.formats)
    if "int8" in job.precisions and job.calibration is None:
        raise ConversionError("int8 needs a calibration set")
    wanted = list(product(job.formats, job.precisions))
    # What int8 is compared with, layer by layer and in speed.
    beside = list(product(job.formats, {"float32"} - set(job.precisions) if "int8" in job.precisions else ()))
    with staging(job.out) as folder:
        files = [file for kind in wanted for file in _files(folder, *kind, source)]
        all_files = files + [file for kind in beside for file in _files(folder, *kind, source)]
        shapes = list(dict.fromkeys(file.shape for file in all_files))
        total = len(shapes) + len(all_files) + len(files) + 1
        with tqdm(total=total, desc=source.name, disable=None if progress else True, leave=False) as bar:
            judging: dict[tuple[int, int], tuple[Inputs, Scores]] = {}
            for shape in shapes:
                bar.set_postfix_str("torch")
                given = inputs(job.judges, shape)
                judging[shape] = given, torch_scores(network, given.pixels)
                bar.update()
            for file in all_files:
                bar.set_postfix_str(f"making {file.path.name}")
                _make(job, file, source)
                bar.update()
            results = []
            for file in files:
                bar.set_postfix_str(f"gates of {file.path.name}")
                results.append(_judge(job, file, source, network, *judging[file.shape]))
                bar.update()
            _size_together(results)
            good = _passed(job, results, {file.path: judging[file.shape][0] for file in files})
            bar.set_postfix_str("speed")
            some = {file.path.name: judging[file.shape][0].pixels[:_SPEED_INPUTS] for file in all_files}
            times = milliseconds({file.path.name: (load_model(file.path), some[file.path.name]) for file in all_files})
            warn_if_slower(times)
            bar.update()
        place([path for result in good for path in (spec_path(result.path), result.path)], job.out)
    written = [dataclasses.replace(r, path=job.out / r.path.name, milliseconds=times[r.path.name]) for r in good]
    if len(good) < len(results):
        failed = f"{job.out}: {len(good)} of {len(results)} files were written, the others failed: {_failures(results)}"
        raise PartlyFailed(failed, written)
    return written


def _files(folder: Path, format: str, precision: str, source: ModelSpec) -> list[_Staged]:
    """One file; of a line model in TensorFlow Lite, whose files take pixels of one size, one for each width."""
    height, width = source.input_shape
    if not source.reads_lines or format != "tflite":
        return [_Staged(folder / f"{source.name}-{precision}.{format}", format, precision, (height, width))]
    return [
        _Staged(folder / f"{source.name}-{wide}-{precision}.{format}", format, precision, (height, wide))
        for wide in STRIP_WIDTHS
    ]


def _make(job: Job, file: _Staged, source: ModelSpec) -> None:
    """Run the converter of one file in its own process, and write the file's first spec."""
    folder, model = file.path.parent, job.checkpoint.resolve()
    log = folder / f"{file.path.name}.log"
    samples: list[str | Path] = []
    if file.precision == "int8" and job.calibration is not None:
        # By way of memory: numpy's own message about a full disk only counts bytes.
        content = io.BytesIO()
        np.save(content, calibration_pixels(job.calibration, source, file.shape[1]))
        (folder / "samples.npy").write_bytes(content.getvalue())
        samples = ["--samples", folder / "samples.npy"]
    if file.format == "tflite":
        width = ["--width", str(file.shape[1])]
        child.run("convert.export.to_tflite", [model, file.precision, file.path, *width, *samples], log)
    else:
        plain = folder / f"{source.name}-float32.onnx"
        if not plain.exists():
            child.run("convert.export.to_onnx", [model, plain], folder / f"{plain.name}.log")
        if file.path != plain:
            child.run("convert.quantize.onnx_int8", [plain, file.precision, file.path, *samples], log)
    _write_spec(job, file, source, {})


def calibration_pixels(calibration_set: CalibrationSet, spec: ModelSpec, width: int) -> NDArray[np.uint8]:
    """What int8 takes its ranges from: the set's digits, strips ``width`` columns wide that are made of them, or the
    judge's hypotheses on its sheets."""
    if spec.judges:
        return judge_samples.samples(calibration_set, spec.task)
    return line_samples.strips(calibration_set, width) if spec.reads_lines else calibration_set.pixels


def _write_spec(job: Job, file: _Staged, source: ModelSpec, scores: dict[str, float]) -> None:
    calibration = _calibration(job, file)
    about = dataclasses.replace(source, input_shape=file.shape)
    write_spec(file.path, converted_spec(about, file.path, file.precision, calibration, scores))


def _calibration(job: Job, file: _Staged) -> CalibrationSet | None:
    return job.calibration if file.precision == "int8" else None


def _judge(
    job: Job, file: _Staged, source: ModelSpec, network: nn.Sequential, judges: Inputs, expected: Scores
) -> Converted:
    """Run all gates of one file through the runtime that ships, and write its final spec."""
    model = load_model(file.path)
    scores_given = model_scores(model, judges.pixels)
    results = [gates.size_as_expected(file.path, *_weights(file, network))]
    if file.precision == "float32":
        some = judges.pixels[:_EQUAL_INPUTS]
        results.append(gates.equals_torch(scores_given[:_EQUAL_INPUTS], exact_scores(network, some)))
        if file.format == "onnx" and source.reads_lines:
            narrow = inputs(job.judges, (file.shape[0], STRIP_WIDTHS[0])).pixels[:_EQUAL_INPUTS]
            results.append(gates.equals_torch(model_scores(model, narrow), exact_scores(network, narrow)))
    if file.precision == "int8":
        results.append((gates.integer_only if file.format == "tflite" else gates.layers_quantized)(file.path))
    if file.precision != "float32":
        counted = gates.decided(expected, source.temperature, job.lead)
        taken = judge_gates.as_taken if isinstance(judges, NodeInputs) and source.task == "judge" else np.asarray
        results.append(gates.agrees(taken(scores_given), taken(expected), counted))
        results.append(gates.as_accurate(scores_given, expected, judges.truth, counted))
        if isinstance(judges, NodeInputs):
            results += judge_gates.one_stage(scores_given, expected, judges, source.temperature, counted)
            if source.task == "judge" and file.precision == "int8":
                results += judge_gates.both_stages(scores_given, expected, judges, counted, job.out, file.format)
    scores = {judges.name: accuracy(scores_given, judges.truth)}
    for name, reported in job.reports.items():
        some = inputs(reported, file.shape)
        scores[name] = accuracy(model_scores(model, some.pixels), some.truth)
    _write_spec(job, file, source, scores)
    size = file.path.stat().st_size
    agreement = gates.agreement(scores_given, expected)
    return Converted(file.path, file.format, file.precision, size, agreement, scores, 0.0, tuple(results))


def _weights(file: _Staged, network: nn.Sequential) -> tuple[dict[str, int], int]:
    """How many weights of which precision a file must hold, and how many steps of a recurrence."""
    count, recurrent, steps = parameter_count(folded(network)), recurrences(network), 0
    if file.format == "tflite":
        # Both directions share one product, half of whose weights are zeros.
        both_ways = [layer for layer in recurrent if layer.bidirectional]
        count += sum(w.numel() for layer in both_ways for name, w in layer.named_parameters() if "weight_hh" in name)
        steps = time_steps(network, file.shape)
    if file.precision != "int8":
        return {file.precision: count}, steps
    # Each channel has a scale, a zero point of eight bytes, and a bias of four: a wide layer has many.
    wide = 4 * sum(len(w) for w in folded(network).parameters() if w.ndim > 1)
    # onnxruntime has no recurrence in integers.
    left = sum(map(parameter_count, recurrent)) if file.format == "onnx" else 0
    return {"int8": count - left, "float32": wide + left}, steps


def _size_together(results: list[Converted]) -> None:
    """Add the gate that the files for all widths of strips pass together to the last of them."""
    int8 = [index for index, r in enumerate(results) if (r.format, r.precision) == ("tflite", "int8")]
    if len(int8) > 1:
        last = results[int8[-1]]
        together = gates.size_together([results[index].bytes for index in int8])
        results[int8[-1]] = dataclasses.replace(last, gates=(*last.gates, together))


def _passed(job: Job, results: list[Converted], judges: dict[Path, Inputs]) -> list[Converted]:
    """Those that are to be written: of each format and precision all files, if they passed their gates, or none.

    Says of which layers int8 that failed is farthest off. Raises ConversionError if nothing is to be written.
    """
    failing = [result for result in results if not all(gate.passed for gate in result.gates)]
    for path in (result.path for result in failing if result.precision == "int8"):
        worst = worst_layers(_plain(path), path, judges[path].pixels[:_NOISE_INPUTS])
        listed = ", ".join(f"layer {item.layer} {item.signal_to_noise:.1f} dB" for item in worst)
        logger.warning("%s: worst signal-to-quantization-noise ratios: %s", path.name, listed)
    kinds = {(result.format, result.precision) for result in failing}
    good = [result for result in results if (result.format, result.precision) not in kinds]
    if failing and (job.all_or_none or not good):
        raise ConversionError(f"{job.out}: nothing was written, gates failed: {_failures(results)}")
    return good


def _failures(results: list[Converted]) -> str:
    """Every gate that failed, with its figure."""
    failures = [(result, gate) for result in results for gate in result.gates if not gate.passed]
    return "; ".join(f"{result.path.name}: {gate.gate}: {gate.figure}" for result, gate in failures)


def _plain(int8: Path) -> Path:
    """The float32 file of the same network and format."""
    return int8.with_name(int8.name.replace("-int8.", "-float32."))


def warn_if_slower(milliseconds: dict[str, float]) -> None:
    """Log a warning in plain words for every int8 file that is slower on this machine than its float32 sibling.

    milliseconds: time per input by file name ("cnn-int8.onnx").
    """
    for name, time in milliseconds.items():
        other = milliseconds.get(_plain(Path(name)).name, time)
        if time > other:
            message = "%s is slower than float on this machine: %.3f ms against %.3f ms per input"
            logger.warning(message, name, time, other)
