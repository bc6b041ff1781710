"""``python -m docs.results.benchmarks.child``: a child process of the benchmark that can do more: OpenCV's runtime,
what the wrapper costs, ten digits as a line, and inferences for whoever counts instructions."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.benchmark import child

if TYPE_CHECKING:
    from edge_digits.runtime.model import Model

MODULE = "docs.results.benchmarks.child"
OPENCV = "opencv-dnn"
"""OpenCV's own runtime, with our ONNX file."""


def open_model(path: str, runtime: str, threads: int) -> Model:
    """The model file in the runtime of that name, OpenCV's among them."""
    if runtime != OPENCV:
        return child.open_model(path, runtime, threads)
    from docs.results.benchmarks.opencv_dnn import OpenCvModel

    return OpenCvModel(Path(path), threads)


def import_runtime(runtime: str) -> None:
    """Import all that running a model in that runtime needs."""
    if runtime != OPENCV:
        child.import_runtime(runtime)


def repeat(job: dict[str, Any]) -> dict[str, Any]:
    """So many inferences and nothing else."""
    from device.benchmark.samples import load_samples

    samples = load_samples(Path(job["samples"]))
    model = open_model(job["model"], job["runtime"], job["threads"])
    for index in range(job["count"]):
        model.scores(samples[index % len(samples)])
    return {}


def overhead(job: dict[str, Any]) -> dict[str, Any]:
    """How much more the wrapper takes than the bare interpreter's ``invoke``, for one digit and for ten."""
    from device.benchmark.samples import load_samples
    from docs.results.benchmarks.turns import wrapper_ratios

    samples = load_samples(Path(job["samples"]))
    return {"ratios": wrapper_ratios(job["model"], job["runtime"], samples, job["seconds"])}


def ten_digits(job: dict[str, Any]) -> dict[str, Any]:
    """What a line of ten digits takes in a network that reads lines, and what the ten take one by one."""
    from docs.results.benchmarks.turns import times_of_ten
    from edge_digits.lines.line_reader import LineReader

    strips = [open_model(path, job["runtime"], job["threads"]) for path in job["strips"]]
    digits = open_model(job["beside"], job["runtime"], job["threads"])
    return times_of_ten(digits, LineReader(strips), Path(job["images"]), job["seconds"])


JOBS = {
    **child.JOBS,
    "try": partial(child.try_model, opener=open_model),
    "infer": partial(child.infer, opener=open_model, importer=import_runtime),
    "pictures": partial(child.pictures, opener=open_model),
    "repeat": repeat,
    "overhead": overhead,
    "ten_digits": ten_digits,
}

if __name__ == "__main__":
    sys.exit(child.main(JOBS))
