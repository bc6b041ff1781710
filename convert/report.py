"""A folder that shows what quantization does to a set of model files: a table as Markdown, and pictures."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from convert import gates, plots
from convert.contents import onnx_operators, tflite_contents
from convert.gates import Scores
from convert.layer_noise import LayerNoise, layer_noise
from convert.parity import accuracy, milliseconds, model_scores
from convert.placing import place, staging
from edge_digits.errors import ModelError
from edge_digits.model_spec import ModelSpec
from edge_digits.runtime import load_model
from train.crops import Crops
from train.provenance import commit, hardware

logger = logging.getLogger(__name__)

NAME = "report.md"
TRADE_OFF, LAYERS = "accuracy-latency-size.png", "layers.png"
_SPEED_CROPS = 20
_NOISE_CROPS = 500
_BUSY = 0.5
"""Processes waiting for a processor, per processor, from which times are not to be trusted."""


@dataclass(frozen=True)
class Row:
    """One model file. accuracy: on the crops that judge; agreement: with the float32 file; loss: how much less often it
    is right than that, and margin: half of its 95 % interval; all shares. milliseconds: per digit, here. noise: by
    layer, of int8."""

    spec: ModelSpec
    name: str
    bytes: int
    accuracy: float
    agreement: float
    loss: float
    margin: float
    milliseconds: float
    noise: tuple[LayerNoise, ...]
    inside: str


def write(models: Sequence[Path], judges: Crops, out: Path) -> list[Row]:
    """Compare ``models`` on ``judges`` and write ``report.md`` with its pictures into ``out``.

    Each network needs a float32 file among them, with which its others are compared. Raises ModelError if one has none
    or does not fit, ConversionError if ``out`` cannot be written.
    """
    rows = measured(models, judges)
    with staging(out) as folder:
        plots.trade_off(folder / TRADE_OFF, rows)
        plots.layers(folder / LAYERS, rows)
        (folder / NAME).write_text(text(rows, judges), encoding="utf-8")
        place(sorted(folder.iterdir()), out)
    return rows


def measured(models: Sequence[Path], judges: Crops) -> list[Row]:
    """One row for each model file, in the order of ``models``."""
    loaded = {path: load_model(path) for path in models}
    reference: dict[str, Path] = {}
    for path in sorted(models, key=lambda p: (p.suffix != ".tflite", p.name)):
        if loaded[path].spec.precision == "float32":
            reference.setdefault(loaded[path].spec.name, path)
    for path, model in loaded.items():
        if model.spec.name not in reference:
            raise ModelError(
                f"{path}: its folder has no float32 file of the network '{model.spec.name}' to compare with"
            )
    scores: dict[Path, Scores] = {}
    for path, model in tqdm(loaded.items(), "comparing", unit="model", disable=None, leave=False):
        scores[path] = model_scores(model, judges.images)
    times = milliseconds({str(path): model for path, model in loaded.items()}, judges.images[:_SPEED_CROPS])
    rows = []
    for path, model in loaded.items():
        expected = scores[reference[model.spec.name]]
        loss, margin = gates.paired_loss(scores[path], expected, judges.labels)
        rows.append(
            Row(
                model.spec,
                path.name,
                path.stat().st_size,
                accuracy(scores[path], judges.labels),
                gates.agreement(scores[path], expected),
                loss,
                margin,
                times[str(path)],
                _noise(path, loaded[path].spec, judges),
                _inside(path),
            )
        )
    return rows


def _noise(path: Path, spec: ModelSpec, judges: Crops) -> tuple[LayerNoise, ...]:
    plain = path.with_name(path.name.replace("-int8.", "-float32."))
    if spec.precision != "int8" or plain == path or not plain.is_file():
        return ()
    # Judges of both kinds: augmented MNIST comes first, photographed strokes last.
    some = judges.images[np.linspace(0, len(judges) - 1, min(_NOISE_CROPS, len(judges))).astype(int)]
    return tuple(layer_noise(plain, path, some))


def _inside(path: Path) -> str:
    """What a file's operators compute in."""
    if path.suffix == ".tflite":
        contents = tflite_contents(path)
        count = len(contents.float_tensors)
        return f"{len(contents.operators)} operators, {count} of {contents.tensors} tensors float"
    operators = onnx_operators(path)
    left = [op.kind for op in operators if op.dtype != "int8"]
    text = f"{len(operators)} operators, {len(operators) - len(left)} int8"
    return f"{text}; float: {', '.join(dict.fromkeys(left))}" if 0 < len(left) < len(operators) else text


def text(rows: Sequence[Row], judges: Crops) -> str:
    """The report as Markdown."""
    sets = list(dict.fromkeys(name for row in rows for name in row.spec.scores))
    int8 = [row for row in rows if row.spec.precision == "int8"]
    worst = max((row.loss for row in int8), default=0.0)
    lines = [
        "# What quantization does to the model files",
        "",
        "Made by `python -m convert report`; do not edit. [conversion.md](../conversion.md) says what the gates are "
        "that every file passed.",
        "",
        "| model | format | precision | kB | accuracy (%) | agreement (%) | loss (points) | ms per digit |",
        "|---|---|---|---:|---:|---:|---:|---:|",
        *(
            f"| {r.spec.name} | {r.spec.format} | {r.spec.precision} | {r.bytes / 1000:.0f} | {100 * r.accuracy:.2f} "
            f"| {100 * r.agreement:.3f} | {100 * r.loss:+.3f} ± {100 * r.margin:.3f} | {r.milliseconds:.3f} |"
            for r in rows
        ),
        "",
        f"Accuracy, agreement and loss on {len(judges):,} crops that choose but never trained: augmented digits of "
        "MNIST's validation split, and photographed sheets of our own strokes. Agreement and loss are against the "
        "network's float32 file, paired, with the 95 % interval. Times are medians of 41 short rounds in turns, one "
        f"digit at a call; {_machine()}.",
        "",
        f"![accuracy against latency and size]({TRADE_OFF})",
        "",
        "## Accuracy by set (%)",
        "",
        f"| file | {' | '.join(sets)} |",
        "|---|" + "---:|" * len(sets),
        *(
            f"| {r.name} | "
            + " | ".join(f"{100 * r.spec.scores[s]:.2f}" if s in r.spec.scores else "–" for s in sets)
            + " |"
            for r in rows
        ),
        "",
        "From the specs: measured when the file was converted, through the runtime that ships. Test sets only report.",
        "",
        "## Layer by layer",
        "",
        f"![signal-to-quantization-noise ratio by layer]({LAYERS})",
        "",
        "How strong a layer's result is beside what int8 changed in it, noise of the layers before included; at 20 dB "
        "the noise has a hundredth of the power. Whiskers hold nine of ten single inputs.",
        "",
        "| file | " + "inside | worst layer |",
        "|---|---|---|",
        *(f"| {r.name} | {r.inside} | {_worst(r)} |" for r in rows),
        "",
        "## Quantization-aware training",
        "",
        _quantization_aware(worst, bool(int8)),
        "",
        f"Commit {commit()}; calibration "
        + (", ".join(sorted({(r.spec.calibration or "")[:12] + "…" for r in int8})) or "none")
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _machine() -> str:
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    name = hardware(torch.device("cpu")).split(",")[0]
    said = f"one thread of {name}, {processors} processors, load average {load:.1f}"
    return said + (": **measured under load**, so only ratios mean something" if load > _BUSY * processors else "")


def _worst(row: Row) -> str:
    if not row.noise:
        return "–"
    worst = min(row.noise, key=lambda item: item.signal_to_noise)
    return f"{worst.layer}, {worst.signal_to_noise:.1f} dB"


def _quantization_aware(worst: float, any_int8: bool) -> str:
    if not any_int8:
        return "No int8 file is among these."
    said = f"The int8 file that loses most loses {100 * worst:+.3f} points; {100 * gates.MOST_LOSS:.1f} are allowed. "
    if worst > gates.MOST_LOSS:
        return said + "Post-training quantization is not enough: train with quantization in the loop."
    return said + "Post-training quantization is enough, so networks are not trained with quantization in the loop."
