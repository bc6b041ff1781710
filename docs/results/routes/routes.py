"""Ways from a float ONNX graph to TFLite, float32 and int8, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from convert.foreign.graph.onnx_scores import lengths, scores, session
from edge_digits.runtime.tflite import interpreter_module

SAMPLES, COMPARED = 100, 20
_LIMIT = 600.0
_LAST = 160
"""Characters of an error that are shown."""

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Attempt:
    """What a way made of a network. error: why nothing. difference: the float file's greatest from ONNX's own scores.
    int8_difference: the int8 file's, as a share of the greatest score. int8_bytes: of the int8 file; 0 where there is
    none. floats: how many of the int8 file's tensors are float. seconds: of processor time, for both files."""

    error: str = ""
    difference: float = 0.0
    int8_difference: float = 0.0
    int8_bytes: int = 0
    floats: int = 0
    seconds: float = 0.0


def walk(graph: Path, samples: Path, folder: Path) -> tuple[Path, Path]:
    """This project's walk over the nodes. Returns the float32 and the int8 file."""
    files = folder / "walk-float32.tflite", folder / "walk-int8.tflite"
    words = ["--float32", str(files[0]), "--int8", str(files[1]), "--samples", str(samples)]
    _run(["convert.export.from_onnx.to_tflite", str(graph), *words])
    return files


def onnx2tf(graph: Path, samples: Path, folder: Path) -> tuple[Path, Path]:
    """The package onnx2tf, with the same samples, channels last."""
    last = folder / "last.npy"
    np.save(last, np.load(samples).transpose(0, 2, 3, 1))
    calibration = ["-oiqt", "-cind", "pixels", str(last), "[[[[0.0]]]]", "[[[[1.0]]]]"]
    _run(["onnx2tf", "-i", str(graph), "-o", str(folder / "made"), "-b", "1", "-n", *calibration])
    stem = folder / "made" / graph.stem
    return Path(f"{stem}_float32.tflite"), Path(f"{stem}_full_integer_quant.tflite")


Way = Callable[[Path, Path, Path], tuple[Path, Path]]
WAYS: dict[str, tuple[Way, str]] = {"walk": (walk, "tensorflow"), "onnx2tf": (onnx2tf, "onnx2tf")}
"""By name, the way and the package that it needs."""


def attempt(way: str, graph: onnx.ModelProto, folder: Path) -> Attempt:
    """Go ``way`` with ``graph``."""
    go, needed = WAYS[way]
    if find_spec(needed) is None:
        return Attempt(f"{needed} is not installed")
    _, channels, height, width = lengths(graph.graph.input[0])
    samples = np.random.default_rng(0).random((SAMPLES, channels, height, width)).astype(np.float32)
    samples[:, :, 0, 0], samples[:, :, 0, 1] = 0, 1
    onnx.save(graph, folder / "graph.onnx")
    np.save(folder / "samples.npy", samples)
    started = _processor_seconds()
    try:
        plain, small = go(folder / "graph.onnx", folder / "samples.npy", folder)
        seconds = _processor_seconds() - started
        expected = scores(session(graph), samples[:COMPARED])
        differences = [_answers(path, samples[:COMPARED], expected.shape) - expected for path in (plain, small)]
    except (RuntimeError, OSError, ValueError) as error:
        return Attempt(" ".join(str(error).split())[-_LAST:], seconds=_processor_seconds() - started)
    worst = [float(np.abs(difference).max()) for difference in differences]
    share = worst[1] / float(np.abs(expected).max())
    return Attempt("", worst[0], share, small.stat().st_size, _floats(small), seconds)


def _processor_seconds() -> float:
    """Of the processes that have ended: a busy machine makes none of them longer."""
    times = os.times()
    return times.children_user + times.children_system


def _run(words: list[str]) -> None:
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, env=environment, timeout=_LIMIT
    )
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise RuntimeError(lines[-1] if lines else f"ended with {done.returncode}")


def _interpreter(path: Path) -> Any:
    runtime = interpreter_module()
    made = runtime.Interpreter(
        model_path=str(path), experimental_op_resolver_type=runtime.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    made.allocate_tensors()
    return made


def _answers(path: Path, values: Values, shape: tuple[int, ...]) -> Values:
    running = _interpreter(path)
    source, target = running.get_input_details()[0], running.get_output_details()[0]
    made = []
    for one in values.transpose(0, 2, 3, 1):
        given, (scale, zero_point) = one, source["quantization"]
        if scale:
            limits = np.iinfo(source["dtype"])
            given = np.clip(np.round(one / scale) + zero_point, limits.min, limits.max)
        running.set_tensor(source["index"], given[None].astype(source["dtype"]).reshape(source["shape"]))
        running.invoke()
        answer, (scale, zero_point) = running.get_tensor(target["index"]).astype(np.float32), target["quantization"]
        made.append((answer - zero_point) * scale if scale else answer)
    return np.concatenate(made).reshape(shape)


def _floats(path: Path) -> int:
    return sum(np.issubdtype(tensor["dtype"], np.floating) for tensor in _interpreter(path).get_tensor_details())
