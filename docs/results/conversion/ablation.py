"""What a recurrence costs and brings: line networks with and without one, converted and compared in one run."""

from __future__ import annotations

import dataclasses
import importlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from convert.atomic_place import place, staging
from convert.check import gates
from convert.check.inputs import inputs
from convert.check.parity import accuracy, milliseconds, model_scores, torch_scores
from convert.pipeline import STRIP_WIDTHS
from convert.quantize import line_samples
from convert.quantize.calibration import CalibrationSet
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from edge_digits.system.native_stderr import native_stderr
from train import checkpoint
from train.lines.labelled_lines import Lines
from train.networks import parameter_count
from train.provenance import commit

NAME = "ablation.md"
_DIGITS = "cnn-int8.tflite"
_TEN = 10
_SPEED_INPUTS = 10


@dataclass(frozen=True)
class Variant:
    """One network in strips of one width. parameters: of the network. judged: lines; accuracy: share of them that float
    reads whole; agreement: of int8 with float, loss: how much less often int8 is right, margin: half of its 95 %
    interval; shares. bytes: of the int8 file. ratio: time of one strip to that of ten digits of the CNN, both int8."""

    name: str
    width: int
    parameters: int
    judged: int
    accuracy: float
    agreement: float
    loss: float
    margin: float
    bytes: int
    ratio: float


def write(
    checkpoints: Sequence[Path], calibration: CalibrationSet, judges: Lines, models: Path, out: Path
) -> list[Variant]:
    """Quantize each of ``checkpoints`` for strips of every width, judge it on ``judges``, and write ``ablation.md``
    into ``out``. models: the folder with the CNN that times are compared with.

    Raises ModelError for a checkpoint that does not fit, ConversionError if ``out`` cannot be written.
    """
    variants: list[Variant] = []
    timed: dict[str, tuple[Model, NDArray[np.uint8]]] = {}
    digits = load_model(models / _DIGITS)
    timed[_DIGITS] = digits, np.zeros((_TEN, *digits.spec.input_shape), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        plans = [(path, width) for path in checkpoints for width in STRIP_WIDTHS]
        for path, width in tqdm(plans, "ablation", unit="file", disable=None, leave=False):
            network, spec = checkpoint.load(path)
            judging = inputs(judges, (spec.input_shape[0], width))
            expected = torch_scores(network, judging.pixels)
            made = Path(folder) / f"{spec.name}-{width}.tflite"
            _quantize(path, width, calibration, made)
            model = load_model(made)
            scores = model_scores(model, judging.pixels)
            timed[made.name] = model, judging.spread(_SPEED_INPUTS)
            loss, margin = gates.paired_loss(scores, expected, judging.truth)
            variants.append(
                Variant(
                    spec.name,
                    width,
                    parameter_count(network),
                    len(judging),
                    accuracy(expected, judging.truth),
                    gates.agreement(scores, expected),
                    loss,
                    margin,
                    made.stat().st_size,
                    0.0,
                )
            )
        times = milliseconds(timed)
    ten = _TEN * times[_DIGITS]
    variants = [dataclasses.replace(v, ratio=times[f"{v.name}-{v.width}.tflite"] / ten) for v in variants]
    with staging(out) as folder:
        (folder / NAME).write_text(text(variants), encoding="utf-8")
        place([folder / NAME], out)
    return variants


def _quantize(path: Path, width: int, calibration: CalibrationSet, made: Path) -> None:
    """Write the int8 .tflite of the checkpoint ``path`` with its spec to ``made``."""
    network, spec = checkpoint.load(path)
    shape = spec.input_shape[0], width
    with native_stderr():
        # Imported late: it brings TensorFlow, which announces itself.
        to_tflite = importlib.import_module("convert.export.to_tflite")
        content = to_tflite.export(network, shape, "int8", line_samples.strips(calibration, width))
    made.write_bytes(content)
    about: ModelSpec = dataclasses.replace(
        spec, format="tflite", precision="int8", sha256=sha256_of(made), input_shape=shape
    )
    write_spec(made, about)


def text(variants: Sequence[Variant]) -> str:
    """The comparison as Markdown."""
    lines = [
        "# What a recurrence costs and brings",
        "",
        "Made by `python -m docs.results.conversion ablation`; do not edit. int8 TFLite files, for strips of several "
        "widths.",
        "",
        "| network | parameters | columns | kB | time against ten digits | lines | float reads whole (%) "
        "| agreement (%) | loss in int8 (points) |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {v.name} | {v.parameters:,} | {v.width} | {v.bytes / 1000:.0f} | {v.ratio:.2f} | {v.judged:,} "
            f"| {100 * v.accuracy:.2f} | {100 * v.agreement:.2f} | {100 * v.loss:+.2f} ± {100 * v.margin:.2f} |"
            for v in variants
        ),
        "",
        "Lines are those that choose in training and fit into the strip. Agreement is on whole lines, the loss is "
        "paired and with its 95 % interval. Time is that of one strip, against ten calls of the shipped CNN in int8; "
        f"all took turns on one thread. Commit {commit()}.",
    ]
    return "\n".join(lines) + "\n"
