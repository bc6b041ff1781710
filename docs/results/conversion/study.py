"""How many calibration samples int8 needs, and what one scale per channel brings over one per tensor: measured."""

from __future__ import annotations

import dataclasses
import importlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from convert.atomic_place import place, staging
from convert.check import gates
from convert.check.gates import Limits
from convert.check.inputs import Judges, inputs
from convert.check.parity import model_scores, torch_scores
from convert.export import to_onnx
from convert.pipeline import calibration_pixels
from convert.quantize import onnx_int8
from convert.quantize.calibration import CalibrationSet
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from edge_digits.system.native_stderr import native_stderr
from train import checkpoint
from train.provenance import commit

COUNTS = (5, 10, 30, 100, 300)
MOST_INPUTS = 60_000
"""That each file is judged on: dozens of files are."""
DRAWS = 3
SEED = 11


@dataclass(frozen=True)
class Trial:
    """One int8 file. samples: how many calibrated it. agreement: with float on all inputs; loss: how much less often it
    is right; both shares."""

    format: str
    samples: int
    per_channel: bool
    agreement: float
    loss: float

    def passed(self, limits: Limits) -> bool:
        """Whether it would pass the gates."""
        return self.agreement >= limits.least_agreement and self.loss <= limits.most_loss


def write(path: Path, calibration: CalibrationSet, judges: Judges, out: Path) -> Path:
    """Quantize the checkpoint ``path`` again and again, judge each file on ``judges``, and write ``study.md`` into
    ``out``; of a network that does not read digits its task is part of the name, as in ``study-lines.md``, which is of
    the widest strips. Nothing is kept of the files, so they are made in this process.

    Returns where that is. Raises ModelError for a checkpoint that does not fit, ConversionError if ``out`` cannot be
    written.
    """
    network, spec = checkpoint.load(path)
    tried = trials(network, spec, calibration, judges)
    name = "study.md" if spec.task == "digits" else f"study-{spec.task}.md"
    judged = min(MOST_INPUTS, len(inputs(judges, spec.input_shape)))
    with staging(out) as folder:
        (folder / name).write_text(text(tried, spec, judged), encoding="utf-8")
        place([folder / name], out)
    return out / name


def trials(network: nn.Sequential, spec: ModelSpec, calibration: CalibrationSet, judges: Judges) -> list[Trial]:
    """Every file of the study, judged."""
    judging = inputs(judges, spec.input_shape)
    pixels, truth = judging.pixels[:MOST_INPUTS], judging.truth[:MOST_INPUTS]
    expected = torch_scores(network, pixels)
    made_trials = []
    plans = list(_plans(calibration_pixels(calibration, spec, spec.input_shape[1])))
    with tempfile.TemporaryDirectory() as name:
        plain = Path(name) / "float32.onnx"
        with native_stderr():
            to_onnx.export(network, spec.input_shape, plain, spec.channels)
        for format, samples, per_channel in tqdm(plans, "study", unit="file", disable=None, leave=False):
            made = Path(name) / f"int8.{format}"
            _quantized(network, spec, plain, made, samples, per_channel)
            scores = model_scores(load_model(made), pixels)
            loss, _ = gates.paired_loss(scores, expected, truth)
            made_trials.append(Trial(format, len(samples), per_channel, gates.agreement(scores, expected), loss))
    return made_trials


def _plans(pixels: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8], bool]]:
    """Format, samples, and whether weights have a scale per channel: draws of each count, then the whole set."""
    # In every draw: the input's scale is 1/255 only if 0 and 255 occur.
    brightest = int(pixels.max(axis=(1, 2)).argmax())
    others = np.delete(np.arange(len(pixels)), brightest)
    for format in ("tflite", "onnx"):
        random = np.random.default_rng(SEED)
        for count in (count for count in COUNTS if count < len(pixels)):
            for _ in range(DRAWS):
                drawn = random.choice(others, count - 1, replace=False)
                yield format, pixels[[brightest, *drawn]], True
        yield format, pixels, True
        yield format, pixels, False


def _quantized(
    network: nn.Sequential, spec: ModelSpec, plain: Path, made: Path, samples: NDArray[np.uint8], per_channel: bool
) -> None:
    """Write one int8 file with its spec to ``made``. plain: the float32 .onnx."""
    with native_stderr():
        if made.suffix == ".tflite":
            # Imported late: it brings TensorFlow, which announces itself.
            to_tflite = importlib.import_module("convert.export.to_tflite")
            content = to_tflite.export(network, spec.input_shape, "int8", samples, per_channel, spec.channels)
            made.write_bytes(content)
        else:
            onnx_int8.to_int8(plain, made, samples, per_channel)
    write_spec(made, dataclasses.replace(spec, format=made.suffix[1:], precision="int8", sha256=sha256_of(made)))


def text(trials: list[Trial], spec: ModelSpec, judges: int) -> str:
    """The study as Markdown: one row for each format, number of samples and kind of scale."""
    limits = gates.LINES if spec.reads_lines else gates.DIGITS
    kind = {"digits": "crops", "lines": "lines"}.get(spec.task, "nodes")
    groups: dict[tuple[str, int, bool], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.format, trial.samples, trial.per_channel), []).append(trial)
    lines = [
        "# How many calibration samples, and what a scale per channel brings",
        "",
        "Made by `python -m docs.results.conversion study`; do not edit. "
        f"The network {spec.name} (checkpoint {spec.sha256[:12]}…), quantized with random parts of the calibration "
        f"set, {DRAWS} draws each, and judged on {judges:,} {kind}. "
        f"Agreement with float is to be {100 * limits.least_agreement:.1f} % or more, the loss "
        f"{100 * limits.most_loss:.1f} points or less, on every one of them.",
        "",
        "| format | scales of weights | samples | draws | agreement (%) | loss (points) | gates |",
        "|---|---|---:|---:|---|---|---|",
    ]
    for (format, samples, per_channel), group in groups.items():
        passed = sum(trial.passed(limits) for trial in group)
        lines.append(
            f"| {format} | per {'channel' if per_channel else 'tensor'} | {samples} | {len(group)} "
            f"| {_range([100 * t.agreement for t in group], '.3f')} | {_range([100 * t.loss for t in group], '+.3f')} "
            f"| {'pass' if passed == len(group) else f'{passed} of {len(group)} pass'} |"
        )
    return "\n".join([*lines, "", f"{_enough(trials, limits)} Commit {commit()}."]) + "\n"


def _enough(trials: list[Trial], limits: Limits) -> str:
    """From how many samples on every draw of every format passes, with a scale per channel."""
    counts = sorted({trial.samples for trial in trials if trial.per_channel}, reverse=True)
    failing = [
        count for count in counts if any(not t.passed(limits) for t in trials if t.per_channel and t.samples == count)
    ]
    passing = [count for count in counts if count > max(failing, default=0)]
    if not passing:
        return "Not even the whole set is enough."
    return f"With a scale per channel, every draw passes from {min(passing)} samples on."


def _range(values: list[float], form: str) -> str:
    low, high = min(values), max(values)
    return f"{low:{form}}" if f"{low:{form}}" == f"{high:{form}}" else f"{low:{form}} to {high:{form}}"
