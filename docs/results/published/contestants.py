"""Who is compared: the published systems, trained or not, and our own models as they ship."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edge_digits import reader
from edge_digits.charset import REJECT
from edge_digits.lines.line_reader import LineReader
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import sha256_of
from train import temperature_scaling
from train.networks import NETWORKS, parameter_count
from train.published import macs, runs
from train.published.data import Dataset
from train.published.recipes import RECIPES, NeighbourRecipe
from train.published.runs import Record, System
from train.published.training import LOG, Epoch, read_log

LIGHTWEIGHT = "lightweight for edge devices 99.12 %"
"""What our own models are measured against."""


@dataclass(frozen=True, eq=False)
class Contestant:
    """One row of the tables. figure: what is published; accuracy: the same, 0..1, None without one. record: of its run,
    None for our own. log, epochs: of a network's training, its answers after each epoch (E, N). key: changes with the
    system. open: loads the system."""

    title: str
    name: str
    figure: str
    accuracy: float | None
    parameters: int | None
    macs: int | None
    bytes: int
    seconds: float | None
    key: str
    open: Callable[[], System]
    record: Record | None = None
    log: tuple[Epoch, ...] = ()
    epochs: NDArray[np.uint8] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the whole recipe was run, from scratch."""
        return self.record is None or (self.record.scale == 1 and not self.record.imagenet)


def published(base: Path, data: Dataset, device: torch.device) -> list[Contestant]:
    """The runs below ``base`` that are finished and were made with ``data``; of a system whose whole recipe was run, no
    shorter one."""
    records = [(place, r) for place, r in runs.finished(base).items() if r.dataset == data.name]
    whole = {r.name for _, r in records if r.scale == 1 and not r.imagenet}
    kept = [(place, r) for place, r in records if r.imagenet or r.scale == 1 or r.name not in whole]
    return [_published(place, record, data, device) for place, record in kept]


def _published(place: Path, record: Record, data: Dataset, device: torch.device) -> Contestant:
    recipe, path, answers = RECIPES[record.name], runs.file(place, record.name), place / runs.ANSWERS
    key = f"{recipe.neighbours} of {record.examples}" if isinstance(recipe, NeighbourRecipe) else sha256_of(path)
    return Contestant(
        record.title,
        record.name,
        recipe.figure,
        recipe.accuracy,
        record.parameters,
        record.macs,
        record.bytes,
        record.seconds,
        f"{record.dataset} {key}",
        partial(runs.system, place, record, data, device),
        record,
        tuple(read_log(place / LOG)),
        np.load(answers) if answers.is_file() else None,
    )


def missing(base: Path) -> dict[str, str]:
    """The systems that were not trained with MNIST, and how far they are, in words."""
    done = {record.name for record in runs.finished(base).values() if record.dataset == "mnist"}
    reasons = {}
    for name in RECIPES:
        log = read_log(runs.folder(base, name, "mnist", 1.0) / LOG)
        if name not in done:
            reasons[name] = f"not trained ({len(log)} epochs so far)" if log else "not trained"
    return reasons


class _Digits:
    """Our CNN: pictures as they are; its last class is ink that is no digit."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """See ``runs.System``."""
        return temperature_scaling.softmax(self._model.scores(images), self._model.spec.temperature)


class _Lines:
    """Our CRNN: each picture's ink as a line, however many digits are read in it; but one is no digit."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._reader = LineReader(models)

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """See ``runs.System``."""
        out = np.zeros((len(images), REJECT + 1), np.float32)
        for row, image in zip(out, images, strict=True):
            symbols = self._reader.read(image)
            value = symbols[0].value if len(symbols) == 1 else REJECT
            row[:] = (1 - (sure := symbols[0].confidence if len(symbols) == 1 else 1.0)) / REJECT
            row[value] = sure
        return out


def ours() -> list[Contestant]:
    """Our models as far as they ship: the CNN and the CRNN, float32 and int8, as TFLite."""
    made = []
    for precision in ("float32", "int8"):
        path = reader.MODELS / f"cnn-{precision}.tflite"
        if path.is_file():
            model = load_model(path)
            made.append(_shipped("cnn", precision, [path], model, partial(_Digits, model)))
    for precision in ("float32", "int8"):
        paths = reader.line_models(precision=precision)
        if paths:
            models = [load_model(path) for path in paths]
            made.append(_shipped("crnn", precision, paths, models[0], partial(_Lines, models)))
    return made


def _shipped(name: str, precision: str, paths: Sequence[Path], model: Model, made: Callable[[], System]) -> Contestant:
    maker = NETWORKS.get(model.spec.name)
    network = maker() if maker else None
    return Contestant(
        f"{name} {precision} (ours)",
        name,
        LIGHTWEIGHT,
        0.9912,
        parameter_count(network) if network else None,
        macs.count(network, model.spec.input_shape) if network else None,
        sum(path.stat().st_size for path in paths),
        model.spec.origin.get("seconds"),
        " ".join(sha256_of(path) for path in paths),
        made,
    )
