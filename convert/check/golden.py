"""Golden vectors: 64 digits, 4 lines, and 16 nodes for each of the judge's stages, with the scores of model files,
which a test on every platform compares with its own.

The inputs are a picture that can be looked at, the scores a text that can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.atomic_place import place, staging
from convert.check.gates import MOST_DIFFERENCE
from convert.check.inspect_model import onnx_output_step, tflite_contents
from convert.errors import ConversionError
from convert.quantize import judge_samples, line_samples
from convert.quantize.calibration import cut_to_ink
from convert.quantize.sheet_digits import SheetDigit, find_digits
from convert.quantize.sheets import LIGHTS, PENS, Sheet, legible_sheet
from edge_digits.runtime.load import load_model
from edge_digits.runtime.shapes import channels_last
from edge_digits.runtime.spec import JUDGE_CLASSES, read_spec
from edge_digits.runtime.tflite import interpreter_module
from edge_digits.system.native_stderr import native_stderr

PICTURE, LINES_PICTURE, SCORES = "golden.png", "golden-lines.png", "golden.json"
NODES_PICTURE = "golden-{task}.png"
COUNT, COLUMNS = 64, 8
LINES, NODES = 4, 16
STEPS, LINE_STEPS = 1, 3
"""So many quantization steps count as equal."""
_HEIGHT, _STRIPS_A_SHEET, _NODES_A_SHEET = 24.0, 4, 6
_KERNELS = ("AUTO", "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "BUILTIN_REF")
"""XNNPACK's, TensorFlow Lite's own, and those that are written to be read."""
SEED = 64
"""Another one than that of the calibration set."""


def inputs(models: Sequence[Path]) -> NDArray[np.uint8]:
    """(64, 28, 28) uint8: digits and other ink of our own synthesis, no ink at all, and nothing but ink.

    TensorFlow Lite has several implementations of each operator, which round differently; through a whole network that
    adds up, rarely, to two steps. Drawn are inputs for which those that are at hand differ by one step at most in all
    of ``models``, so that another result on another platform means something.
    """
    random = np.random.default_rng(SEED)
    drawn = np.array([one.pixels for seen in _written(random) for one in seen])
    drawn = drawn[random.permutation(len(drawn))]
    pool = np.concatenate([np.zeros_like(drawn[:1]), np.full_like(drawn[:1], 255), drawn])
    return _steady(models, pool, COUNT, STEPS)


def strips(models: Sequence[Path]) -> NDArray[np.uint8]:
    """(4, 32, 256) uint8: lines of our own synthesis, which files for narrower strips see the left of. Through a
    recurrence roundings add up more, so of lines three steps are the most."""
    width = max(read_spec(path).input_shape[1] for path in models)
    random = np.random.default_rng(SEED)
    pool = []
    for seen in _written(random):
        glyphs = [cut_to_ink(one.ink) for one in seen]
        pool += [line_samples.written(random, glyphs, width) for _ in range(_STRIPS_A_SHEET)]
    return _steady(models, np.array(pool), LINES, LINE_STEPS)


def nodes(models: Sequence[Path], task: str) -> NDArray[np.uint8]:
    """(16, channels, height, width) uint8: hypotheses on sheets of our own synthesis, for one of the judge's stages."""
    random = np.random.default_rng(SEED)
    sheets = _sheets(random)
    pool = np.concatenate([judge_samples.of_sheet(sheet.picture, task, _NODES_A_SHEET, random) for sheet in sheets])
    return _steady(models, pool[random.permutation(len(pool))], NODES, STEPS)


def _sheets(random: np.random.Generator) -> list[Sheet]:
    """One for each pen and light."""
    return [legible_sheet(random, pen, light, _HEIGHT) for pen, light in product(PENS, LIGHTS)]


def _written(random: np.random.Generator) -> list[list[SheetDigit]]:
    """Digits and other ink, sheet by sheet."""
    digits = [find_digits(sheet.picture, sheet.boxes) for sheet in _sheets(random)]
    return [[one for one in seen if one is not None] for seen in digits]


def _steady(models: Sequence[Path], pool: NDArray[np.uint8], count: int, steps: int) -> NDArray[np.uint8]:
    """``count`` inputs of ``pool`` whose scores differ by at most so many steps between implementations."""
    steady = np.ones(len(pool), bool)
    for path in models:
        spec = read_spec(path)
        if path.suffix == ".tflite" and spec.precision == "int8":
            results = [_integers(path, pool[..., : spec.input_shape[1]], kernels) for kernels in _KERNELS]
            steady &= np.ptp(results, axis=0).reshape(len(pool), -1).max(axis=1) <= steps
    pixels = pool[steady][:count]
    if len(pixels) < count:
        raise ConversionError(f"only {len(pixels)} of {len(pool)} inputs give the same scores with all kernels")
    return pixels


def _integers(path: Path, pixels: NDArray[np.uint8], kernels: str) -> NDArray[np.int64]:
    """The scores of an int8 .tflite before they are scaled."""
    runtime = interpreter_module()
    resolver = getattr(runtime.OpResolverType, kernels)
    with native_stderr():
        interpreter = runtime.Interpreter(model_path=str(path), experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    outputs = []
    for image in pixels:
        interpreter.set_tensor(source, channels_last(image[None]))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target)[0].astype(np.int64))
    return np.array(outputs)


def write(models: Sequence[Path], out: Path) -> None:
    """Write ``golden.png``, 64 digits in 8 rows of 8, ``golden-lines.png``, 4 strips one below the other,
    ``golden-judge-first.png`` and ``golden-judge.png``, 16 nodes one below the other with their channels side by side,
    as far as ``models`` take them, and ``golden.json``: for each of ``models`` its sha256, the step of its quantization
    (of float: what counts as equal), how many steps count as equal, and its scores, a row for each input, or for each
    time step.

    Raises ModelError for a model file that does not fit, ConversionError if ``out`` cannot be written.
    """
    tasks = {path: read_spec(path).task for path in models}
    digits, lines = ([path for path, task in tasks.items() if task == wanted] for wanted in ("digits", "lines"))
    pictures: dict[str, NDArray[np.uint8]] = {}
    described: list[str] = []
    if digits:
        pixels = inputs(digits)
        size = pixels.shape[1]
        pictures[PICTURE] = pixels.reshape(-1, COLUMNS, size, size).swapaxes(1, 2).reshape(-1, COLUMNS * size)
        described += [_described(path, pixels, STEPS) for path in digits]
    if lines:
        pixels = strips(lines)
        pictures[LINES_PICTURE] = pixels.reshape(-1, pixels.shape[2])
        described += [_described(path, pixels, LINE_STEPS) for path in lines]
    for task in JUDGE_CLASSES:
        if judging := [path for path in models if tasks[path] == task]:
            pixels = nodes(judging, task)
            pictures[NODES_PICTURE.format(task=task)] = np.concatenate(np.concatenate(pixels.swapaxes(0, 1), axis=2))
            described += [_described(path, pixels, STEPS) for path in judging]
    head = f'{{"made_by": "python -m convert golden", "inputs": {json.dumps(list(pictures))}, "models": {{\n'
    with staging(out) as folder:
        for name, sheet in pictures.items():
            png = cv2.imencode(".png", sheet, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1]
            (folder / name).write_bytes(png.tobytes())
        (folder / SCORES).write_text(head + ",\n".join(described) + "\n}}\n", encoding="utf-8")
        place(sorted(folder.iterdir()), out)


def _described(path: Path, pixels: NDArray[np.uint8], steps: int) -> str:
    """What golden.json says of one file."""
    model = load_model(path)
    scores = model.scores(pixels[..., : model.spec.input_shape[1]])
    rows = ",\n".join(
        "   " + json.dumps([round(float(s), 5) for s in row]) for row in scores.reshape(-1, scores.shape[-1])
    )
    about = {"sha256": model.spec.sha256, "step": _step(path, model.spec.precision), "steps": steps}
    return f'  "{path.name}": ' + json.dumps(about)[:-1] + ', "scores": [\n' + rows + "\n  ]}"


def _step(path: Path, precision: str) -> float:
    """By how much a score changes if its integer changes by one."""
    if precision != "int8":
        return MOST_DIFFERENCE
    return round(tflite_contents(path).output[1] if path.suffix == ".tflite" else onnx_output_step(path), 7)
