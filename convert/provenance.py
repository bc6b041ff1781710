"""How a model file was made, for its spec: what the checkpoint's own spec says, and the conversion."""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
import platform
from pathlib import Path

from convert.check.inspect_model import tflite_contents
from convert.quantize import judge_samples, line_samples
from convert.quantize.calibration import CalibrationSet
from edge_digits.runtime.shapes import STEP
from edge_digits.runtime.spec import ModelSpec, sha256_of
from edge_digits.system.extras import require
from train.provenance import commit

_NEEDED = {"tflite": ("torch", "tensorflow"), "onnx": ("torch", "onnx", "onnxscript", "onnxruntime")}
_JUDGING = {"tflite": ("ai-edge-litert",), "onnx": ()}
"""The runtime that files are judged through, where it is not among the converters."""
_PACKAGES = {"tensorflow": ("tensorflow", "tensorflow-cpu"), "ai-edge-litert": ("ai-edge-litert", "tflite-runtime")}


def check_tools(formats: tuple[str, ...]) -> None:
    """Raises RuntimeMissingError if a format's converter is not installed."""
    for name in formats:
        require(f"--format {name}", "convert", _NEEDED[name])


def converted_spec(
    source: ModelSpec, path: Path, precision: str, calibration: CalibrationSet | None, scores: dict[str, float]
) -> ModelSpec:
    """The spec of the file ``path``, which was converted from the checkpoint that ``source`` describes.

    calibration: the set that int8 was calibrated with, None for other precisions. scores: by data set, 0..1.
    """
    format = path.suffix[1:]
    conversion: dict[str, object] = {
        "input": _input(path, source),
        "command": f"python -m convert {source.name} --format {format} --precision {precision}",
        "commit": _commit(),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "tools": {tool: version_of(tool) for tool in (*_NEEDED[format], *_JUDGING[format], "numpy")},
    }
    if calibration is not None:
        count = {"digits": len(calibration.pixels), "lines": line_samples.COUNT}.get(source.task, judge_samples.COUNT)
        conversion["quantization"] = f"post-training, per channel, {count} calibration samples"
    return dataclasses.replace(
        source,
        format=format,
        precision=precision,
        sha256=sha256_of(path),
        calibration=calibration.sha256 if calibration is not None else None,
        origin={
            **source.origin,
            "checkpoint_sha256": source.sha256,
            "checkpoint_scores": source.scores,
            "conversion": conversion,
        },
        scores={name: round(value, 6) for name, value in scores.items()},
    )


@functools.cache
def _commit() -> str:
    """Asked for once: git takes its time, and one conversion is of one commit."""
    return commit()


def _input(path: Path, spec: ModelSpec) -> dict[str, object]:
    """What goes into the file itself, for whoever runs it without edge_digits. range: what 0 and 255 become."""
    if path.suffix == ".onnx":
        height, width = spec.input_shape
        wide = f"up to {width}, a multiple of {STEP}" if spec.reads_lines else width
        return {"layout": "NCHW", "shape": ["N", spec.channels, height, wide], "type": "float32", "range": [0, 1]}
    type, scale, zero_point = tflite_contents(path).input
    about: dict[str, object] = {"layout": "NHWC", "shape": [1, *spec.input_shape, spec.channels], "type": type}
    return about | ({"range": [0, 255], "scale": scale, "zero_point": zero_point} if scale else {"range": [0, 1]})


def version_of(tool: str) -> str:
    """Of an installed package; "unknown" where it is not there."""
    for package in _PACKAGES.get(tool, (tool,)):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown"
