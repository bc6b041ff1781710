"""What is to be converted, and what the spec of each of its files says of that."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from convert.foreign.graph.declared import Declared
from convert.provenance import version_of
from edge_digits.charset import DIGITS
from edge_digits.runtime.spec import ModelSpec, sha256_of
from train.provenance import commit

_TOOLS = {"tflite": ("tensorflow", "ai-edge-litert"), "onnx": ("onnxruntime",)}
_KIND_TOOLS = {
    "keras": ("keras", "tf2onnx"),
    "saved-model": ("tf2onnx",),
    "exported-program": ("torch",),
    "module": ("torch",),
}


@dataclass(frozen=True)
class Job:
    """model: as the command line names it. name: of the files. samples: folder of pictures. labels: of them, a table.
    share: one in so many pictures is used."""

    model: str
    name: str
    samples: Path
    labels: Path | None
    out: Path
    declared: Declared
    formats: tuple[str, ...]
    precisions: tuple[str, ...]
    share: int = 1


def file_spec(
    job: Job,
    about: ModelSpec,
    kind: str,
    path: Path,
    precision: str,
    samples: Path,
    count: int,
    remedies: Sequence[str] = (),
) -> ModelSpec:
    """The spec of the file ``path``. about: what all files have in common. kind: of MODEL. samples: what calibrates
    int8, as a file; count: of these. remedies: that it was made with, as it lost too much without."""
    conversion: dict[str, Any] = {
        "command": command(job),
        "commit": commit(),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "tools": tools(job, kind),
    }
    if precision == "int8":
        conversion["quantization"] = f"post-training, per channel, {count} calibration samples"
        conversion["quantization"] += "".join(f", {name}" for name in remedies)
    origin = {"model": Path(job.model).name, "kind": kind, "conversion": conversion}
    if Path(job.model).is_file():
        origin["model_sha256"] = sha256_of(Path(job.model))
    return replace(
        about,
        format=path.suffix[1:],
        precision=precision,
        sha256=sha256_of(path),
        calibration=sha256_of(samples) if precision == "int8" else None,
        origin=origin,
    )


def tools(job: Job, kind: str) -> dict[str, str]:
    """Versions of what converts a model of ``kind``."""
    names = [*_KIND_TOOLS.get(kind, ()), *(tool for name in job.formats for tool in _TOOLS[name]), "onnx", "numpy"]
    return {tool: version_of(tool) for tool in dict.fromkeys(names)}


def command(job: Job) -> str:
    """The command line that makes these files; folders are the user's own and left out."""
    about, declared = job.declared.preprocessing, job.declared
    words = ["python", "-m", "convert", "file", Path(job.model).name]
    if about.colour != "grey":
        words += ["--colour", about.colour]
    if about.scale != 1 / 255:
        words += ["--scale", f"{about.scale:.12g}"]
    for name, values, usual in (("--mean", about.mean, (0.0,)), ("--std", about.std, (1.0,))):
        if values != usual:
            words += [name, ",".join(f"{value:.12g}" for value in values)]
    words += ["--invert"] * about.invert + (["--layout", declared.layout] if declared.layout else [])
    if declared.size:
        words += ["--size", "{}x{}".format(*declared.size)]
    words += ["--charset", declared.charset] if declared.charset != DIGITS else []
    words += ["--blank", "first"] * declared.blank_first
    return shlex.join(words)
