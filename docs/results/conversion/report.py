"""A folder that shows what quantization does to a set of model files: a table as Markdown, and pictures."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from convert.atomic_place import place, staging
from convert.check import gates
from convert.check.gates import Scores
from convert.check.inputs import Inputs, Judges, inputs
from convert.check.inspect_model import onnx_operators, tflite_contents
from convert.check.layer_noise import LayerNoise, layer_noise
from convert.check.parity import accuracy, milliseconds, model_scores
from docs.results.conversion import plots
from docs.results.conversion.row import Row
from edge_digits.errors import ModelError
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import TASKS, ModelSpec
from train.provenance import commit, hardware

logger = logging.getLogger(__name__)

NAME = "report.md"
TRADE_OFF, LAYERS = "accuracy-latency-size.png", "layers.png"
_KINDS = {
    "digits": "digits", "lines": "lines", "judge-first": "the judge's first stage", "judge": "the judge's second stage",
}  # fmt: skip
"""What files are for, by their task."""
_SPEED_INPUTS = 20
_NOISE_INPUTS = {False: 500, True: 100}
"""Of digits, and of lines, which are more to compute."""
_Network = tuple[str, tuple[int, int]]
_BUSY = 0.5
"""Processes waiting for a processor, per processor, from which times are not to be trusted."""


def write(models: Sequence[Path], judges: Sequence[Judges], out: Path) -> list[Row]:
    """Compare ``models`` on ``judges`` and write ``report.md`` with its pictures into ``out``.

    judges: digits, lines or both, as the models need. Each network needs a float32 file among them, with which its
    others are compared. Raises ModelError if one has none or does not fit, ConversionError if ``out`` cannot be
    written.
    """
    rows = measured(models, judges)
    with staging(out) as folder:
        for task, some in _by_task(rows):
            plots.trade_off(folder / _picture(task, TRADE_OFF), some)
            plots.layers(folder / _picture(task, LAYERS), some)
        (folder / NAME).write_text(text(rows), encoding="utf-8")
        place(sorted(folder.iterdir()), out)
    return rows


def _by_task(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows of each task of which there are some."""
    by_task = [(task, [row for row in rows if row.spec.task == task]) for task in TASKS]
    return [(task, some) for task, some in by_task if some]


def _picture(task: str, name: str) -> str:
    """What a picture of one task's files is called."""
    return name if task == "digits" else f"{task}-{name}"


def measured(models: Sequence[Path], judges: Sequence[Judges]) -> list[Row]:
    """One row for each model file, in the order of ``models``."""
    loaded = {path: load_model(path) for path in models}
    reference: dict[_Network, Path] = {}
    for path in sorted(models, key=lambda p: (p.suffix != ".tflite", p.name)):
        if loaded[path].spec.precision == "float32":
            reference.setdefault(_network(loaded[path].spec), path)
    for path, model in loaded.items():
        if _network(model.spec) not in reference:
            raise ModelError(
                f"{path}: its folder has no float32 file of the network '{model.spec.name}' to compare with"
            )
    scores: dict[Path, Scores] = {}
    judging = {path: _judging(judges, path, model.spec) for path, model in loaded.items()}
    for path, model in tqdm(loaded.items(), "comparing", unit="model", disable=None, leave=False):
        scores[path] = model_scores(model, judging[path].pixels)
    times = milliseconds({str(p): (model, judging[p].pixels[:_SPEED_INPUTS]) for p, model in loaded.items()})
    rows = []
    for path, model in loaded.items():
        expected = scores[reference[_network(model.spec)]]
        loss, margin = gates.paired_loss(scores[path], expected, judging[path].truth)
        rows.append(
            Row(
                model.spec,
                path.name,
                path.stat().st_size,
                len(judging[path]),
                accuracy(scores[path], judging[path].truth),
                gates.agreement(scores[path], expected),
                loss,
                margin,
                times[str(path)],
                _noise(path, loaded[path].spec, judging[path]),
                _inside(path),
            )
        )
    return rows


def _network(spec: ModelSpec) -> _Network:
    """What files have in common that compute the same: the network, and how large its pixels are."""
    return spec.name, spec.input_shape


def _judging(judges: Sequence[Judges], path: Path, spec: ModelSpec) -> Inputs:
    for some in judges:
        chosen = inputs(some, spec.input_shape)
        if chosen.task == spec.task:
            return chosen
    raise ModelError(f"{path}: is for {_KINDS[spec.task]}, and there is nothing to judge that on")


def _noise(path: Path, spec: ModelSpec, judges: Inputs) -> tuple[LayerNoise, ...]:
    plain = path.with_name(path.name.replace("-int8.", "-float32."))
    if spec.precision != "int8" or plain == path or not plain.is_file():
        return ()
    return tuple(layer_noise(plain, path, judges.spread(_NOISE_INPUTS[spec.reads_lines])))


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


def text(rows: Sequence[Row]) -> str:
    """The report as Markdown."""
    sets = list(dict.fromkeys(name for row in rows for name in row.spec.scores))
    int8 = [row for row in rows if row.spec.precision == "int8"]
    lines = [
        "# What quantization does to the model files",
        "",
        "Made by `python -m docs.results.conversion report`; do not edit. [Convert](../../models/convert.md#gates) "
        "says what the gates are that every file passed.",
        "",
        *(line for task, some in _by_task(rows) for line in _table(task, some)),
        "Agreement and loss are against the network's float32 file, paired, with the 95 % interval. Times are medians "
        f"of 41 short rounds in turns, one input at a call; {_machine()}.",
        *_ten_digits(rows),
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
        *(
            line
            for task, _ in _by_task(rows)
            for line in (f"![signal-to-quantization-noise ratio by layer]({_picture(task, LAYERS)})", "")
        ),
        "How strong a layer's result is beside what int8 changed in it, noise of the layers before included; at 20 dB "
        "the noise has a hundredth of the power. Whiskers hold nine of ten single inputs.",
        "",
        "| file | " + "inside | worst layer |",
        "|---|---|---|",
        *(f"| {r.name} | {r.inside} | {_worst(r)} |" for r in rows),
        "",
        "## Quantization-aware training",
        "",
        _quantization_aware(int8),
        "",
        f"Commit {commit()}; calibration "
        + (", ".join(sorted({(r.spec.calibration or "")[:12] + "…" for r in int8})) or "none")
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _table(task: str, rows: Sequence[Row]) -> list[str]:
    """Files of one task."""
    judged = " to ".join(f"{count:,}" for count in sorted({row.judged for row in rows}))
    caption = f"{_KINDS[task][0].upper()}{_KINDS[task][1:]}: accuracy, agreement and loss on {judged} " + {
        "digits": "crops that choose but never trained, augmented digits of MNIST's validation split and photographed "
        "sheets of our own strokes.",
        "lines": "whole lines that choose but never trained, those that a file has room for, half of them "
        "photographed; one digit wrong is a line wrong.",
    }.get(task, "nodes of synthesized tiles, which nothing is trained on.")
    each = {"digits": "digit", "lines": "strip"}.get(task, "node")
    return [
        f"| model | format | precision | kB | accuracy (%) | agreement (%) | loss (points) | ms per {each} |",
        "|---|---|---|---:|---:|---:|---:|---:|",
        *(
            f"| {_model(r.spec)} | {r.spec.format} | {r.spec.precision} | {r.bytes / 1000:.0f} "
            f"| {100 * r.accuracy:.2f} "
            f"| {100 * r.agreement:.3f} | {100 * r.loss:+.3f} ± {100 * r.margin:.3f} | {r.milliseconds:.3f} |"
            for r in rows
        ),
        "",
        caption,
        "",
        f"![accuracy against latency and size]({_picture(task, TRADE_OFF)})",
        "",
    ]


def _model(spec: ModelSpec) -> str:
    """The network, with how wide its strips are."""
    if not spec.reads_lines:
        return spec.name
    return f"{spec.name}, {spec.input_shape[1]} columns" + ("" if spec.format == "tflite" else " or fewer")


def _ten_digits(rows: Sequence[Row]) -> list[str]:
    """What a line of ten digits takes, beside ten digits one by one."""
    int8 = [row for row in rows if row.spec.precision == "int8" and row.spec.format == "tflite"]
    lines, digits = [r for r in int8 if r.spec.reads_lines], [r for r in int8 if r.spec.task == "digits"]
    if not lines or not digits:
        return []
    widest = max(lines, key=lambda row: row.spec.input_shape[1])
    ratio = widest.milliseconds / (10 * digits[0].milliseconds)
    return [
        "",
        f"A line of ten digits in one strip ({widest.name}) takes {ratio:.2f} times as long as ten digits one by one "
        f"({digits[0].name}).",
    ]


def _machine() -> str:
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    name = hardware(torch.device("cpu")).split(",")[0]
    text = f"one thread of {name}, {processors} processors, load average {load:.1f}"
    return text + (": **measured under load**, so only ratios mean something" if load > _BUSY * processors else "")


def _worst(row: Row) -> str:
    if not row.noise:
        return "–"
    worst = min(row.noise, key=lambda item: item.signal_to_noise)
    return f"{worst.layer}, {worst.signal_to_noise:.1f} dB"


def _quantization_aware(int8: Sequence[Row]) -> str:
    if not int8:
        return "No int8 file is among these."
    text, enough = "", True
    for task, some in _by_task(int8):
        limits = gates.LINES if task == "lines" else gates.DIGITS
        worst = max(row.loss for row in some)
        text += f"The int8 file for {_KINDS[task]} that loses most loses {100 * worst:+.3f} points; "
        text += f"{100 * limits.most_loss:.1f} are allowed. "
        enough = enough and worst <= limits.most_loss
    if not enough:
        return text + "Post-training quantization is not enough: train with quantization in the loop."
    return text + "Post-training quantization is enough, so networks are not trained with quantization in the loop."
