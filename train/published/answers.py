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

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_digits import labelled
from edge_digits.image import load_grey
from edge_digits.labelled import LabelledPicture
from edge_digits.reader import MOST_PIXELS, DigitReader, open_reader
from edge_digits.types import Box, Image, as_image
from train import photographs
from train.crops import Crops
from train.published.contestants import Contestant
from train.published.distortions import LEVELS, VERSION, distorted
from train.published.runs import System

logger = logging.getLogger(__name__)

PLAIN, PHOTOGRAPHS = "plain", "photographs"
Classes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Answers:
    """classes: by set the class of each picture, (N,) uint8. confidence: (N,) float32 of the plain set's."""

    classes: dict[str, Classes]
    confidence: NDArray[np.float32]


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
    """Ask every contestant, or take its answers from the folder ``kept``, where they go in the end."""
    sets = {PLAIN: test.images}
    for kind, (_, levels) in LEVELS.items():
        sets |= {set_name(kind, level): distorted(test.images, kind, level) for level in levels}
    if shots:
        sets[PHOTOGRAPHS] = np.concatenate([shot.crops for shot in shots])
    digest = hashlib.sha256(b"".join(sets[name].tobytes() for name in sets if name in (PLAIN, PHOTOGRAPHS)))
    found = []
    with tqdm(total=len(contestants) * len(sets), desc="asking", unit="set", disable=None) as bar:
        for contestant in contestants:
            bar.set_description(f"asking {contestant.title}")
            signature = f"{contestant.key} {VERSION} {digest.hexdigest()}"
            path = kept / f"{hashlib.sha256(contestant.key.encode()).hexdigest()[:16]}.npz"
            own = _read(path, signature)
            if own is None:
                own = _asked(contestant.open(), sets, bar)
                _write(path, signature, own)
            else:
                bar.update(len(sets))
            found.append(own)
    return found


def _asked(system: System, sets: dict[str, NDArray[np.uint8]], bar: tqdm) -> Answers:
    classes, confidence = {}, np.empty(0, np.float32)
    for name, images in sets.items():
        chances = system.probabilities(images)
        classes[name] = chances.argmax(1).astype(np.uint8)
        if name == PLAIN:
            confidence = chances.max(1).astype(np.float32)
        bar.update()
    return Answers(classes, confidence)


def _read(path: Path, signature: str) -> Answers | None:
    if not path.is_file():
        return None
    try:
        with np.load(path) as found:
            if str(found["signature"]) != signature:
                return None
            names = [name.removeprefix("of ") for name in found.files if name.startswith("of ")]
            return Answers({name: found[f"of {name}"] for name in names}, found["confidence"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        logger.warning("%s: cannot be read, asked anew: %s", path, error)
        return None


def _write(path: Path, signature: str, answers: Answers) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {f"of {name}": classes for name, classes in answers.classes.items()}
    arrays |= {"signature": np.array(signature), "confidence": answers.confidence}
    np.savez_compressed(path, **arrays)  # pyright: ignore[reportArgumentType]  # takes its options for arrays' names


def shots(folder: Path) -> list[Shot]:
    """The photographs of the data folder, segmented by the reader that ships; [] without them."""
    if not (folder / photographs.FOLDER).is_dir():
        logger.warning("%s is not in %s: left out", photographs.FOLDER, folder)
        return []
    found = labelled.load_folder(folder / photographs.FOLDER)
    own = open_reader("cnn")
    return [_shot(own, one) for one in tqdm(found, "segmenting photographs", disable=None) if one.lines]


def _shot(own: DigitReader, photograph: LabelledPicture) -> Shot:
    grey = load_grey(photograph.path)
    factor = (MOST_PIXELS / grey.size) ** 0.5
    if factor < 1:
        # The reader would do it itself, and give boxes of the large picture.
        grey = as_image(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    seen: dict[Box, NDArray[np.uint8]] = {}

    def observe(_: Image, boxes: list[Box], pixels: NDArray[np.uint8], __: NDArray[np.float32]) -> None:
        seen.update(zip(boxes, pixels.copy(), strict=True))

    own.observer = observe
    page = own.read(grey)
    crops = [seen[digit.box] for line in page.lines for digit in line.digits]
    shape = (0, 28, 28)
    return Shot(
        photograph,
        np.stack(crops) if crops else np.empty(shape, np.uint8),
        tuple(len(line.digits) for line in page.lines),
    )
