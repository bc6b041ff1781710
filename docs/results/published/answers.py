"""What every contestant answers: on MNIST's test set, on the distorted ones, on crops of photographs. Kept, since
nearest neighbours take minutes for a set."""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from docs.results.published.contestants import Contestant
from docs.results.published.distortions import LEVELS, distorted
from edge_digits.evaluation import ground_truth
from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.io.image import load_grey
from edge_digits.reader import DigitReader, open_reader
from train.digits.crops import Crops
from train.digits.cut_out import cut_out
from train.evaluate import photographs
from train.published.runs import System

logger = logging.getLogger(__name__)

PLAIN, PHOTOGRAPHS = "plain", "photographs"
Classes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Answers:
    """By set the class of each picture, (N,) uint8, and how sure the system is of it, (N,) float32."""

    classes: dict[str, Classes]
    confidence: dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Shot:
    """A photograph, and the crops of the digits that our reader finds in it, (N, 28, 28) uint8, line by line; counts:
    how many in each."""

    photograph: LabelledPicture
    crops: NDArray[np.uint8]
    counts: tuple[int, ...]

    def lines(self, classes: Classes) -> list[str]:
        """What is read if the crops show ``classes``; what is taken for none is left out."""
        ends = np.cumsum((0, *self.counts))
        return ["".join(str(value) for value in classes[start:stop] if value < 10) for start, stop in pairwise(ends)]


def set_name(kind: str, level: float) -> str:
    """What a distorted set is called."""
    return f"{kind} {level:g}"


def measure(contestants: Sequence[Contestant], test: Crops, shots: Sequence[Shot], kept: Path) -> list[Answers]:
    """Ask every contestant, or take its answers from the folder ``kept``, where they go in the end; it is asked about a
    set once more if the pictures are others."""
    sets = {PLAIN: test.images}
    for kind, (_, levels) in LEVELS.items():
        sets |= {set_name(kind, level): distorted(test.images, kind, level) for level in levels}
    if shots:
        sets[PHOTOGRAPHS] = np.concatenate([shot.crops for shot in shots])
    digests = {name: hashlib.sha256(images.tobytes()).hexdigest() for name, images in sets.items()}
    measured = []
    with tqdm(total=len(contestants) * len(sets), desc="asking", unit="set", disable=None) as bar:
        for contestant in contestants:
            bar.set_description(f"asking {contestant.title}")
            path = kept / f"{hashlib.sha256(contestant.key.encode()).hexdigest()[:16]}.npz"
            answers = _read(path, digests)
            missing = {name: images for name, images in sets.items() if name not in answers.classes}
            bar.update(len(sets) - len(missing))
            if missing:
                _ask(contestant.open(), missing, answers, bar)
                _write(path, digests, answers)
            measured.append(answers)
    return measured


def _ask(system: System, sets: dict[str, NDArray[np.uint8]], answers: Answers, bar: tqdm) -> None:
    """Add the answers about ``sets`` to ``answers``."""
    for name, images in sets.items():
        chances = system.probabilities(images)
        answers.classes[name] = chances.argmax(1).astype(np.uint8)
        answers.confidence[name] = chances.max(1).astype(np.float32)
        bar.update()


def _read(path: Path, digests: dict[str, str]) -> Answers:
    """Those kept answers whose pictures are still the same."""
    answers = Answers({}, {})
    if not path.is_file():
        return answers
    try:
        with np.load(path) as stored:
            for name, digest in digests.items():
                key = f"{name} {digest}"
                if key in stored.files:
                    answers.classes[name], answers.confidence[name] = stored[key], stored[f"{key} confidence"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        logger.warning("%s: cannot be read, asked anew: %s", path, error)
        return Answers({}, {})
    return answers


def _write(path: Path, digests: dict[str, str], answers: Answers) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {f"{name} {digests[name]}": classes for name, classes in answers.classes.items()}
    arrays |= {f"{name} {digests[name]} confidence": values for name, values in answers.confidence.items()}
    np.savez_compressed(path, **arrays)  # pyright: ignore[reportArgumentType]  # takes its options for arrays' names


def shots(folder: Path) -> list[Shot]:
    """The photographs of the data folder, whose digits the reader that ships finds; [] without them."""
    if not (folder / photographs.FOLDER).is_dir():
        logger.warning("%s is not in %s: left out", photographs.FOLDER, folder)
        return []
    labelled = ground_truth.load_folder(folder / photographs.FOLDER)
    reader = open_reader("cnn")
    return [_shot(reader, one) for one in tqdm(labelled, "finding digits in photographs", disable=None) if one.lines]


def _shot(reader: DigitReader, photograph: LabelledPicture) -> Shot:
    grey = load_grey(photograph.path)
    lines = reader.read(grey).lines
    crops = cut_out(grey, [digit.box for line in lines for digit in line.digits])
    return Shot(photograph, crops, tuple(len(line.digits) for line in lines))
