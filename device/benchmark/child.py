"""``python -m device.benchmark.child``: one window in a process of its own; a job comes in as JSON.

A process of its own has its own start, memory and luck (where its code and data lie): windows differ between runs of a
program as they do here, and only so is their spread worth anything (Mytkowicz et al. 2009; Kalibera and Jones 2013).
Light to import: what a job imports is part of what it measures.
"""

from __future__ import annotations

import time

BEGAN = time.perf_counter()

# ruff: noqa: E402
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge_digits.reader import DigitReader
    from edge_digits.runtime.model import Model

Job = Callable[[dict[str, Any]], dict[str, Any]]
"""What is done with a job: returns its result."""
Opener = Callable[[str, str, int], "Model"]
"""Opens a model file in a runtime with so many threads."""


def import_runtime(runtime: str) -> None:
    """Import all that running a model in that runtime needs."""
    import edge_digits.runtime  # noqa: F401

    if runtime == "onnxruntime":
        import onnxruntime  # noqa: F401
    else:
        from edge_digits.runtime.tflite import interpreter_module

        interpreter_module(runtime)


def open_model(path: str, runtime: str, threads: int) -> Model:
    """The model file in the runtime of that name."""
    from edge_digits.runtime.load import load_model

    return load_model(path, threads, None if runtime == "onnxruntime" else runtime)


def open_job_reader(job: dict[str, Any], opener: Opener = open_model) -> DigitReader:
    """The reader that ships, around the job's files: one for digits, those for strips, or all of them."""
    import cv2

    from edge_digits.lines.line_reader import LineReader
    from edge_digits.reader import DigitReader

    cv2.setNumThreads(job["threads"])
    strips = [opener(path, job["runtime"], job["threads"]) for path in job["strips"]]
    digits = opener(job["digits"], job["runtime"], job["threads"]) if job["digits"] else strips[0]
    return DigitReader(digits, lines=LineReader(strips) if strips else None)


def infer(
    job: dict[str, Any], opener: Opener = open_model, importer: Callable[[str], None] = import_runtime
) -> dict[str, Any]:
    """Cold start, then a window of single inferences."""
    importer(job["runtime"])
    imported = time.perf_counter()
    from device.benchmark.samples import load_samples
    from device.benchmark.timing import shuffled, summary, window

    samples = load_samples(Path(job["samples"]))
    before = time.perf_counter()
    model = opener(job["model"], job["runtime"], job["threads"])
    loaded = time.perf_counter()
    model.scores(samples[0])
    first = time.perf_counter()
    result: dict[str, Any] = {
        "cold": {"import": imported - BEGAN, "load": loaded - before, "first_inference": first - loaded}
    }
    took, references = window(model.scores, shuffled(samples, job["seed"]), job["seconds"], job["warm_up"])
    return result | summary(took) | {"reference": summary(references)["p50"]}


def try_model(job: dict[str, Any], opener: Opener = open_model) -> dict[str, Any]:
    """Load the model and run it once on an empty picture: whether the runtime is there and can."""
    import numpy as np

    model = opener(job["model"], job["runtime"], job["threads"])
    model.scores(np.zeros((1, *model.spec.pixels_shape), np.uint8))
    return {}


def road(job: dict[str, Any]) -> dict[str, Any]:
    """A window of camera frames through the loop that ships."""
    import numpy as np

    from device.benchmark.stages import time_frames

    return time_frames(open_job_reader(job), np.load(job["frames"]), job["seconds"], job["warm_up"])


def accuracy(job: dict[str, Any]) -> dict[str, Any]:
    """Which of labelled digits the model reads rightly."""
    from device.benchmark.samples import right_digits

    return {"right": right_digits(open_model(job["model"], job["runtime"], job["threads"]), Path(job["images"]))}


def pictures(job: dict[str, Any], opener: Opener = open_model) -> dict[str, Any]:
    """Read each picture once, in a random order."""
    from device.benchmark.timing import read_pictures
    from edge_digits.io.image import load_grey

    reader = open_job_reader(job, opener)

    def read(grey: Any) -> list[str]:
        return [line.text for line in reader.read(grey).lines]

    return read_pictures(read, load_grey, job["files"], job["seed"])


JOBS: Mapping[str, Job] = {
    "try": try_model,
    "infer": infer,
    "road": road,
    "accuracy": accuracy,
    "pictures": pictures,
}
"""By the ``kind`` of a job."""


def peak_memory() -> int | None:
    """Bytes of memory that this process held at most.

    ``ru_maxrss`` would not do: Linux lets a child begin with its parent's.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def waited() -> float | None:
    """Share of its time that the main thread wanted to run and did not get a core, 0..1; None where nobody tells."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as times:  # noqa: PTH123
            running, waiting, _ = map(int, times.read().split())
        return waiting / (running + waiting)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def main(jobs: Mapping[str, Job] = JOBS) -> int:
    """Do the job on standard input, one of ``jobs``; returns 0, or 1 with one line on standard error."""
    job: dict[str, Any] = json.load(sys.stdin)
    # What libraries print belongs to nobody's result.
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        result = jobs[job["kind"]](job)
    except Exception as error:
        if job.get("debug"):
            raise
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    result |= {"peak_memory": peak_memory(), "waited": waited()}
    with os.fdopen(answer, "w") as out:
        json.dump(result, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
