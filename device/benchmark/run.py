"""A whole benchmark: prepare the inputs, send out the children round by round, say how long it still takes, collect."""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from device.benchmark import machine
from device.benchmark.jobs import (
    Job,
    Prepared,
    accuracy_jobs,
    call,
    expected,
    missing_runtimes,
    readers_of,
    round_of_jobs,
    runnable,
)
from device.benchmark.plan import NotRun, Wanted, plan_variants, rounds, with_one_thread
from device.benchmark.results import SCHEMA_VERSION, Results
from device.benchmark.samples import picture_sets, prepare_digits, prepare_samples
from edge_digits.cli.system_info import throttled
from edge_digits.errors import RuntimeMissingError
from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.runtime.spec import read_spec

EVERY = 30.0
"""Seconds between two lines about the progress where standard error is no terminal."""

Choice = Callable[[list[Job], Prepared, list[NotRun]], list[Job]]
"""Which jobs a round has, given those that it would have; what of them cannot be run is added to the last."""


def as_they_are(jobs: list[Job], given: Prepared, left_out: list[NotRun]) -> list[Job]:
    """The choice of ``python -m device.benchmark``."""
    return jobs


def run(wanted: Wanted, choose: Choice = as_they_are) -> Results:
    """Measure; takes as long as is printed. Returns the results, as schema.json says. Raises EdgeDigitsError."""
    effort = wanted.effort
    began = time.monotonic()
    before = throttled()
    results: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "started": machine.now(),
        "seed": wanted.seed,
        "effort": asdict(effort),
        "machine": machine.describe(),
        "models": [_model(path) for path in wanted.models],
    }
    left_out: list[NotRun] = []
    with tempfile.TemporaryDirectory(prefix="edge-digits-benchmark-") as name:
        folder = Path(name)
        print("preparing pages and samples, and trying every file in its runtime", file=sys.stderr, flush=True)
        sets = picture_sets(wanted, folder)
        missing = missing_runtimes(wanted.models)
        one_thread = with_one_thread(wanted.models)
        variants, not_run = plan_variants(wanted.models, wanted.threads, machine.cores(), missing, one_thread)
        left_out += not_run
        variants = runnable(variants, wanted, left_out)
        if not variants:
            raise RuntimeMissingError("; ".join(f"{item.what}: {item.reason}" for item in left_out))
        prepare_samples(readers_of(variants, wanted), folder)
        given = Prepared(folder, variants, sets, prepare_digits(wanted, folder, left_out))
        jobs = choose(round_of_jobs(wanted, given), given, left_out)
        judged = accuracy_jobs(wanted, given)
        seconds, windows = effort.windows * expected(jobs) + expected(judged), effort.windows * len(jobs)
        progress = Progress(windows + len(judged), seconds)
        notice = (
            f"{effort.windows * len(jobs)} windows and {len(judged)} files on single digits, about {duration(seconds)}"
        )
        print(notice, file=sys.stderr, flush=True)
        done, states = _rounds(jobs, wanted, progress)
        results["digits"] = _on_digits(judged, given, progress)
    results["sets"] = {name: _told(pictures, wanted.pictures) for name, pictures in sets.items()}
    results |= {"instructions": [], **_collect(jobs, done, sets)}
    results["left_out"] = [asdict(item) for item in left_out]
    results["validity"] = machine.judge(before, states)
    results["machine"]["load_after"] = os.getloadavg()[0]
    results["seconds"] = time.monotonic() - began
    return results


def who_of(job: Job) -> dict[str, Any]:
    """What was measured: reader, model, runtime, threads, and beside which model."""
    kept = {key: job[key] for key in ("reader", "runtime", "threads") if key in job}
    return {**kept, **{key: Path(job[key]).name for key in ("model", "beside") if key in job}}


def _rounds(
    jobs: list[Job], wanted: Wanted, progress: Progress
) -> tuple[list[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Do every job once in each round. Returns the results of each job, in the order of the rounds, and
    the machine's states."""
    done: list[list[dict[str, Any]]] = [[] for _ in jobs]
    states = []
    for number, order in enumerate(rounds(range(len(jobs)), wanted.effort.windows, wanted.seed)):
        for index in order:
            job = jobs[index]
            with machine.Watch(f"{job.get('threads', 1)} threads") as watch:
                result = call({**job, "seed": wanted.seed + number})
            done[index].append({"round": number, "place": len(states), **result})
            states.append(watch.state())
            progress.done(expected([job]))
    return done, states


def _on_digits(jobs: list[Job], given: Prepared, progress: Progress) -> list[dict[str, Any]]:
    """Which single digits every file reads rightly."""
    entries = []
    for job in jobs:
        assert given.digits is not None, "there are no such jobs without digits"
        entries.append({"set": "mnist-test", "count": given.digits[1], **who_of(job), **call(job)})
        progress.done(expected([job]))
    return entries


def _collect(jobs: list[Job], done: list[list[dict[str, Any]]], sets: dict[str, list[Any]]) -> dict[str, Any]:
    """The children's results by kind, and what was read by set of pictures."""
    entries: dict[str, Any] = {"infer": [], "overhead": [], "ten_digits": [], "road": [], "reading": []}
    for job, windows in zip(jobs, done, strict=True):
        if job["kind"] != "pictures":
            entries[job["kind"]].append({**who_of(job), "windows": windows})
            continue
        start = 0
        for name, pictures in sets.items():
            part = slice(start, start + len(pictures))
            start += len(pictures)
            times = [{**window, "seconds": window["seconds"][part]} for window in windows]
            lines = [window.pop("lines")[part] for window in times]
            entries["reading"].append({**who_of(job), "set": name, "lines": lines[0], "windows": times})
    return entries


def _model(path: Path) -> dict[str, Any]:
    spec = read_spec(path)
    return {
        "file": path.name,
        "network": spec.name,
        "precision": spec.precision,
        "reads_lines": spec.reads_lines,
        "input": list(spec.input_shape),
        "sha256": spec.sha256,
        "bytes": path.stat().st_size,
        # Nobody counts them here.
        **dict.fromkeys(("macs", "weights", "weight_bytes")),
    }


def _told(pictures: Sequence[LabelledPicture], folder: Path | None) -> list[dict[str, Any]]:
    """What the results say of the pictures of a set. Those that may not be shown have numbers in place of names."""
    sources = sorted({picture.source for picture in pictures})
    return [
        _picture(picture, folder)
        if picture.may_be_shown
        else _described(picture, f"{picture.part}/{number}", f"source {1 + sources.index(picture.source)}")
        for number, picture in enumerate(pictures, 1)
    ]


def _picture(picture: LabelledPicture, folder: Path | None) -> dict[str, Any]:
    inside = folder is not None and picture.path.is_relative_to(folder)
    name = picture.path.relative_to(folder) if inside and folder is not None else Path(picture.path.name)
    return _described(picture, name.as_posix(), picture.source)


def _described(picture: LabelledPicture, file: str, source: str) -> dict[str, Any]:
    return {
        "file": file,
        "lines": list(picture.lines),
        "match": picture.match,
        "category": picture.category,
        "source": source,
    }


def duration(seconds: float) -> str:
    """In words, rounded up: "40 s", "12 min", "1 h 5 min"."""
    if seconds <= 90:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes <= 90 else f"{minutes // 60} h {minutes % 60} min"


class Progress:
    """Says after each piece of work how many are done and how long the others will take.

    count: of the pieces; expected: seconds of all of them, as far as was known before. The time left is what is still
    expected, times how much longer than expected those took that are done. clock: seconds.
    """

    def __init__(self, count: int, expected: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._expected, self._clock = count, expected, clock
        self._done, self._was_expected = 0, 0.0
        self._began = self._shown_at = clock()

    @property
    def left(self) -> float:
        """Seconds."""
        slower = (self._clock() - self._began) / self._was_expected if self._was_expected else 1.0
        return max(0.0, self._expected - self._was_expected) * slower

    def done(self, expected: float) -> None:
        """One more is done, which was expected to take so many seconds."""
        self._done += 1
        self._was_expected += expected
        is_last = self._done == self._count
        text = f"{self._done}/{self._count}" + ("" if is_last else f", about {duration(self.left)} left")
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="\n" if is_last else "", file=sys.stderr, flush=True)
        elif is_last or self._clock() - self._shown_at >= EVERY:
            self._shown_at = self._clock()
            print(text, file=sys.stderr, flush=True)
