"""``python -m convert file MODEL``: the options, and what is printed at the end."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from convert.errors import ConversionError
from convert.foreign.declared import LAYOUTS, Declared
from edge_digits.charset import DIGITS
from edge_digits.errors import ConfigError
from edge_digits.runtime.preprocessing import COLOURS, Preprocessing, from_dict

NAME = "file"
ABOUT = "convert a model that was trained elsewhere: ONNX, Keras, PyTorch"
EXAMPLE = "file lenet.keras --samples pictures/ --labels labels.csv --out converted/"
_PRECISIONS = ("float32", "int8")


def add_options(command: argparse.ArgumentParser) -> None:
    """What stands behind ``python -m convert file``."""
    add = command.add_argument
    add("model", metavar="MODEL", help=".onnx, .keras, SavedModel, .pt2, or module:function that gives an nn.Module")
    add("--samples", type=Path, required=True, metavar="FOLDER", help="pictures that calibrate and judge")
    add("--labels", type=Path, metavar="CSV", help="what stands on them: a table with the columns file,label")
    add("--out", type=Path, required=True, metavar="DIR", help="where the files and the report go")
    add("--name", help="of the files (that of MODEL)")
    add("--charset", default=DIGITS, metavar="TEXT", help=f"the classes, in order ({DIGITS})")
    add("--blank", choices=("first", "last"), default="last", help="of a line reader: where CTC's blank is (last)")
    add("--size", metavar="HxW", help="of the input, where MODEL leaves it open: 28x28")
    add("--colour", choices=tuple(COLOURS), default="grey", help="of the input (grey)")
    add("--scale", default="1/255", metavar="X", help="what a pixel, 0 to 255, is multiplied by (1/255)")
    add("--mean", default="0", metavar="X,..", help="what is subtracted then, of all or of each channel (0)")
    add("--std", default="1", metavar="X,..", help="what it is divided by then (1)")
    add("--layout", choices=LAYOUTS, help="of the input (told from its shape)")
    add("--invert", action="store_true", help="the model was trained on the samples' negatives")
    add("--format", default="tflite,onnx", metavar="LIST", help="of tflite, onnx (both)")
    add("--precision", default=",".join(_PRECISIONS), metavar="LIST", help=f"of {', '.join(_PRECISIONS)} (both)")
    add("--quick", action="store_true", help="a try, with a tenth of the samples")


def declared(options: argparse.Namespace) -> Declared:
    """What the options say of the model. Raises ConfigError, which names the option."""
    values = {
        "colour": options.colour,
        "invert": options.invert,
        "scale": _numbers("--scale", options.scale)[0],
        "mean": _numbers("--mean", options.mean),
        "std": _numbers("--std", options.std),
    }
    try:
        preprocessing: Preprocessing = from_dict(values)
    except ValueError as error:
        raise ConfigError(f"--scale, --mean, --std: expected {error}") from error
    if not options.charset or len(set(options.charset)) < len(options.charset):
        raise ConfigError(f"--charset {options.charset}: expected characters, each given once")
    return Declared(preprocessing, options.layout, _size(options.size), options.charset, options.blank == "first")


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(Fraction(part.strip())) for part in text.split(",")]
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(
            f"{option} {text}: expected a number such as 1/255 or 0.5, with commas between several"
        ) from error


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if not match:
        raise ConfigError(f"--size {text}: expected height and width in pixels, such as 28x28")
    return int(match[1]), int(match[2])


def name_of(model: str) -> str:
    """Of the files, after MODEL."""
    stem = model.rpartition(":")[2] if ":" in model and not Path(model).exists() else Path(model).stem
    return re.sub(r"[^\w.-]", "-", stem) or "model"


def run(
    options: argparse.Namespace, chosen: Callable[[str, str, tuple[str, ...]], tuple[str, ...]], share: int
) -> None:
    """Convert, and say what came of it. chosen: checks a list of names against those that are known. share: of the
    samples, one in so many. Raises ConversionError if a file is missing in the end; the others are written."""
    about = declared(options)
    formats = chosen("--format", options.format, ("tflite", "onnx"))
    precisions = chosen("--precision", options.precision, _PRECISIONS)
    from convert.foreign import pipeline, report

    job = pipeline.Job(
        options.model,
        options.name or name_of(options.model),
        options.samples,
        options.labels,
        options.out,
        about,
        formats,
        precisions,
        share if options.quick else 1,
    )
    made = pipeline.convert(job)
    print("\n".join(report.table(made)))
    for name, one in made.judged.items():
        print(f"\n{options.out / name}" + "".join(f"\n  {gate.gate}: {gate.figure}" for gate in one.gates))
        if not one.passed and one.noise:
            print(f"  worst: {', '.join(report.worst(one))}")
    print(f"\nreport: {options.out / f'{job.name}-report.md'}")
    if made.failed:
        count = f"{len(made.written)} of {len(formats) * len(precisions)} files were written"
        raise ConversionError(f"{options.out}: {count}: {'; '.join(made.failed)}")
    print(_next(options.out, made))


def _next(out: Path, made: Any) -> str:
    """What to do with the files."""
    smallest = out / min(made.written, key=lambda name: (not name.endswith(".tflite"), made.judged[name].bytes))
    if {*made.spec.charset} <= {*DIGITS}:
        return f"read a picture with it: edge-digits read --model {smallest} PICTURE"
    return f"run it in Python: edge_digits.load_model('{smallest}').scores(pixels)"
