"""What a child process can be asked for. Light to import: what a job imports is part of what it measures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from device.benchmark.opening import OPENCV, open_model, open_own_reader


def import_runtime(runtime: str) -> None:
    """Import all that running a model in that runtime needs."""
    import edge_digits.runtime  # noqa: F401

    if runtime == "onnxruntime":
        import onnxruntime  # noqa: F401
    elif runtime != OPENCV:
        from edge_digits.runtime.tflite import interpreter_module

        interpreter_module(runtime)


def infer(job: dict[str, Any], began: float) -> dict[str, Any]:
    """Cold start, then a window of single inferences."""
    import_runtime(job["runtime"])
    imported = time.perf_counter()
    from device.benchmark.samples import load_samples
    from device.benchmark.timing import shuffled, summary, window

    samples = load_samples(Path(job["samples"]))
    before = time.perf_counter()
    model = open_model(job["model"], job["runtime"], job["threads"])
    loaded = time.perf_counter()
    model.scores(samples[0])
    first = time.perf_counter()
    result: dict[str, Any] = {
        "cold": {"import": imported - began, "load": loaded - before, "first_inference": first - loaded}
    }
    if job["seconds"]:
        took, references = window(model.scores, shuffled(samples, job["seed"]), job["seconds"], job["warm_up"])
        result |= summary(took)
        result["reference"] = summary(references)["p50"]
    return result


def try_model(job: dict[str, Any], began: float) -> dict[str, Any]:
    """Load the model and run it once on an empty picture: whether the runtime is there and can."""
    import numpy as np

    model = open_model(job["model"], job["runtime"], job["threads"])
    model.scores(np.zeros((1, *model.spec.pixels_shape), np.uint8))
    return {}


def repeat(job: dict[str, Any], began: float) -> dict[str, Any]:
    """So many inferences and nothing else, for whoever counts instructions."""
    from device.benchmark.samples import load_samples

    samples = load_samples(Path(job["samples"]))
    model = open_model(job["model"], job["runtime"], job["threads"])
    for index in range(job["count"]):
        model.scores(samples[index % len(samples)])
    return {}


def overhead(job: dict[str, Any], began: float) -> dict[str, Any]:
    """How much more the wrapper takes than the bare interpreter's ``invoke``, for one digit and for ten."""
    from device.benchmark.overhead import ratios
    from device.benchmark.samples import load_samples

    return {"ratios": ratios(job["model"], job["runtime"], load_samples(Path(job["samples"])), job["seconds"])}


def ten_digits(job: dict[str, Any], began: float) -> dict[str, Any]:
    """What a line of ten digits takes in a network that reads lines, and what the ten take one by one."""
    from device.benchmark.ten_digits import times
    from edge_digits.lines.line_reader import LineReader

    strips = [open_model(path, job["runtime"], job["threads"]) for path in job["strips"]]
    digits = open_model(job["beside"], job["runtime"], job["threads"])
    return times(digits, LineReader(strips), Path(job["images"]), job["seconds"])


def road(job: dict[str, Any], began: float) -> dict[str, Any]:
    """A window of camera frames through the loop that ships."""
    import numpy as np

    from device.benchmark.stages import time_frames

    return time_frames(open_own_reader(job), np.load(job["frames"]), job["seconds"], job["warm_up"])


def accuracy(job: dict[str, Any], began: float) -> dict[str, Any]:
    """Which of labelled digits the model reads rightly."""
    from device.benchmark.accuracy import right_digits

    return {"right": right_digits(open_model(job["model"], job["runtime"], job["threads"]), Path(job["images"]))}


def pictures(job: dict[str, Any], began: float) -> dict[str, Any]:
    """Read each picture once, in a random order."""
    from device.benchmark.reading import open_any_reader, read_pictures

    return read_pictures(open_any_reader(job), job["files"], job["seed"])


DO: dict[str, Callable[[dict[str, Any], float], dict[str, Any]]] = {
    "try": try_model,
    "infer": infer,
    "repeat": repeat,
    "overhead": overhead,
    "ten_digits": ten_digits,
    "road": road,
    "accuracy": accuracy,
    "pictures": pictures,
}
