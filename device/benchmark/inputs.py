"""What the children of one run are given, as files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.benchmark import samples
from device.benchmark.opening import open_model
from device.benchmark.plan import NotRun, Wanted
from device.benchmark.readers import AUTO, ReaderFiles
from edge_digits.errors import DataError
from edge_digits.evaluation.ground_truth import CHECK, LabelledPicture, load_folder
from edge_digits.io import mnist
from edge_digits.runtime.spec import read_spec


def picture_sets(wanted: Wanted, folder: Path) -> dict[str, list[LabelledPicture]]:
    """The synthesized pages, written into ``folder``, and the labelled pictures that are wanted, a set for each part,
    ``check`` last. Raises DataError."""
    sets = {samples.PAGE_SET: samples.write_pages(folder, wanted.effort.pages)}
    own = [] if wanted.pictures is None else load_folder(wanted.pictures)
    for part in sorted({picture.part for picture in own}, key=lambda part: (part == CHECK, part)):
        sets["pictures" + (f", {part}" if part else "")] = [picture for picture in own if picture.part == part]
    return sets


def samples_of(folder: Path, model: Path) -> Path:
    """The file with the samples of a model file."""
    return folder / f"{model.name}.npz"


def prepare_samples(own: Sequence[ReaderFiles], folder: Path) -> None:
    """The demo camera's frames, and for each model file what the reader asks its network on them: the same for all
    files of one network, for lines for all that have strips of the same widths."""
    frames = samples.demo_frames()
    np.save(folder / "frames.npy", frames)
    asked: dict[tuple[Any, ...], list[list[NDArray[np.uint8]]]] = {}
    for reader in own:
        if reader.name == AUTO:
            continue
        paths = reader.strips if reader.digits is None else (reader.digits,)
        key = (reader.network, *(read_spec(path).input_shape for path in paths))
        if key not in asked:
            models = [open_model(str(path), reader.runtime, 1) for path in paths]
            asked[key] = samples.record_samples(models, list(frames))
        for path, given in zip(paths, asked[key], strict=True):
            samples.save_samples(samples_of(folder, path), given)


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
