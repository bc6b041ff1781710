"""Golden vectors: 64 inputs with the scores of model files, which a test on every platform compares with its own.

The inputs are a picture that can be looked at, the scores a text that can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.contents import onnx_output_step, tflite_contents
from convert.errors import ConversionError
from convert.gates import MOST_DIFFERENCE
from convert.placing import place, staging
from convert.validation import synthesized
from edge_digits.model_spec import read_spec
from edge_digits.quiet import native_stderr
from edge_digits.runtime import load_model
from edge_digits.runtime.tflite import interpreter_module

PICTURE, SCORES = "golden.png", "golden.json"
COUNT, COLUMNS = 64, 8
_KERNELS = ("AUTO", "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "BUILTIN_REF")
"""XNNPACK's, TensorFlow Lite's own, and those that are written to be read."""
SEED = 64
"""Another one than that of the crops that judge, and of the calibration set."""


def inputs(models: Sequence[Path]) -> NDArray[np.uint8]:
    """(64, 28, 28) uint8: digits and other ink of our own synthesis, no ink at all, and nothing but ink.

    TensorFlow Lite has several implementations of each operator, which round differently; through a whole network that
    adds up, rarely, to two steps. Drawn are inputs for which those that are at hand differ by one step at most in all
    of ``models``, so that another result on another platform means something.
    """
    drawn = synthesized(2 * COUNT, SEED).images
    pool = np.concatenate([np.zeros_like(drawn[:1]), np.full_like(drawn[:1], 255), drawn])
    steady = np.ones(len(pool), bool)
    for path in models:
        if path.suffix == ".tflite" and read_spec(path).precision == "int8":
            results = [_integers(path, pool, kernels) for kernels in _KERNELS]
            steady &= np.ptp(results, axis=0).max(axis=1) <= 1
    found = pool[steady][:COUNT]
    if len(found) < COUNT:
        raise ConversionError(f"only {len(found)} of {len(pool)} inputs give the same scores with all kernels")
    return found


def _integers(path: Path, pixels: NDArray[np.uint8], kernels: str) -> NDArray[np.int64]:
    """The scores of an int8 .tflite before they are scaled."""
    runtime = interpreter_module()
    resolver = getattr(runtime.OpResolverType, kernels)
    with native_stderr():
        interpreter = runtime.Interpreter(model_path=str(path), experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    found = []
    for image in pixels:
        interpreter.set_tensor(source, image[None, :, :, None])
        interpreter.invoke()
        found.append(interpreter.get_tensor(target)[0].astype(np.int64))
    return np.array(found)


def write(models: Sequence[Path], out: Path) -> None:
    """Write ``golden.png``, the inputs in 8 rows of 8, and ``golden.json``: for each of ``models`` its sha256, the step
    of its quantization (of float: what counts as equal) and its scores, a row of 11 for each input.

    Raises ModelError for a model file that does not fit, ConversionError if ``out`` cannot be written.
    """
    pixels = inputs(models)
    size = pixels.shape[1]
    sheet = pixels.reshape(-1, COLUMNS, size, size).swapaxes(1, 2).reshape(-1, COLUMNS * size)
    described = []
    for path in models:
        model = load_model(path)
        rows = ",\n".join("   " + json.dumps([round(float(s), 5) for s in row]) for row in model.scores(pixels))
        about = {"sha256": model.spec.sha256, "step": _step(path, model.spec.precision)}
        described.append(f'  "{path.name}": ' + json.dumps(about)[:-1] + ', "scores": [\n' + rows + "\n  ]}")
    head = f'{{"made_by": "python -m convert golden", "inputs": "{PICTURE}", "models": {{\n'
    with staging(out) as folder:
        png = cv2.imencode(".png", sheet, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1]
        (folder / PICTURE).write_bytes(png.tobytes())
        (folder / SCORES).write_text(head + ",\n".join(described) + "\n}}\n", encoding="utf-8")
        place([folder / PICTURE, folder / SCORES], out)


def _step(path: Path, precision: str) -> float:
    """By how much a score changes if its integer changes by one."""
    if precision != "int8":
        return MOST_DIFFERENCE
    return round(tflite_contents(path).output[1] if path.suffix == ".tflite" else onnx_output_step(path), 7)
