"""The benchmark as our own pages have it: in the same rounds also OpenCV's runtime, what the wrapper costs, and ten
digits as a line; beside them instructions and multiply-accumulates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from device.benchmark import jobs, run
from device.benchmark.jobs import ChildError, Job, Prepared
from device.benchmark.plan import NotRun, ReaderFiles, Variant, Wanted
from device.benchmark.results import Results
from docs.results.benchmarks import macs
from docs.results.benchmarks.child import MODULE, OPENCV
from edge_digits.errors import ConfigError
from edge_digits.runtime.spec import read_spec

SHORT = 1 / 4
"""What compares two calls in turns needs of a window: what disturbs one of them disturbs the other."""

FEW, MANY = 20, 120
"""Inferences of the two children whose instructions are counted; what start and loading take is in both."""

_COUNT = re.compile(r"(?:I\s+refs:|instructions)\s+([\d,]+)")


@dataclass(frozen=True)
class More:
    """What is measured beside what ``python -m device.benchmark`` measures. opencv: whether our ONNX files run in
    OpenCV's DNN module, too. count_instructions: words that are put in front of Python and say how many
    instructions it ran. emulated: only what a run under emulation can say, no times."""

    opencv: bool = False
    count_instructions: tuple[str, ...] = ()
    emulated: bool = False


def measure(wanted: Wanted, more: More) -> Results:
    """Measure; takes as long as is printed. Returns results as device/benchmark/schema.json says. Raises
    EdgeDigitsError."""
    counted: list[dict[str, Any]] = []

    def choose(ours: list[Job], given: Prepared, left_out: list[NotRun]) -> list[Job]:
        counted.extend(_instructions(ours, more.count_instructions))
        if more.emulated:
            return [job for job in ours if job["kind"] == "pictures"]
        return [*ours, *_ours(wanted, given), *(_opencv(wanted, given, left_out) if more.opencv else [])]

    if more.emulated:
        wanted = replace(wanted, effort=replace(wanted.effort, windows=1))
    results = run.run(wanted, choose)
    results["instructions"] = counted
    for model, path in zip(results["models"], wanted.models, strict=True):
        model |= macs.count(path) or {}
    if more.emulated:
        results["validity"] |= {"void": True, "reasons": ["emulated: its times mean nothing"]}
    return results


def _instructions(ours: Sequence[Job], before: Sequence[str]) -> list[dict[str, Any]]:
    """Instructions of one inference of every model, with one thread; none without a program that counts."""
    counts = []
    for job in ours if before else ():
        if job["kind"] == "infer" and job["threads"] == 1:
            count = instructions(job, lambda given: jobs.start(given, before).stderr)
            counts.append({**run.who_of(job), "per_inference": count})
    return counts


def instructions(job: Job, errors_of: Callable[[Job], str]) -> int:
    """Instructions of one inference of the job's model. said_by: does a job and returns what stood on standard error,
    ``I refs: 1,234`` as valgrind's cachegrind says it, or ``instructions 1234``. Raises ConfigError if there is no such
    line."""
    counts = []
    for inferences in (FEW, MANY):
        counted = _COUNT.findall(errors_of({**job, "child": MODULE, "kind": "repeat", "count": inferences}))
        if not counted:
            raise ConfigError(
                "--count-instructions: the program says no count, as 'I refs: 1,234' or 'instructions 1234'"
            )
        counts.append(int(counted[-1].replace(",", "")))
    return round((counts[1] - counts[0]) / (MANY - FEW))


def _ours(wanted: Wanted, given: Prepared) -> list[Job]:
    """What the wrapper costs, of every .tflite file for digits; and lines of ten digits."""
    single = [variant for variant in given.variants if variant.threads == 1]
    short = jobs.window(wanted, SHORT)
    made = []
    for variant in single:
        job = jobs.infer(variant, wanted, given)
        path = Path(job["model"])
        if path.suffix == ".tflite" and not read_spec(path).reads_lines:
            made.append({**job, **short, "kind": "overhead", "child": MODULE, "expected": 2 * short["expected"]})
    if given.digits is not None and given.digits[1] >= 10:
        images = str(given.digits[0])
        made += [{**job, **short, "images": images} for job in _ten_digits(jobs.readers_of(single, wanted))]
    return made


def _ten_digits(readers: Sequence[ReaderFiles]) -> list[Job]:
    """Every network for lines beside every one for digits of the same format, precision and runtime."""
    return [
        {"kind": "ten_digits", "child": MODULE, **jobs.of_reader(lines), "beside": str(digits.digits)}
        for lines in readers
        for digits in readers
        if lines.digits is None
        and digits.digits is not None
        and not digits.strips
        and (lines.runtime, lines.precision) == (digits.runtime, digits.precision)
    ]


def _opencv(wanted: Wanted, given: Prepared, left_out: list[NotRun]) -> list[Job]:
    """OpenCV's own runtime with our ONNX files, one thread: inferences and whole pictures."""
    onnx = [Variant(path.name, OPENCV, 1) for path in wanted.models if path.suffix == ".onnx"]
    variants = jobs.runnable(onnx, wanted, left_out, MODULE)
    made = [{**jobs.infer(variant, wanted, given), "child": MODULE} for variant in variants]
    for reader in jobs.readers_of(variants, wanted):
        job = {**jobs.pictures(reader, wanted), "child": MODULE}
        try:
            made.append(jobs.with_pictures(job, given.files))
        except ChildError as error:
            left_out.append(NotRun(job["reader"], str(error)))
    return made
