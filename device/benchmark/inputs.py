"""What the children of one run are given, as files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from device.benchmark import samples
from device.benchmark.jobs import open_model
from device.benchmark.plan import NotRun, Variant, Wanted
from edge_digits import mnist
from edge_digits.errors import DataError
from edge_digits.labelled import LabelledPicture, load_folder
from edge_digits.model_spec import read_spec


def picture_sets(wanted: Wanted, folder: Path) -> dict[str, list[LabelledPicture]]:
    """The synthesized pages, written into ``folder``, and the labelled pictures that are wanted. Raises DataError."""
    own = {} if wanted.pictures is None else {"pictures": load_folder(wanted.pictures)}
    return {"pages": samples.write_pages(folder, wanted.effort.pages), **own}


def samples_of(folder: Path, model: Path) -> Path:
    """The file with the samples of a model file."""
    return folder / f"{model.name}.npz"


def prepare_samples(models: Sequence[Path], variants: Sequence[Variant], folder: Path) -> None:
    """The demo camera's frames, and for each model file what the reader asks its network on them: the same for all
    files of one network."""
    frames = samples.demo_frames()
    np.save(folder / "frames.npy", frames)
    runtimes = {variant.model: variant.runtime for variant in variants}
    asked: dict[tuple[str, tuple[int, int]], list[Any]] = {}
    for path in models:
        spec = read_spec(path)
        if path.name in runtimes:
            if (spec.name, spec.input_shape) not in asked:
                model = open_model(str(path), runtimes[path.name], 1)
                asked[spec.name, spec.input_shape] = samples.record_samples(model, list(frames))
            samples.save_samples(samples_of(folder, path), asked[spec.name, spec.input_shape])


def prepare_digits(wanted: Wanted, folder: Path, left_out: list[NotRun]) -> tuple[Path, int] | None:
    """MNIST's test set as a file, and how many digits of it; None, and a reason in ``left_out``, if it is nowhere."""
    try:
        images, labels = mnist.load("test", wanted.data)
    except DataError as error:
        left_out.append(NotRun("MNIST test", str(error)))
        return None
    count = min(wanted.effort.mnist, len(images))
    np.savez(folder / "digits.npz", images=images[:count], labels=labels[:count])
    return folder / "digits.npz", count
