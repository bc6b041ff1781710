"""What a benchmark runs: which model in which runtime with how many threads, and which files make up a reader; in which
order, and for how long."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from edge_digits.runtime.spec import ModelSpec, read_spec

RUNTIMES = {".tflite": ("ai-edge-litert", "tflite-runtime"), ".onnx": ("onnxruntime",)}
"""By the suffix of the model file."""

THREADS = (1, 2, 4)

AUTO = "auto"
"""The reader that people use: digit by digit, and the network for lines where digits touch."""

CHILD_SECONDS = 1.5
"""What a child process costs besides its window: start, import, load, warm-up."""

ONE_THREAD = "their steps come one after another; the widest int8 files show what more threads bring"
"""Why most files for lines are measured with one thread: each number of threads would take four minutes more."""

Item = TypeVar("Item")


@dataclass(frozen=True, order=True)
class Variant:
    """A model file (its name) in a runtime with so many threads."""

    model: str
    runtime: str
    threads: int

    def __str__(self) -> str:
        return f"{self.model}, {self.runtime}, {self.threads} thread{'s' * (self.threads != 1)}"


@dataclass(frozen=True)
class NotRun:
    """What was left out, and why."""

    what: str
    reason: str


@dataclass(frozen=True)
class Effort:
    """How much is measured. windows: of each variant; seconds: of each window. pages: synthesized ones, of each kind.
    mnist: test images at most. quick: whether this is a trial whose times mean nothing."""

    windows: int = 5
    seconds: float = 10.0
    warm_up: float = 0.5
    pages: int = 12
    mnist: int = 10_000
    quick: bool = False


QUICK = Effort(windows=2, seconds=1.0, warm_up=0.1, pages=1, mnist=500, quick=True)


@dataclass(frozen=True)
class Wanted:
    """What to measure. models: files. pictures: a labelled folder, beside the synthesized pages. data: folder with
    MNIST (None: the usual places)."""

    models: tuple[Path, ...]
    threads: tuple[int, ...] = THREADS
    effort: Effort = field(default_factory=Effort)
    seed: int = 0
    pictures: Path | None = None
    data: Path | None = None
    debug: bool = False


def plan_variants(
    models: Sequence[Path],
    threads: Sequence[int],
    cores: int,
    missing: dict[str, str],
    one_thread: Sequence[Path] = (),
) -> tuple[list[Variant], list[NotRun]]:
    """Every model file in every runtime for its format with every number of threads.

    missing: runtimes that cannot be used here, and why. More threads than cores measure the scheduler, and are left
    out. one_thread: those of ``models`` that get no more than one.
    """
    variants, left_out = [], []
    runtimes = {runtime for path in models for runtime in RUNTIMES.get(path.suffix, ())}
    left_out += [NotRun(runtime, missing[runtime]) for runtime in sorted(runtimes & missing.keys())]
    for count in threads:
        if count > cores:
            left_out.append(NotRun(f"{count} threads", f"this machine has {cores} cores"))
    for path in models:
        for runtime in RUNTIMES.get(path.suffix, ()):
            if runtime not in missing:
                most = 1 if path in one_thread else cores
                variants += [Variant(path.name, runtime, count) for count in threads if count <= most]
    more = [count for count in threads if 1 < count <= cores]
    if one_thread and more:
        names = ", ".join(path.name for path in one_thread)
        left_out.append(NotRun(f"{names} with {' and '.join(map(str, more))} threads", ONE_THREAD))
    return variants, left_out


def with_one_thread(models: Sequence[Path]) -> list[Path]:
    """The files for lines that are measured with one thread only: all but the widest int8 one of each format. Raises
    ModelError for a file without a spec."""
    specs = {path: read_spec(path) for path in models}
    lines = [path for path in models if specs[path].reads_lines]
    widest: dict[str, Path] = {}
    for path in lines:
        if specs[path].precision == "int8":
            widest[path.suffix] = max(widest.get(path.suffix, path), path, key=lambda p: specs[p].input_shape[1])
    return [path for path in lines if path not in widest.values()]


def rounds(items: Sequence[Item], count: int, seed: int) -> list[list[Item]]:
    """``count`` rounds through all items, each in an order of its own: what slows the machine for a while then slows
    every variant, and none comes always after the same other (randomized blocks)."""
    order = random.Random(seed)
    return [order.sample(list(items), len(items)) for _ in range(count)]


@dataclass(frozen=True)
class ReaderFiles:
    """A reader of whole pictures. name: as it stands in tables. network, precision: of what reads most of the ink.
    digits: the file that reads digit by digit, None if whole rows are read. strips: files of a network that reads
    lines, one for each width."""

    name: str
    runtime: str
    network: str
    precision: str
    digits: Path | None
    strips: tuple[Path, ...] = ()


def readers(files: Iterable[tuple[Path, str]]) -> list[ReaderFiles]:
    """The readers that can be made of model files, each in a runtime.

    A network for lines is one reader with its files for all widths. "auto" is among them where one int8 TFLite network
    reads digits and one reads lines, as those that ship. Raises ModelError for a file without a spec.
    """
    made: list[ReaderFiles] = []
    networks: dict[tuple[str, str, str, str], list[tuple[Path, ModelSpec]]] = {}
    for path, runtime in files:
        spec = read_spec(path)
        if spec.reads_lines:
            networks.setdefault((spec.name, spec.precision, path.suffix, runtime), []).append((path, spec))
        else:
            made.append(ReaderFiles(path.name, runtime, spec.name, spec.precision, path))
    for (network, precision, _, runtime), some in networks.items():
        by_width = sorted(some, key=lambda item: item[1].input_shape[1])
        strips = tuple(path for path, _ in by_width)
        made.append(ReaderFiles(_name(by_width), runtime, network, precision, None, strips))
    return [*made, *_together(made)]


def _name(files: Sequence[tuple[Path, ModelSpec]]) -> str:
    """The file's name, without the width where there are several."""
    path, spec = files[0]
    return path.name if len(files) == 1 else path.name.replace(f"-{spec.input_shape[1]}-", "-")


def _together(alone: Sequence[ReaderFiles]) -> list[ReaderFiles]:
    made = []
    for runtime in dict.fromkeys(reader.runtime for reader in alone):
        int8 = [r for r in alone if r.runtime == runtime and r.precision == "int8" and r.name.endswith(".tflite")]
        digits, lines = [r for r in int8 if r.digits], [r for r in int8 if not r.digits]
        if len(digits) == len(lines) == 1:
            made.append(ReaderFiles(AUTO, runtime, AUTO, "int8", digits[0].digits, lines[0].strips))
    return made


def on_the_road(candidates: Sequence[ReaderFiles]) -> list[ReaderFiles]:
    """The readers that camera frames are timed with: of each network those in int8 TFLite, or all where there is no
    such file. The other files differ from them in the inference only, which is timed by itself."""
    usual = {r.network for r in candidates if r.precision == "int8" and (r.name == AUTO or r.name.endswith(".tflite"))}
    return [
        r
        for r in candidates
        if r.network not in usual or (r.precision == "int8" and (r.name == AUTO or r.name.endswith(".tflite")))
    ]
