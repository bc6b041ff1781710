"""TFLite files through ai-edge-litert, or its predecessor tflite-runtime."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError, RuntimeMissingError
from edge_digits.runtime.preprocessing import from_dict, looked_up, value_table
from edge_digits.runtime.shapes import FEATURES, channels_last, check_pixels, no_features, output_shape
from edge_digits.runtime.spec import ModelSpec
from edge_digits.system.native_stderr import native_stderr

RUNTIMES = {"ai-edge-litert": "ai_edge_litert.interpreter", "tflite-runtime": "tflite_runtime.interpreter"}
"""By the name of the package its module with the interpreter; the first one that is installed is used."""


def interpreter_module(runtime: str | None = None) -> Any:
    """The module of ``runtime``, a name in ``RUNTIMES`` (None: the first that is installed). Raises RuntimeMissingError
    if it is not there."""
    failures = []
    for name in RUNTIMES if runtime is None else (runtime,):
        try:
            return importlib.import_module(RUNTIMES[name])
        except ImportError as error:
            failures.append(f"{RUNTIMES[name].split('.')[0]}: {error}")
    raise RuntimeMissingError(f"no TFLite runtime: pip install {runtime or 'ai-edge-litert'} ({'; '.join(failures)})")


BATCH = 16
"""Inputs that a file with a free batch is fed at once, as the judge's first stage has, whose call costs as much as its
arithmetic; larger batches bring no more (docs/develop/conversion.md)."""


@dataclass(frozen=True)
class _Output:
    """index: of its tensor. shape: without the batch. dequantized: scale and zero point, of integers."""

    index: int
    shape: tuple[int, ...]
    dequantized: tuple[NDArray[np.float32], NDArray[np.float32]] | None


class TfliteModel:
    """One interpreter, which is fed picture by picture, or ``BATCH`` at once where the file's batch is free.

    Not safe to use from two threads at once.
    """

    def __init__(self, path: Path, spec: ModelSpec, threads: int = 1, runtime: str | None = None) -> None:
        self.spec = spec
        try:
            # It announces its delegates on standard error.
            with native_stderr():
                interpreter = interpreter_module(runtime).Interpreter(model_path=str(path), num_threads=threads)
                source = interpreter.get_input_details()[0]
                self._batch = BATCH if source["shape_signature"][0] == -1 else 1
                if self._batch > 1:
                    interpreter.resize_tensor_input(source["index"], (self._batch, *source["shape"][1:]))
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path}: not a TFLite model that this runtime can run: {error}") from error
        source, (target, *further) = interpreter.get_input_details()[0], interpreter.get_output_details()
        shape = (self._batch, *spec.input_shape, spec.channels)
        scores_shape = (self._batch, *output_shape(spec, spec.input_shape[1]))
        if tuple(source["shape"]) != shape or tuple(target["shape"]) != scores_shape:
            given = f"input {source['shape'].tolist()} and output {target['shape'].tolist()}"
            raise ModelError(f"{path}: {given} do not fit its spec")
        self._path, self._interpreter = path, interpreter
        self._source, self._lookup = source["index"], _input_table(source, spec)
        self._scores = _output(target)
        self._features = next((_output(one) for one in further if one["name"] == FEATURES), None)

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model.scores``."""
        return self._run(self._scores, pixels)

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.FileModel.features``."""
        if self._features is None:
            raise no_features(self._path)
        # Behind a mean over a picture TensorFlow leaves its height and width, both one.
        return self._run(self._features, pixels).reshape(len(pixels), self._features.shape[-1])

    def _run(self, target: _Output, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(N, …) of one output: no other is copied."""
        check_pixels(pixels, self.spec)
        values = channels_last(pixels if self._lookup is None else _looked_up(self._lookup, pixels))
        if missing := -len(values) % self._batch:
            values = np.concatenate([values, np.zeros((missing, *values.shape[1:]), values.dtype)])
        out = np.empty((len(values), *target.shape), np.float32)
        for start in range(0, len(values), self._batch):
            stop = start + self._batch
            # Cheaper than writing into a view of the interpreter's memory.
            self._interpreter.set_tensor(self._source, values[start:stop])
            self._interpreter.invoke()
            out[start:stop] = self._interpreter.get_tensor(target.index)
        if target.dequantized is not None:
            scale, zero_point = target.dequantized
            np.subtract(out, zero_point, out)
            np.multiply(out, scale, out)
        return out[: len(pixels)]


def _output(details: dict[str, Any]) -> _Output:
    dequantized = None
    if details["dtype"] != np.float32:
        scale, zero_point = details["quantization"]
        # Arrays, since NumPy takes a microsecond to look at a Python number.
        dequantized = np.asarray(scale, np.float32), np.asarray(zero_point, np.float32)
    return _Output(details["index"], tuple(map(int, details["shape"][1:])), dequantized)


def _looked_up(table: NDArray[Any], pixels: NDArray[np.uint8]) -> NDArray[Any]:
    return table[pixels] if table.ndim == 1 else looked_up(table, pixels)


def _input_table(source: dict[str, Any], spec: ModelSpec) -> NDArray[Any] | None:
    """What each pixel value 0..255 becomes at the model's input, (256,), or (channels, 256) where the spec has a
    preprocessing; None if it stays as it is."""
    if spec.preprocessing:
        pixels = value_table(from_dict(spec.preprocessing))
    else:
        pixels = np.arange(256, dtype=np.float32) / 255.0
    if source["dtype"] == np.float32:
        return pixels
    scale, zero_point = source["quantization"]
    limits = np.iinfo(source["dtype"])
    table = np.clip(np.round(pixels / scale) + zero_point, limits.min, limits.max).astype(source["dtype"])
    return None if table.dtype == np.uint8 and (table == np.arange(256)).all() else table
