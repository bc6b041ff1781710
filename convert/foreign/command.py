"""``python -m convert file MODEL``: what its options say, and what is printed at the end."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convert.errors import ConversionError
from convert.file_options import PRECISIONS
from convert.foreign.graph.declared import Declared
from edge_digits.charset import DIGITS
from edge_digits.errors import ConfigError
from edge_digits.runtime.preprocessing import Preprocessing, from_dict


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
        return [_number(part) for part in text.split(",")]
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(
            f"{option} {text}: expected a number such as 1/255 or 0.5, with commas between several"
        ) from error


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


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
    precisions = chosen("--precision", options.precision, PRECISIONS)
    from convert.foreign import pipeline, report
    from convert.foreign.job import Job

    job = Job(
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
