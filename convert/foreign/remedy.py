"""An int8 file of a foreign model that lost too much, made again by the first remedy that is enough.

The child process of that: TensorFlow's converter may crash. ``convert.quantize.remedies.accuracy_control`` tries.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from convert import child
from convert.foreign.samples import Samples
from edge_digits.runtime.preprocessing import Preprocessing, network_input

_FILE = "remedies.json"

SPARED = 1
"""Among few samples one is more than a gate allows, and says nothing."""


@dataclass(frozen=True)
class Tried:
    """One remedy, measured on samples that neither calibrate nor judge. remedy, what: its name, and what it changed.
    agreement: share of answers as float gives them, 0..1. loss, margin: of right answers against float, as shares; half
    the width of its 95 % interval; None without labels. signal_to_noise: of the scores, dB. helped: whether the file
    was made with it."""

    remedy: str
    what: str
    agreement: float
    loss: float | None
    margin: float | None
    signal_to_noise: float
    helped: bool


@dataclass(frozen=True)
class Remedied:
    """tried: in order, the plain conversion first. left_float: names of the nodes that stay float on purpose."""

    tried: tuple[Tried, ...]
    left_float: tuple[str, ...]

    @property
    def helped(self) -> tuple[str, ...]:
        """Names of the remedies that the file was made with."""
        return tuple(one.remedy for one in self.tried[1:] if one.helped)


def remedy(folder: Path, out: Path, format: str, choosing: Samples, about: Preprocessing) -> Remedied:
    """Make the int8 file ``out`` of ``folder``'s graph (``float.onnx``) and calibration samples (``samples.npy``) anew.
    choosing: samples that say which remedy is enough; they must not be those that judge. Raises ConversionError."""
    np.save(folder / "choosing.npy", network_input(choosing.pixels, about))
    arguments: list[str | Path] = [folder / "float.onnx", format, out, folder / "samples.npy", folder / "choosing.npy"]
    if choosing.truth is not None and choosing.labelled.all():
        np.save(folder / "labels.npy", choosing.truth)
        arguments += ["--labels", folder / "labels.npy"]
    child.run("convert.foreign.remedy", [*arguments, "--report", folder / _FILE], folder / f"{format}-remedies.log")
    held = json.loads((folder / _FILE).read_text("utf-8"))
    return Remedied(tuple(Tried(**one) for one in held["tried"]), tuple(held["left_float"]))


def main(given: Sequence[str] | None = None) -> None:
    """The child process: float .onnx and samples in, an int8 file and what was tried out."""
    parser = argparse.ArgumentParser(prog="python -m convert.foreign.remedy", description=__doc__)
    for name in ("graph", "format", "out", "samples", "choosing"):
        parser.add_argument(name, type=str if name == "format" else Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args(given)
    import onnx

    from convert.check.parity import answers
    from convert.quantize.figures import DIGITS, LINES, HeldOut, Limits
    from convert.quantize.remedies.accuracy_control import REMEDIES, OnnxInt8, chosen, control, steps

    graph, samples, choosing = onnx.load(options.graph), np.load(options.samples), np.load(options.choosing)
    labels = None if options.labels is None else np.load(options.labels)
    shape = [dim.dim_value for dim in graph.graph.output[0].type.tensor_type.shape.dim]
    if labels is not None and len(shape) == 3:
        labels = np.pad(labels, ((0, 0), (0, shape[1] - labels.shape[1])), constant_values=-1)
    usual, judges, one = LINES if len(shape) == 3 else DIGITS, HeldOut(choosing, labels), SPARED / len(choosing)
    limits = Limits(min(usual.least_agreement, 1 - one), max(usual.most_loss, one))
    if options.format == "onnx":
        made = OnnxInt8(samples)
        outcome = control(steps(graph, samples, judges, made, limits, REMEDIES, answers, per_channel=True))
        content = made.model(outcome.model, outcome.settings).SerializeToString(deterministic=True)
    else:
        from convert.export.from_onnx.to_tflite import export
        from convert.quantize.remedies.tflite_int8 import REMEDIES as WITH_TFLITE
        from convert.quantize.remedies.tflite_int8 import TfliteInt8

        mixed = TfliteInt8(samples)
        outcome = control(steps(graph, samples, judges, mixed, limits, WITH_TFLITE, answers, per_channel=True))
        # What holds floats has float ends; all else is integers from end to end.
        some = samples[: outcome.settings.samples]
        is_mixed = bool(outcome.settings.kept)
        content = mixed.content(outcome.model, outcome.settings) if is_mixed else export(outcome.model, "int8", some)
    options.out.write_bytes(content)
    last = chosen(outcome.steps)
    tried = [
        Tried(
            step.remedy,
            step.what,
            step.figures.agreement,
            step.figures.loss,
            step.figures.margin,
            step.figures.signal_to_noise,
            place == last or (step.kept and place < last),
        )
        for place, step in enumerate(outcome.steps)
    ]
    about = {"tried": [asdict(one) for one in tried], "left_float": outcome.settings.kept}
    options.report.write_text(json.dumps(about), "utf-8")


if __name__ == "__main__":
    main()
