"""``python -m docs.results.benchmarks.child``: a child process of the benchmark that can do more: other readers, what
the wrapper costs, ten digits as a line, and inferences for whoever counts instructions."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.benchmark import child

if TYPE_CHECKING:
    from docs.results.benchmarks.peers.readers import Sight
    from edge_digits.runtime.model import Model

MODULE = "docs.results.benchmarks.child"
OPENCV = "opencv-dnn"
"""The runtime that is a peer: OpenCV's own, with our ONNX file."""
OURS = "edge-digits"


def open_model(path: str, runtime: str, threads: int) -> Model:
    """The model file in the runtime of that name, OpenCV's among them."""
    if runtime != OPENCV:
        return child.open_model(path, runtime, threads)
    from docs.results.benchmarks.peers.opencv_dnn import OpenCvModel

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


def pictures(job: dict[str, Any]) -> dict[str, Any]:
    """Read each picture once, in a random order, with our own reader or a peer."""
    import cv2

    from device.benchmark.timing import read_pictures
    from docs.results.benchmarks.peers.opening import open_peer
    from docs.results.benchmarks.peers.readers import load_sight

    cv2.setNumThreads(job["threads"])
    if job["reader"] != OURS:
        return read_pictures(open_peer(job["reader"], job["options"]).read, load_sight, job["files"], job["seed"])
    reader = child.open_job_reader(job, open_model)

    def read(sight: Sight) -> list[str]:
        return [line.text for line in reader.read(sight.grey).lines]

    return read_pictures(read, load_sight, job["files"], job["seed"])


JOBS = {
    **child.JOBS,
    "try": partial(child.try_model, opener=open_model),
    "infer": partial(child.infer, opener=open_model, importer=import_runtime),
    "pictures": pictures,
    "repeat": repeat,
    "overhead": overhead,
    "ten_digits": ten_digits,
}

if __name__ == "__main__":
    sys.exit(child.main(JOBS))
