"""The windows of one round, and how long they will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from device.benchmark.inputs import samples_of
from device.benchmark.opening import OPENCV
from device.benchmark.peers.opening import PEERS
from device.benchmark.plan import CHILD_SECONDS, NotRun, Variant, Wanted
from device.benchmark.processes import ChildError, Job, call
from device.benchmark.readers import ReaderFiles, on_the_road, readers
from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.runtime.spec import read_spec

SHORT = 4
"""What compares two calls in turns needs but this part of a window: what disturbs one of them disturbs the other."""

TRIED = 3
"""Pictures that every reader of pictures is tried on, to see whether it runs and how long all of them will take."""

LINE_SECONDS, DIGIT_SECONDS = 2e-3, 1e-4
"""About what judging one digit takes as a line of one, and as a digit."""


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


def runnable(variants: Sequence[Variant], wanted: Wanted, left_out: list[NotRun]) -> list[Variant]:
    """The variants whose file the runtime can run; the others are put into ``left_out``. A runtime that runs one
    network may lack what another one needs."""
    paths = {path.name: path for path in wanted.models}
    reasons: dict[tuple[str, str], str] = {}
    for model, runtime in dict.fromkeys((v.model, v.runtime) for v in variants):
        try:
            call({"kind": "try", "model": str(paths[model]), "runtime": runtime, "threads": 1})
        except ChildError as error:
            reasons[model, runtime] = str(error).replace(str(paths[model]), model)
    left_out += [NotRun(f"{model}, {runtime}", reason) for (model, runtime), reason in reasons.items()]
    return [v for v in variants if (v.model, v.runtime) not in reasons]


def own_readers(variants: Sequence[Variant], wanted: Wanted) -> list[ReaderFiles]:
    """The readers that the variants' files make, in each runtime."""
    paths = {path.name: path for path in wanted.models}
    return readers((paths[model], runtime) for model, runtime in dict.fromkeys((v.model, v.runtime) for v in variants))


def round_of_jobs(wanted: Wanted, given: Prepared, left_out: list[NotRun]) -> list[Job]:
    """The windows of one round; ``expected`` is how many seconds each will take about. A window that cannot be run here
    is put into ``left_out``."""
    effort = wanted.effort
    paths = {path.name: path for path in wanted.models}
    common = {"seconds": effort.seconds, "warm_up": effort.warm_up, "debug": wanted.debug}
    common["expected"] = effort.seconds + effort.warm_up
    short = {**common, "seconds": effort.seconds / SHORT, "expected": effort.seconds / SHORT}
    opencv = _opencv(wanted, left_out) if wanted.peers else []
    jobs: list[Job] = []
    for variant in [*given.variants, *opencv]:
        path = paths[variant.model]
        own = {"model": str(path), "runtime": variant.runtime, "threads": variant.threads}
        samples = str(samples_of(given.folder, path))
        jobs.append({"kind": "infer", "samples": samples, **own, **common})
        if variant.threads == 1 and path.suffix == ".tflite" and not read_spec(path).reads_lines:
            jobs.append({"kind": "overhead", "samples": samples, **own, **short, "expected": 2 * short["expected"]})
    single = [variant for variant in given.variants if variant.threads == 1]
    own_ones = own_readers(single, wanted)
    frames = {"kind": "road", "frames": str(given.folder / "frames.npy")}
    jobs += [{**frames, **_of(reader), **common} for reader in on_the_road(own_ones)]
    if given.digits is not None and given.digits[1] >= 10:
        jobs += [{**job, **short, "images": str(given.digits[0])} for job in _ten_digits(own_ones)]
    return [*jobs, *_pictures(wanted, given, [*own_ones, *own_readers(opencv, wanted)], left_out)]


def _of(reader: ReaderFiles) -> Job:
    strips = [str(path) for path in reader.strips]
    digits = None if reader.digits is None else str(reader.digits)
    return {"model": reader.name, "runtime": reader.runtime, "threads": 1, "digits": digits, "strips": strips}


def _ten_digits(own: Sequence[ReaderFiles]) -> list[Job]:
    """Every network for lines beside every one for digits of the same format, precision and runtime."""
    return [
        {"kind": "ten_digits", **_of(lines), "beside": str(digits.digits)}
        for lines in own
        for digits in own
        if lines.digits is None
        and digits.digits is not None
        and not digits.strips
        and (lines.runtime, lines.precision) == (digits.runtime, digits.precision)
    ]


def _opencv(wanted: Wanted, left_out: list[NotRun]) -> list[Variant]:
    """OpenCV's own runtime with our ONNX files, one thread."""
    return runnable([Variant(p.name, OPENCV, 1) for p in wanted.models if p.suffix == ".onnx"], wanted, left_out)


def _pictures(wanted: Wanted, given: Prepared, own: Sequence[ReaderFiles], left_out: list[NotRun]) -> list[Job]:
    """Whole pictures by our own readers and, if they are wanted, by others."""
    whole = {"kind": "pictures", "debug": wanted.debug, "options": {"demo_cnn": str(wanted.demo_cnn)}}
    asked = [{**whole, "reader": "edge-digits", **_of(reader)} for reader in own]
    for name in PEERS if wanted.peers else ():
        if name == "demo-cnn" and wanted.demo_cnn is None:
            left_out.append(NotRun(name, "no network was given (--demo-cnn FILE)"))
        else:
            asked.append({**whole, "reader": name, "threads": 1})
    files = given.files
    some = [files[index] for index in np.linspace(0, len(files) - 1, TRIED).astype(int)]
    jobs = []
    for job in asked:
        try:
            took = call({**job, "files": some, "seed": 0})["seconds"]
        except ChildError as error:
            if job["reader"] == "edge-digits":
                raise
            left_out.append(NotRun(job["reader"], str(error)))
        else:
            jobs.append({**job, "files": files, "expected": float(np.mean(took)) * (len(files) + 1)})
    return jobs


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
