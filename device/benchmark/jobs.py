"""Jobs: what one round asks of child processes, how long that will take, and how one is done."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from device.benchmark import machine
from device.benchmark.plan import (
    CHILD_SECONDS,
    RUNTIMES,
    NotRun,
    ReaderFiles,
    Variant,
    Wanted,
    on_the_road,
    readers,
)
from device.benchmark.samples import samples_of
from edge_digits.errors import EdgeDigitsError
from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.runtime.spec import read_spec

Job = dict[str, Any]
"""``kind`` as ``device.benchmark.child.JOBS`` has them, what that function needs, and ``expected``, seconds."""

CHILD = "device.benchmark.child"

TRIED = 3
"""Pictures that every reader of pictures is tried on, to see whether it runs and how long all of them will take."""

LINE_SECONDS, DIGIT_SECONDS = 2e-3, 1e-4
"""About what judging one digit takes as a line of one, and as a digit."""


class ChildError(EdgeDigitsError):
    """A child process failed; the message is what it said."""


@dataclass(frozen=True)
class Prepared:
    """What the children are given. variants: of the models that run here. sets: pictures by the name of their set.
    digits: file with single digits, and how many; None without them."""

    folder: Path
    variants: Sequence[Variant]
    sets: dict[str, list[LabelledPicture]]
    digits: tuple[Path, int] | None

    @property
    def files(self) -> list[str]:
        """All pictures, set after set."""
        return [str(picture.path.resolve()) for pictures in self.sets.values() for picture in pictures]


def call(job: Job) -> dict[str, Any]:
    """Do ``job`` in a child process and return its result. Raises ChildError."""
    return json.loads(start(job).stdout)


def start(job: Job, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Do ``job`` in a child process, which runs the module ``job["child"]`` or our own. before: stands in front of its
    command. Raises ChildError."""
    environment = dict(os.environ) | {
        "OMP_NUM_THREADS": str(job.get("threads", 1)),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(machine.ROOT), os.environ.get("PYTHONPATH")))),
    }
    command = [*before, sys.executable, "-m", job.get("child", CHILD)]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, env=environment, process_group=0, **pipes) as child:
        try:
            output, errors = child.communicate(json.dumps(job))
        except BaseException:
            # With all that it started: what stands in front of Python may run it as a child of its own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode:
        errors = errors.strip()
        last = (errors.splitlines() or [f"ended with {child.returncode}"])[-1]
        raise ChildError(errors if job.get("debug") else last)
    return subprocess.CompletedProcess(command, child.returncode, output, errors)


def missing_runtimes(models: Sequence[Path]) -> dict[str, str]:
    """Runtimes that cannot run any of ``models`` here, and why: tried, in children."""
    reasons = {}
    for suffix, runtimes in RUNTIMES.items():
        first = next((path for path in models if path.suffix == suffix), None)
        for runtime in runtimes if first is not None else ():
            try:
                call({"kind": "try", "model": str(first), "runtime": runtime, "threads": 1})
            except ChildError as error:
                reasons[runtime] = str(error)
    return reasons


def runnable(variants: Sequence[Variant], wanted: Wanted, left_out: list[NotRun], child: str = CHILD) -> list[Variant]:
    """The variants whose file the runtime can run; the others are put into ``left_out``. A runtime that runs one
    network may lack what another one needs. child: the module that opens them."""
    paths = {path.name: path for path in wanted.models}
    reasons: dict[tuple[str, str], str] = {}
    for model, runtime in dict.fromkeys((v.model, v.runtime) for v in variants):
        try:
            call({"kind": "try", "child": child, "model": str(paths[model]), "runtime": runtime, "threads": 1})
        except ChildError as error:
            reasons[model, runtime] = str(error).replace(str(paths[model]), model)
    left_out += [NotRun(f"{model}, {runtime}", reason) for (model, runtime), reason in reasons.items()]
    return [v for v in variants if (v.model, v.runtime) not in reasons]


def readers_of(variants: Sequence[Variant], wanted: Wanted) -> list[ReaderFiles]:
    """The readers that the variants' files make, in each runtime."""
    paths = {path.name: path for path in wanted.models}
    return readers((paths[model], runtime) for model, runtime in dict.fromkeys((v.model, v.runtime) for v in variants))


def round_of_jobs(wanted: Wanted, given: Prepared) -> list[Job]:
    """The windows of one round."""
    ours = readers_of([variant for variant in given.variants if variant.threads == 1], wanted)
    frames = {"kind": "road", "frames": str(given.folder / "frames.npy")}
    return [
        *(infer(variant, wanted, given) for variant in given.variants),
        *({**frames, **of_reader(reader), **window(wanted)} for reader in on_the_road(ours)),
        *(with_pictures(pictures(reader, wanted), given.files) for reader in ours),
    ]


def window(wanted: Wanted, share: float = 1.0) -> Job:
    """What every job has that is measured for a time, or for a share of it."""
    seconds, warm_up = wanted.effort.seconds * share, wanted.effort.warm_up
    return {"seconds": seconds, "warm_up": warm_up, "debug": wanted.debug, "expected": seconds + warm_up}


def infer(variant: Variant, wanted: Wanted, given: Prepared) -> Job:
    """A window of single inferences."""
    path = next(path for path in wanted.models if path.name == variant.model)
    settings = {"model": str(path), "runtime": variant.runtime, "threads": variant.threads}
    return {"kind": "infer", "samples": str(samples_of(given.folder, path)), **settings, **window(wanted)}


def of_reader(reader: ReaderFiles) -> Job:
    """What every job has that opens one of our own readers."""
    strips = [str(path) for path in reader.strips]
    digits = None if reader.digits is None else str(reader.digits)
    return {"model": reader.name, "runtime": reader.runtime, "threads": 1, "digits": digits, "strips": strips}


def pictures(reader: ReaderFiles, wanted: Wanted) -> Job:
    """Whole pictures by one of our own readers; they are still to be named."""
    return {"kind": "pictures", "debug": wanted.debug, "reader": "edge-digits", **of_reader(reader)}


def with_pictures(job: Job, files: Sequence[str]) -> Job:
    """``job`` with all the pictures; it is tried on some of them first. Raises ChildError if it cannot be done."""
    some = [files[index] for index in np.linspace(0, len(files) - 1, TRIED).astype(int)]
    took = call({**job, "files": some, "seed": 0})["seconds"]
    return {**job, "files": list(files), "expected": float(np.mean(took)) * (len(files) + 1)}


def accuracy_jobs(wanted: Wanted, given: Prepared) -> list[Job]:
    """One job for each model file and runtime."""
    if given.digits is None:
        return []
    paths = {path.name: path for path in wanted.models}
    images, count = given.digits
    common = {"kind": "accuracy", "threads": 1, "debug": wanted.debug, "images": str(images)}
    jobs = []
    for model, runtime in dict.fromkeys((variant.model, variant.runtime) for variant in given.variants):
        each = LINE_SECONDS if read_spec(paths[model]).reads_lines else DIGIT_SECONDS
        jobs.append({**common, "model": str(paths[model]), "runtime": runtime, "expected": count * each})
    return jobs


def expected(jobs: Sequence[Job]) -> float:
    """Seconds that the jobs will take about, done once."""
    return sum(job["expected"] + CHILD_SECONDS for job in jobs)
