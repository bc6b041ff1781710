"""A whole benchmark: prepare the inputs, send out the children round by round, collect what they say."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from device.benchmark import instructions, machine, macs
from device.benchmark.inputs import picture_sets, prepare_digits, prepare_samples, samples_of
from device.benchmark.jobs import OPENCV
from device.benchmark.peers import PEERS
from device.benchmark.plan import CHILD_SECONDS, NotRun, Variant, Wanted, plan_variants, rounds
from device.benchmark.processes import ChildError, Job, call, missing_runtimes, start
from device.benchmark.results import SCHEMA_VERSION
from edge_digits.errors import RuntimeMissingError
from edge_digits.facts import throttled
from edge_digits.labelled import LabelledPicture
from edge_digits.model_spec import read_spec
from edge_digits.reader import line_models, shipped_models


def run(wanted: Wanted) -> dict[str, Any]:
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
        print("preparing pages and samples", file=sys.stderr, flush=True)
        sets = picture_sets(wanted, folder)
        missing = missing_runtimes(wanted.models)
        variants, not_run = plan_variants(wanted.models, wanted.threads, machine.cores(), missing)
        left_out += not_run
        if not variants:
            raise RuntimeMissingError("; ".join(f"{item.what}: {item.reason}" for item in left_out))
        prepare_samples(wanted.models, variants, folder)
        digits = prepare_digits(wanted, folder, left_out)
        jobs = _jobs(wanted, variants, sets, folder, left_out)
        results["instructions"] = _instructions(jobs, wanted)
        if wanted.emulated:
            jobs = [job for job in jobs if job["kind"] == "pictures"]
        done, states = _rounds(jobs, wanted)
        results["digits"] = [
            {"set": "mnist-test", "count": digits[1], **_who(job), **call({**job, "digits": str(digits[0])})}
            for job in _accuracy_jobs(variants, wanted)
            if digits is not None
        ]
    results["sets"] = {
        name: [_picture(picture, wanted.pictures) for picture in pictures] for name, pictures in sets.items()
    }
    results |= _collect(jobs, done, sets)
    results["left_out"] = [asdict(item) for item in left_out]
    results["validity"] = machine.judge(before, states)
    if wanted.emulated:
        results["validity"] |= {"void": True, "reasons": ["emulated: its times mean nothing"]}
    results["machine"]["load_after"] = os.getloadavg()[0]
    results["seconds"] = time.monotonic() - began
    return results


def _who(job: Job) -> dict[str, Any]:
    """What was measured: reader, model, runtime, threads."""
    kept = {key: job[key] for key in ("reader", "runtime", "threads") if key in job}
    return {**kept, **({"model": Path(job["model"]).name} if "model" in job else {})}


def _jobs(
    wanted: Wanted,
    variants: Sequence[Variant],
    sets: dict[str, list[LabelledPicture]],
    folder: Path,
    left_out: list[NotRun],
) -> list[Job]:
    """The windows of one round."""
    effort = wanted.effort
    paths = {path.name: path for path in wanted.models}
    common = {"seconds": effort.seconds, "warm_up": effort.warm_up, "debug": wanted.debug}
    files = [str(picture.path.resolve()) for pictures in sets.values() for picture in pictures]
    whole = {"kind": "pictures", "files": files, "debug": wanted.debug, "options": {"demo_cnn": str(wanted.demo_cnn)}}
    jobs: list[Job] = []
    if wanted.peers:
        onnx = [path for path in wanted.models if path.suffix == ".onnx"]
        opencv = [Variant(path.name, OPENCV, 1) for path in onnx]
        for variant in list(opencv):
            try:
                call({"kind": "try", "model": str(paths[variant.model]), "runtime": OPENCV, "threads": 1})
            except ChildError as error:
                left_out.append(NotRun(f"{variant.model}, {OPENCV}", str(error)))
                opencv.remove(variant)
        variants = [*variants, *opencv]
    for variant in variants:
        path = paths[variant.model]
        own = {"model": str(path), "runtime": variant.runtime, "threads": variant.threads, **common}
        jobs.append({"kind": "infer", "samples": str(samples_of(folder, path)), **own})
        if variant.threads != 1:
            continue
        if path.suffix == ".tflite":
            short = {**own, "seconds": own["seconds"] / 4}
            jobs.append({"kind": "overhead", "samples": str(samples_of(folder, path)), **short})
        if variant.runtime != OPENCV:
            jobs.append({"kind": "road", "frames": str(folder / "frames.npy"), **own})
        jobs.append({**whole, "reader": "edge-digits", **own})
    tflite = next((variant.runtime for variant in variants if variant.model.endswith(".tflite")), None)
    if tflite is not None and line_models() and set(wanted.models) == set(shipped_models()):
        # What people use: digit by digit, and the line network for what touches.
        together = {"model": "auto", "runtime": tflite, "threads": 1, **common}
        jobs.append({"kind": "road", "frames": str(folder / "frames.npy"), **together})
        jobs.append({**whole, "reader": "edge-digits", **together})
    for name in PEERS if wanted.peers else ():
        if name == "demo-cnn" and wanted.demo_cnn is None:
            left_out.append(NotRun(name, "no network was given (--demo-cnn FILE)"))
            continue
        job = {**whole, "reader": name, "threads": 1}
        try:
            call({**job, "files": files[:1], "seed": 0})
        except ChildError as error:
            left_out.append(NotRun(name, str(error)))
        else:
            jobs.append(job)
    return jobs


def _accuracy_jobs(variants: Sequence[Variant], wanted: Wanted) -> list[Job]:
    """One job for each model file and runtime that reads single digits."""
    paths = {path.name: path for path in wanted.models}
    pairs = dict.fromkeys((variant.model, variant.runtime) for variant in variants)
    return [
        {"kind": "accuracy", "model": str(paths[model]), "runtime": runtime, "threads": 1, "debug": wanted.debug}
        for model, runtime in pairs
        if not read_spec(paths[model]).reads_lines
    ]


def _instructions(jobs: list[Job], wanted: Wanted) -> list[dict[str, Any]]:
    """Instructions of one inference of every model, with one thread."""
    if wanted.count_instructions is None:
        return []
    before = shlex.split(wanted.count_instructions)
    return [
        {**_who(job), "per_inference": instructions.count(job, lambda given: start(given, before).stderr)}
        for job in jobs
        if job["kind"] == "infer" and job["threads"] == 1
    ]


def _rounds(jobs: list[Job], wanted: Wanted) -> tuple[list[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Do every job once in each round. Returns the results of each job, in the order of the rounds, and the machine's
    states."""
    windows = 1 if wanted.emulated else wanted.effort.windows
    estimate = windows * sum(job.get("seconds", 10.0) + CHILD_SECONDS for job in jobs)
    total = windows * len(jobs)
    print(f"{total} windows, about {estimate / 60:.0f} minutes", file=sys.stderr, flush=True)
    done: list[list[dict[str, Any]]] = [[] for _ in jobs]
    states = []
    count = 0
    began = time.monotonic()
    for number, order in enumerate(rounds(range(len(jobs)), windows, wanted.seed)):
        for index in order:
            job = jobs[index]
            with machine.Watch(f"{job.get('threads', 1)} threads") as watch:
                result = call({**job, "seed": wanted.seed + number})
            states.append(watch.state())
            done[index].append({"round": number, "place": count, **result})
            count += 1
            left = (time.monotonic() - began) / count * (total - count)
            end = "\n" if count == total else ""
            progress = f"\r{count}/{total}, about {left / 60:.0f} min left  "
            print(progress, end=end, file=sys.stderr, flush=True)
    return done, states


def _collect(jobs: list[Job], done: list[list[dict[str, Any]]], sets: dict[str, list[Any]]) -> dict[str, Any]:
    """The children's results by kind, and what was read by set of pictures."""
    found: dict[str, Any] = {"infer": [], "overhead": [], "road": [], "reading": []}
    for job, windows in zip(jobs, done, strict=True):
        if job["kind"] != "pictures":
            found[job["kind"]].append({**_who(job), "windows": windows})
            continue
        start = 0
        for name, pictures in sets.items():
            part = slice(start, start + len(pictures))
            start += len(pictures)
            times = [{**window, "seconds": window["seconds"][part]} for window in windows]
            lines = [window.pop("lines")[part] for window in times]
            found["reading"].append({**_who(job), "set": name, "lines": lines[0], "windows": times})
    return found


def _model(path: Path) -> dict[str, Any]:
    spec = read_spec(path)
    return {
        "file": path.name,
        "network": spec.name,
        "precision": spec.precision,
        "sha256": spec.sha256,
        "bytes": path.stat().st_size,
        **(macs.count(path) or {"macs": None, "weights": None, "weight_bytes": None}),
    }


def _picture(picture: LabelledPicture, folder: Path | None) -> dict[str, Any]:
    inside = folder is not None and picture.path.is_relative_to(folder)
    name = picture.path.relative_to(folder) if inside and folder is not None else Path(picture.path.name)
    return {
        "file": name.as_posix(),
        "lines": list(picture.lines),
        "match": picture.match,
        "category": picture.category,
        "source": picture.source,
    }
