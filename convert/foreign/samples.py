"""A folder of pictures, with a table of what stands on them: what calibrates int8, and what files are judged on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError, ImageError
from edge_digits.io.image import load_grey
from edge_digits.io.sources import PICTURE_SUFFIXES
from edge_digits.runtime.preprocessing import fitted

CALIBRATING = 200
"""Pictures that ranges are taken from, at most, as in this project's calibration set."""
MOST = 5_000
"""Pictures that are used at most."""
LEAST_APART = 40
"""With fewer pictures the same ones calibrate and judge."""
_NOTHING = -1
"""Behind a line's end."""


@dataclass(frozen=True)
class Samples:
    """pixels: (N, height, width) uint8, of several channels (N, channels, height, width), as the files have them.
    truth: (N,) int32 class indices, of lines (N, characters), filled up with -1; None without labels. labelled: (N,)
    bool, of which pictures it is known."""

    pixels: NDArray[np.uint8]
    truth: NDArray[np.int32] | None
    labelled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.pixels)

    def some(self, index: NDArray[np.intp]) -> Samples:
        """Those at ``index``."""
        return Samples(self.pixels[index], None if self.truth is None else self.truth[index], self.labelled[index])


def find_pictures(folder: Path, share: int = 1) -> list[Path]:
    """The picture files of ``folder``, at any depth, by name; of these one in ``share``, and at most ``MOST``, from
    all over the folder. Raises DataError if there is none."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder")
    every = sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file())
    if not every:
        raise DataError(f"{folder}: no pictures in it ({', '.join(sorted(PICTURE_SUFFIXES))})")
    some = every[::share]
    return [some[int(place)] for place in np.linspace(0, len(some) - 1, min(MOST, len(some)))]


def read_labels(path: Path, folder: Path, charset: str) -> dict[Path, str]:
    """What a table of the columns ``file`` and ``label`` says, by the picture's path; files are named from ``folder``.

    Raises DataError, with the line's number, for a missing column or picture, a file that is named twice, and a
    character that is not in ``charset``.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            missing = {"file", "label"} - {*(rows.fieldnames or ())}
            if missing:
                raise DataError(f"{path}: without the column {' and '.join(sorted(missing))}: expected file,label")
            labels: dict[Path, str] = {}
            for row in rows:
                where = f"{path}, line {rows.line_num}"
                name, label = (row["file"] or "").strip(), (row["label"] or "").strip()
                picture = folder / name
                if not name or not picture.is_file():
                    raise DataError(f"{where}: '{name}' is not a picture in {folder}")
                if picture in labels:
                    raise DataError(f"{where}: '{name}' has a label already")
                strange = sorted({*label} - {*charset})
                if strange or not label:
                    what = f"'{strange[0]}' in '{label}' is" if strange else "an empty label is"
                    raise DataError(f"{where}: {what} not of the charset '{charset}'")
                labels[picture] = label
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataError(f"{path}: cannot be read as a table: {reason}") from error
    if not labels:
        raise DataError(f"{path}: no labels in it")
    return labels


def read_pictures(paths: Sequence[Path], size: tuple[int, int], colour: str, is_line: bool) -> NDArray[np.uint8]:
    """Pictures as large as the input, ``size`` (height, width): (N, height, width) uint8, of "rgb" (N, 3, height,
    width). Raises ImageError, in one line that names the file, if one cannot be read."""
    return np.stack([_picture(path, size, colour, is_line) for path in paths])


def _picture(path: Path, size: tuple[int, int], colour: str, is_line: bool) -> NDArray[np.uint8]:
    if colour == "grey":
        grey = load_grey(path)
        return fitted(grey, size, is_line, _paper(grey))
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ImageError(f"{path}: not a picture, or damaged")
    image = np.asarray(image, np.uint8)
    return np.ascontiguousarray(fitted(image, size, is_line, _paper(image))[..., ::-1].transpose(2, 0, 1))


def _paper(picture: NDArray[np.uint8]) -> int:
    """What follows a line on its right: black or white, as its edge."""
    return 255 if is_light(picture[None]) else 0


def is_light(pixels: NDArray[np.uint8]) -> bool:
    """Whether pictures (N, ..., height, width), or colours last, are dark on light: by the median of their edges."""
    edges = [pixels[..., 0, :], pixels[..., -1, :]] if pixels.ndim < 5 else [pixels]
    return bool(np.median(np.concatenate([edge.ravel() for edge in edges])) > 127)


def truth_of(labels: Sequence[str | None], charset: str, is_line: bool) -> NDArray[np.int32]:
    """Class indices: (N,), or of lines (N, characters) filled up with -1. None, whose truth is unknown, is -1.

    Raises DataError for several characters where one is expected.
    """
    if not is_line:
        long = next((label for label in labels if label is not None and len(label) != 1), None)
        if long is not None:
            raise DataError(f"label '{long}': the model reads single characters")
        return np.array([_NOTHING if label is None else charset.index(label) for label in labels], np.int32)
    longest = max((len(label) for label in labels if label is not None), default=1)
    truth = np.full((len(labels), longest), _NOTHING, np.int32)
    for place, label in enumerate(labels):
        truth[place, : len(label or "")] = [charset.index(one) for one in label or ""]
    return truth


def apart(samples: Samples) -> tuple[Samples, Samples]:
    """Those that calibrate, from all over the folder, and those that judge: the others, if there are enough."""
    every = np.arange(len(samples))
    count = min(CALIBRATING, max(len(every) // 2, min(len(every), LEAST_APART // 2)))
    chosen = np.unique(np.linspace(0, len(every) - 1, count).astype(np.intp))
    if len(every) < LEAST_APART:
        return samples, samples
    return samples.some(chosen), samples.some(np.setdiff1d(every, chosen))
