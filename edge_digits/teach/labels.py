"""A folder of samples and their labels, as plain files that people can copy and edit: PNG and CSV.

``samples.csv`` has a row for each sample, ``labels.csv`` for each time that somebody said what one is; the last word
counts. Rows are only ever added, so that the camera may collect while somebody labels; who deletes has the folder to
itself. It is its owner's alone: what somebody wrote is in it.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS
from edge_digits.errors import LabelError
from edge_digits.system.atomic_write import atomic_write
from edge_digits.teach.private import FILE_MODE, locked, make_private
from edge_digits.teach.samples import Sample
from edge_digits.types import Box, as_image

NO_DIGIT, SKIP = "none", "skip"
LABELS = (*DIGITS, NO_DIGIT, SKIP)
"""What somebody may say of a sample; an empty label takes back what was said."""

SAMPLES_FILE, LABELS_FILE = "samples.csv", "labels.csv"

_COLUMNS = ("file", "read", "confidence", "why", "region", "time", "x", "y", "width", "height")
_LABEL_COLUMNS = ("file", "label")


@dataclass(frozen=True, slots=True)
class SampleRow:
    """What is known of a sample. file: name of its picture. read: the digit that was read, "" where none was.
    confidence: 0..1. why: it was collected. region: its name, "" without regions. time: seconds since the epoch. box:
    of the sample in its picture, pixels."""

    file: str
    read: str
    confidence: float
    why: str
    region: str
    time: float
    box: Box


def add_sample(folder: Path, row: SampleRow, sample: Sample) -> None:
    """Add a sample to ``folder``, which is made if it is not there. Its row comes last: a row has its pictures. Raises
    OSError if it cannot be written."""
    make_private(folder)
    values = (row.file, row.read, f"{row.confidence:.4f}", row.why, row.region, f"{row.time:.3f}")
    with locked(folder):
        atomic_write(inputs_path(folder, row.file), _png(np.hstack([*sample.inputs])), FILE_MODE)
        atomic_write(folder / row.file, _png(sample.surroundings), FILE_MODE)
        _append(folder / SAMPLES_FILE, _COLUMNS, (*values, *(str(v) for v in row.box.as_list())))


def add_label(folder: Path, file: str, label: str) -> None:
    """Say what the sample ``file`` of ``folder`` is: one of ``LABELS``, or "" to take back what was said. Raises
    LabelError for another label or a sample that is not there, OSError if it cannot be written."""
    if label and label not in LABELS:
        raise LabelError(f"{label!r} is no label: expected a digit, {NO_DIGIT} or {SKIP}")
    if Path(file).name != file or not (folder / file).is_file():
        raise LabelError(f"{folder / file}: no such sample")
    with locked(folder):
        _append(folder / LABELS_FILE, _LABEL_COLUMNS, (file, label))


def read_samples(folder: Path) -> list[SampleRow]:
    """The samples of ``folder`` whose pictures are there, in the order in which they were collected. Raises LabelError
    if there is no such folder or its list is damaged, naming file and line."""
    rows: dict[str, SampleRow] = {}
    for number, row in _rows(folder, SAMPLES_FILE, _COLUMNS):
        try:
            confidence, time = float(row["confidence"]), float(row["time"])
            box = Box(*(int(row[side]) for side in ("x", "y", "width", "height")))
            if not (math.isfinite(confidence) and math.isfinite(time)):
                raise ValueError("not a finite number")
            _check_name(row["file"])
        except ValueError as error:
            raise LabelError(f"{folder / SAMPLES_FILE}, line {number}: {error}") from error
        values = (row["file"], row["read"], confidence, row["why"], row["region"], time, box)
        rows[row["file"]] = SampleRow(*values)
    return [row for row in rows.values() if (folder / row.file).is_file()]


def read_labels(folder: Path) -> dict[str, str]:
    """What was said last of each file of ``folder``; what was taken back is not there. Raises LabelError if there is no
    such folder, or for a label that is none, naming file and line."""
    labels: dict[str, str] = {}
    for number, row in _rows(folder, LABELS_FILE, _LABEL_COLUMNS):
        label = row["label"].strip()
        try:
            _check_name(row["file"])
            if label and label not in LABELS:
                raise ValueError(f"{label!r} is no label: expected a digit, {NO_DIGIT} or {SKIP}")
        except ValueError as error:
            raise LabelError(f"{folder / LABELS_FILE}, line {number}: {error}") from error
        labels[row["file"]] = label
    return {file: label for file, label in labels.items() if label}


def read_inputs(folder: Path, file: str) -> NDArray[np.uint8] | None:
    """What the judge was given of a sample, (4, 32, 32) uint8; None if there is no such picture, as where somebody put
    in one of his own. Raises LabelError if it is damaged."""
    path = inputs_path(folder, file)
    if not path.is_file():
        return None
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None or picture.shape != (32, 128):
        raise LabelError(f"{path}: not what the networks were given, a grey PNG of 128x32")
    return np.stack(np.hsplit(as_image(picture), 4))


def inputs_path(folder: Path, file: str) -> Path:
    """The file beside ``file`` with what the networks were given."""
    return folder / f"{Path(file).stem}.input.png"


def remove_samples(folder: Path, files: Sequence[str]) -> None:
    """Delete samples and their rows; labels of what is gone mean nothing any more."""
    gone = set(files)
    with locked(folder):
        for file in gone:
            (folder / file).unlink(missing_ok=True)
            inputs_path(folder, file).unlink(missing_ok=True)
        for name, columns in ((SAMPLES_FILE, _COLUMNS), (LABELS_FILE, _LABEL_COLUMNS)):
            if (folder / name).is_file():
                kept = [row for _, row in _rows(folder, name, columns) if row["file"] not in gone]
                lines = [",".join(columns), *(_line([row[column] for column in columns]) for row in kept)]
                atomic_write(folder / name, ("\n".join(lines) + "\n").encode(), FILE_MODE)


def _check_name(file: str) -> None:
    """Raises ValueError for a path elsewhere: a folder that somebody copied must not have other files read."""
    if Path(file).name != file:
        raise ValueError(f"{file!r} is no name of a file in this folder")


def _rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line numbers and rows of a CSV file, none if it is not there."""
    if not folder.is_dir():
        raise LabelError(f"{folder}: no such folder")
    path = folder / name
    if not path.is_file():
        return
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: cannot be read: {error}") from error
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise LabelError(f"{path}: has no column {missing[0]}; expected {', '.join(columns)}")
    for row in reader:
        if None in row.values():
            # What a power cut left of the last row.
            continue
        yield reader.line_num, row


def _append(path: Path, columns: Sequence[str], values: Sequence[str]) -> None:
    line = _line(values) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
    try:
        if os.fstat(handle).st_size == 0:
            line = ",".join(columns) + "\n" + line
        elif not _ends_in_newline(path):
            line = "\n" + line
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _ends_in_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _line(values: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def _png(image: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()
