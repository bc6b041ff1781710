"""What a conversion of a foreign model came to, as Markdown and as JSON: each file's figures, gates and noise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from convert.foreign.graph.load import KINDS
from convert.foreign.judge import Judged
from convert.foreign.mistakes import Checked
from edge_digits.runtime.spec import ModelSpec

ROUTES = {
    "onnx": "as it is",
    "keras": "Keras → ONNX by tf2onnx",
    "saved-model": "SavedModel → ONNX by tf2onnx",
    "exported-program": "exported program → ONNX by torch.onnx",
    "module": "module → ONNX by torch.onnx",
}
"""By kind of model, how it became a float ONNX graph."""
_TFLITE = "ONNX → TFLite by `convert/export/from_onnx/` and TensorFlow's converter"
_INT8 = "int8 ONNX by onnxruntime's static quantization"
_WORST = 5


@dataclass(frozen=True)
class Report:
    """name: of the files. model: as the command line named it. kind: one of ``KINDS``. spec: of the files but for their
    format. checked: of the preprocessing, None without labels. calibrating, judging: how many samples; labelled: of
    those that judge. judged: by file. milliseconds: per input, here. failures: by file, why there is none. tools:
    versions."""

    name: str
    model: str
    kind: str
    spec: ModelSpec
    checked: Checked | None
    calibrating: int
    judging: int
    labelled: int | None
    judged: dict[str, Judged]
    milliseconds: dict[str, float]
    failures: dict[str, str]
    tools: dict[str, str]

    @property
    def written(self) -> list[str]:
        """Names of the files that passed."""
        return [name for name, one in self.judged.items() if one.passed]

    @property
    def failed(self) -> list[str]:
        """What is missing and why, one line for each file."""
        made = [f"{name}: {reason}" for name, reason in self.failures.items()]
        for name, one in self.judged.items():
            made += [f"{name}: {gate.gate}: {gate.figure}" for gate in one.gates if not gate.passed]
        return made


def as_json(report: Report) -> str:
    """All that is known, for programs."""
    files: dict[str, Any] = {
        name: {**asdict(one), "passed": one.passed, "milliseconds": report.milliseconds.get(name)}
        for name, one in report.judged.items()
    }
    about = {
        "name": report.name,
        "model": report.model,
        "kind": report.kind,
        "reads": {"task": report.spec.task, "charset": report.spec.charset, "input_shape": report.spec.input_shape},
        "preprocessing": report.spec.preprocessing,
        "checked": None if report.checked is None else asdict(report.checked),
        "samples": {"calibrating": report.calibrating, "judging": report.judging, "labelled": report.labelled},
        "files": files,
        "failures": report.failures,
        "tools": report.tools,
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def as_markdown(report: Report) -> str:
    """The same to read."""
    lines = [
        f"# {report.name}: what conversion came to",
        "",
        *_about(report),
        "",
        *table(report, "|"),
        "",
        f"Agreement and accuracy on {_count(report)}; loss is against float on the same samples, in points, with its "
        "95 % interval. Times are medians on this machine, one input at a call.",
        "",
    ]
    lines += _remedies(report)
    if report.failures:
        lines += ["## Not converted", "", *(f"- {name}: {reason}" for name, reason in report.failures.items()), ""]
    lines += ["## Gates", "", "| file | gate | passed | figure |", "|---|---|---|---|"]
    for name, one in report.judged.items():
        lines += [f"| {name} | {g.gate} | {'yes' if g.passed else '**no**'} | {g.figure} |" for g in one.gates]
    lines += [
        "",
        _which_gates(report),
        "",
        "## Inside",
        "",
        "| file | operators | arithmetic | stayed float |",
        "|---|---|---|---|",
    ]
    for name, one in report.judged.items():
        operators = ", ".join(f"{count} {kind}" for kind, count in sorted(one.operators.items()))
        lines.append(f"| {name} | {operators} | {one.arithmetic} | {_floats(name, one)} |")
    lines += ["", *_noise(report)]
    tools = ", ".join(f"{tool} {version}" for tool, version in report.tools.items())
    return "\n".join([*lines, f"Made with {tools}."]) + "\n"


def _about(report: Report) -> list[str]:
    spec, about = report.spec, report.spec.preprocessing
    height, width = spec.input_shape
    classes = f"{len(spec.charset)} characters" + ", a reject class" * spec.reject + ", the blank" * spec.blank
    what = "lines" if spec.reads_lines else "single characters"
    route = [ROUTES[report.kind]]
    route += [_TFLITE] if "tensorflow" in report.tools else []
    route += [_INT8] if "onnxruntime" in report.tools else []
    lines = [
        f"- Model: {report.model}, {KINDS[report.kind]}; reads {what}, {classes}.",
        f"- Input: {about['colour']}, {height}x{width}; each pixel becomes (pixel * {about['scale']:.6g} - "
        f"{_numbers(about['mean'])}) / {_numbers(about['std'])}; ink "
        + ("dark on light." if about["invert"] else "light on dark."),
        f"- Route: {'; '.join(route)}.",
        f"- Samples: {report.calibrating} calibrate, {report.judging} judge.",
    ]
    checked = report.checked
    if checked is None:
        return [*lines, "- Preprocessing: not checked, for there are no labels."]
    if checked.warning:
        return [*lines, f"- Preprocessing: **{checked.warning}**"]
    right = f"{checked.accuracy:.1%} of {checked.count} samples are read right"
    return [*lines, f"- Preprocessing: checked; as declared {right}."]


def _numbers(values: Sequence[float]) -> str:
    """One for all channels, or one for each."""
    return ", ".join(f"{value:g}" for value in values)


def table(report: Report, between: str = "") -> list[str]:
    """One line for each file: as Markdown, or in columns."""
    head = ["file", "kB", "accuracy", "loss", "agreement", "ms", ""]
    rows = []
    for name, one in report.judged.items():
        accuracy = "–" if one.accuracy is None else f"{one.accuracy:.2%}"
        lost = _loss(one.loss, one.margin)
        size, time = f"{one.bytes / 1000:.0f}", f"{report.milliseconds[name]:.3f}"
        by = ", ".join(step.remedy for step in one.tried[1:] if step.helped)
        said = (by and f"by {by}") if one.passed else "failed a gate"
        rows.append([name, size, accuracy, lost, f"{one.agreement:.2%}", time, said])
    rows += [[name, "–", "–", "–", "–", "–", "not converted"] for name in report.failures]
    if between:
        return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]


def _count(report: Report) -> str:
    known = "" if report.labelled is None else f", {report.labelled} of them with labels"
    return f"{report.judging} samples{known}"


def _remedies(report: Report) -> list[str]:
    """What was tried for files that lost too much."""
    tried = {name: one for name, one in report.judged.items() if one.tried}
    if not tried:
        return []
    lines = ["## When int8 lost", ""]
    lines += [
        "Measured on half of the samples that judge; the other half alone judged what came of it. Remedies are tried "
        "in this order until one is enough.",
        "",
        "| file | remedy | | agreement | loss | dB | used |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    for name, one in tried.items():
        for step in one.tried:
            used = "yes" if one.passed and step.helped else "no"
            noise = f"{step.signal_to_noise:.1f}"
            lost = _loss(step.loss, step.margin)
            lines.append(f"| {name} | {step.remedy} | {step.what} | {step.agreement:.2%} | {lost} | {noise} | {used} |")
    return [*lines, ""]


def _loss(loss: float | None, margin: float | None) -> str:
    """In points."""
    return "–" if loss is None or margin is None else f"{100 * loss:+.2f} ± {100 * margin:.2f}"


def _which_gates(report: Report) -> str:
    labels = "" if report.labelled else " Accuracy needs labels, of which there are none."
    return (
        "Agreement, accuracy and arithmetic are asked of every int8 file. An input of uint8 at scale 1/255 is asked of "
        f"this project's own files alone: here the scale is in the file. A float tensor is allowed where "
        f"a layer was left in float on purpose.{labels}"
    )


def _floats(name: str, one: Judged) -> str:
    if "-int8." not in name:
        return "all, as wanted"
    return ", ".join(one.floats[:8]) + (f" and {len(one.floats) - 8} more" if len(one.floats) > 8 else "") or "nothing"


def _noise(report: Report) -> list[str]:
    noisy = [(name, one.noise) for name, one in report.judged.items() if one.noise]
    if not noisy:
        return []
    lines = [
        "## Noise by layer",
        "",
        "How strong a layer's result is beside what int8 changed in it; lower is worse.",
        "",
    ]
    for name, layers in noisy:
        lines += [f"| {name} | dB | of nine in ten inputs |", "|---|---:|---|"]
        lines += [f"| {one.layer} | {one.signal_to_noise:.1f} | {one.low:.1f} to {one.high:.1f} |" for one in layers]
        lines.append("")
    return lines


def worst(judged: Judged, count: int = _WORST) -> Sequence[str]:
    """The layers that int8 hurts most, worst first."""
    ordered = sorted(judged.noise, key=lambda one: one.signal_to_noise)[:count]
    return [f"layer {one.layer} {one.signal_to_noise:.1f} dB" for one in ordered]
