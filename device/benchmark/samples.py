"""What models are timed and judged on, as files in a folder: pixels that the reader itself gives the model, single
digits, and pages with their truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from device.benchmark.plan import AUTO, NotRun, ReaderFiles, Wanted
from device.benchmark.results import pack
from device.cameras.demo import PAGE_SECONDS, DemoCamera
from device.config.camera import CameraSettings
from edge_digits.errors import DataError
from edge_digits.evaluation.ground_truth import CHECK, LabelledPicture, load_folder
from edge_digits.io import mnist
from edge_digits.lines.line_reader import LineReader
from edge_digits.model_input import normalize
from edge_digits.reader import DigitReader
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import ModelSpec, read_spec
from edge_digits.synthesis.page import make_page
from edge_digits.types import Image

SEED = 20_261_120
KINDS = ("plain", "ruled", "squared", "cells", "board")
"""Kinds of synthesized page, equally often."""
SIZE = (640, 480)
PAGE_SET = "pages"
"""What the set of synthesized pages is called."""
MOST = 512
"""Samples that are kept."""

BATCH = 500
"""Single digits that are judged at once."""

PAGES, EACH = 4, 6
"""Pages of the demo camera, and consecutive frames of each: one more than a number needs to settle."""


class Recorder:
    """A model that keeps what it is given."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.spec: ModelSpec = model.spec
        self.given: list[NDArray[np.uint8]] = []

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model.scores``."""
        self.given += [pixels[index : index + 1].copy() for index in range(len(pixels))]
        return self.model.scores(pixels)


def record_samples(models: Sequence[Model], frames: Sequence[Image]) -> list[list[NDArray[np.uint8]]]:
    """What the reader asks each of ``models`` on these frames: arrays (1, height, width), candidates that are no digit
    among them, ``MOST`` at most, spread over the frames.

    models: one that reads digits, or those of a network that reads lines, which then reads whole rows. A file for
    strips that are wider than all rows gets those of the others, padded as the reader pads them. Raises ValueError if
    the reader asks nothing.
    """
    recorders = [Recorder(model) for model in models]
    reader = DigitReader(recorders[0], lines=LineReader(recorders) if models[0].spec.reads_lines else None)
    for frame in frames:
        reader.read(frame)
    if not any(recorder.given for recorder in recorders):
        raise ValueError("the reader asked the model nothing on the frames that it was shown")
    return [_spread(recorder.given) or record_samples([recorder], frames)[0] for recorder in recorders]


def _spread(given: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    return given[:: max(1, len(given) // MOST)][:MOST]


def save_samples(path: Path, samples: Sequence[NDArray[np.uint8]]) -> None:
    """Write samples, those of one shape together."""
    shapes = sorted({sample.shape for sample in samples})
    stacks = {f"s{n}": np.concatenate([s for s in samples if s.shape == shape]) for n, shape in enumerate(shapes)}
    arrays: dict[str, Any] = stacks
    np.savez(path, **arrays)


def load_samples(path: Path) -> list[NDArray[np.uint8]]:
    """What ``save_samples`` wrote, each (1, height, width)."""
    with np.load(path) as stacks:
        return [stack[i : i + 1] for stack in stacks.values() for i in range(len(stack))]


def demo_frames() -> NDArray[np.uint8]:
    """Frames of the demo camera, (PAGES * EACH, 480, 640), always the same."""
    settings = CameraSettings(*SIZE, 15.0)
    camera = DemoCamera(settings, seed=6)
    first = [round((page + 0.5) * PAGE_SECONDS * settings.frame_rate) for page in range(PAGES)]
    return np.stack([camera.photograph(start + n).image for start in first for n in range(EACH)])


def write_pages(folder: Path, each: int) -> list[LabelledPicture]:
    """Write ``each`` synthesized pages of every kind as PNG, with their truth; the source is the kind. A page on which
    a line is cut by the picture's edge has no whole truth, and another one takes its place."""
    written = []
    for number, kind in enumerate(KINDS):
        index = count = 0
        while count < each:
            page = make_page(np.random.default_rng([SEED, number, index]), *SIZE, kind=kind)
            index += 1
            if page.cut or not page.lines:
                continue
            path = folder / f"{kind}-{count}.png"
            cv2.imwrite(str(path), page.image)
            lines = tuple("".join(filter(str.isdigit, line.text)) for line in page.lines)
            written.append(LabelledPicture(path, lines, "lines", kind, kind))
            count += 1
    return written


def picture_sets(wanted: Wanted, folder: Path) -> dict[str, list[LabelledPicture]]:
    """The synthesized pages, written into ``folder``, and the labelled pictures that are wanted, a set for each part,
    ``check`` last. Raises DataError."""
    sets = {PAGE_SET: write_pages(folder, wanted.effort.pages)}
    loaded = [] if wanted.pictures is None else load_folder(wanted.pictures)
    for part in sorted({picture.part for picture in loaded}, key=lambda part: (part == CHECK, part)):
        sets["pictures" + (f", {part}" if part else "")] = [picture for picture in loaded if picture.part == part]
    return sets


def samples_of(folder: Path, model: Path) -> Path:
    """The file with the samples of a model file."""
    return folder / f"{model.name}.npz"


def prepare_samples(readers: Sequence[ReaderFiles], folder: Path) -> None:
    """The demo camera's frames, and for each model file what the reader asks its network on them: the same for all
    files of one network, for lines for all that have strips of the same widths."""
    frames = demo_frames()
    np.save(folder / "frames.npy", frames)
    asked: dict[tuple[Any, ...], list[list[NDArray[np.uint8]]]] = {}
    for reader in readers:
        if reader.name == AUTO:
            continue
        paths = reader.strips if reader.digits is None else (reader.digits,)
        key = (reader.network, *(read_spec(path).input_shape for path in paths))
        if key not in asked:
            runtime = None if reader.runtime == "onnxruntime" else reader.runtime
            models = [load_model(path, 1, runtime) for path in paths]
            asked[key] = record_samples(models, list(frames))
        for path, given in zip(paths, asked[key], strict=True):
            save_samples(samples_of(folder, path), given)


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


def right_digits(model: Model, digits: Path) -> str:
    """Which of the ``images`` (N, 28, 28) in the file ``digits`` are read as their ``labels`` say, packed. One that is
    taken for no digit is wrong. For a model that reads lines each is a line of one, which must be read as that digit
    and nothing else."""
    with np.load(digits) as held:
        images, labels = held["images"], held["labels"]
    if model.spec.reads_lines:
        lines = LineReader([model])
        read = [[symbol.value for symbol in lines.read(image)] for image in images]
        return pack(np.array([values == [label] for values, label in zip(read, labels.tolist(), strict=True)]))
    right = []
    for start in range(0, len(images), BATCH):
        pixels = np.stack([normalize.digit(image) for image in images[start : start + BATCH]])
        right.append(model.scores(pixels).argmax(axis=1) == labels[start : start + BATCH])
    return pack(np.concatenate(right))
