"""Model file and spec -> a model that is ready to run."""

from __future__ import annotations

from pathlib import Path

from edge_digits.charset import DIGITS
from edge_digits.errors import ModelError
from edge_digits.runtime.class_order import ReorderedModel, are_digits, in_order
from edge_digits.runtime.model import FileModel
from edge_digits.runtime.spec import ModelSpec, check_spec, read_spec, spec_path


def load_model(path: str | Path, threads: int = 1, runtime: str | None = None) -> FileModel:
    """Load a ``.tflite`` or ``.onnx`` file that has its spec beside it. Whatever the order of its charset, its scores
    come in the one order that ``edge_digits.charset`` gives.

    threads: how many the runtime may use. runtime: of a ``.tflite`` file, "ai-edge-litert" or "tflite-runtime" (None:
    the first that is installed). Raises ModelError if the file or spec is missing, damaged or does not fit, or
    reads other characters than digits, RuntimeMissingError if no runtime for the format is installed.
    """
    path = Path(path)
    spec = read_spec(path)
    check_spec(path, spec)
    if not are_digits(spec.charset):
        message = f"charset is {spec.charset!r}: only digits can be read, each given once, as {DIGITS!r}"
        raise ModelError(f"{spec_path(path)}: {message}")
    model = _open(path, spec, threads, runtime)
    return model if in_order(spec) else ReorderedModel(model)


def _open(path: Path, spec: ModelSpec, threads: int, runtime: str | None) -> FileModel:
    if path.suffix == ".tflite":
        from edge_digits.runtime.tflite import TfliteModel

        return TfliteModel(path, spec, threads, runtime)
    if path.suffix == ".onnx":
        from edge_digits.runtime.onnx import OnnxModel

        return OnnxModel(path, spec, threads)
    raise ModelError(f"{path}: unknown model format '{path.suffix}': expected .tflite or .onnx")
