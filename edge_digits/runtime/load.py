"""Model file and spec -> a model that is ready to run."""

from __future__ import annotations

from pathlib import Path

from edge_digits.charset import DIGITS
from edge_digits.errors import ModelError
from edge_digits.runtime.class_order import ReorderedModel, are_digits, in_order
from edge_digits.runtime.ink_model import for_ink
from edge_digits.runtime.model import FileModel
from edge_digits.runtime.spec import ModelSpec, check_spec, read_spec, spec_path


def load_model(path: str | Path, threads: int = 1, runtime: str | None = None) -> FileModel:
    """Load a ``.tflite`` or ``.onnx`` file that has its spec beside it. Whatever the order of its digits, their scores
    come in the one order that ``edge_digits.charset`` gives; of another charset they come as they stand in it.

    threads: how many the runtime may use. runtime: of a ``.tflite`` file, "ai-edge-litert" or "tflite-runtime" (None:
    the first that is installed). Raises ModelError if the file or spec is missing, damaged or does not fit,
    RuntimeMissingError if no runtime for the format is installed.
    """
    path = Path(path)
    spec = read_spec(path)
    check_spec(path, spec)
    if not spec.charset or len(set(spec.charset)) < len(spec.charset):
        raise ModelError(f"{spec_path(path)}: charset is {spec.charset!r}: expected characters, each given once")
    model = open_file(path, spec, threads, runtime)
    return model if in_order(spec) or not are_digits(spec.charset) else ReorderedModel(model)


def load_digits(path: str | Path, threads: int = 1) -> FileModel:
    """``load_model`` of a model for a reader: of digits, fed with this project's ink whatever the size and colour of
    its input. Raises ModelError, too, if it reads other characters."""
    charset = read_spec(Path(path)).charset
    if not are_digits(charset):
        message = f"charset is {charset!r}: only digits can be read, each given once, as {DIGITS!r}"
        raise ModelError(f"{spec_path(Path(path))}: {message}")
    return for_ink(load_model(path, threads))


def open_file(path: Path, spec: ModelSpec, threads: int = 1, runtime: str | None = None) -> FileModel:
    """The model of ``path`` with its classes in the file's own order. spec: its own, which is not checked."""
    if path.suffix == ".tflite":
        from edge_digits.runtime.tflite import TfliteModel

        return TfliteModel(path, spec, threads, runtime)
    if path.suffix == ".onnx":
        from edge_digits.runtime.onnx import OnnxModel

        return OnnxModel(path, spec, threads)
    raise ModelError(f"{path}: unknown model format '{path.suffix}': expected .tflite or .onnx")
