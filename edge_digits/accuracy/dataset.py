"""The data set that ships, to measure model files on any device: MNIST test digits, drawn lines, drawn pages."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError
from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.types import Image, as_image

PATH = Path(__file__).parent / "dataset.npz"


@dataclass(frozen=True)
class Dataset:
    """What is read, and what is written in it.

    digits: (N, 28, 28) uint8, 0 paper … 255 ink, as MNIST has them; labels: (N,), 0..9. lines: strips (32, any width)
    uint8 as ``model_input.normalize.line`` makes them; texts: digits of each. pages: (H, W) uint8 grey each;
    written: the digits of each page's rows; its ``source`` is a page's own number, its ``path`` stands for nothing.
    """

    digits: NDArray[np.uint8]
    labels: NDArray[np.intp]
    lines: Sequence[Image]
    texts: Sequence[str]
    pages: Sequence[Image]
    written: Sequence[LabelledPicture]


def packed(
    digits: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    index: NDArray[np.intp],
    lines: Sequence[tuple[Image, str]],
    pages: Sequence[tuple[bytes, Sequence[str]]],
) -> dict[str, NDArray[Any]]:
    """The arrays of the file. index: of each digit in MNIST's test set. pages: JPEG files and the digits of their
    rows."""
    return {
        "digits": digits,
        "labels": labels.astype(np.uint8),
        "index": index.astype(np.uint16),
        "line_pixels": np.concatenate([strip for strip, _ in lines], axis=1),
        "line_widths": np.array([strip.shape[1] for strip, _ in lines], np.uint16),
        "line_texts": np.array([text for _, text in lines]),
        "page_files": np.frombuffer(b"".join(content for content, _ in pages), np.uint8),
        "page_sizes": np.array([len(content) for content, _ in pages], np.uint32),
        "page_texts": np.array(["\n".join(rows) for _, rows in pages]),
    }


def load_dataset(path: Path = PATH) -> Dataset:
    """Read the set. Raises DataError if it is missing or damaged."""
    beside = spec_path(path)
    try:
        digest = json.loads(beside.read_text("utf-8"))["sha256"]
        if sha256_of(path) != digest:
            raise DataError(f"{path}: is not what {beside.name} describes: it is damaged; install edge-digits again")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _unpacked(arrays)
    except FileNotFoundError as error:
        raise DataError(f"{error.filename}: no such file; install edge-digits again") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, cv2.error) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: the data set is damaged: {error}; install edge-digits again") from error


def _unpacked(arrays: dict[str, NDArray[Any]]) -> Dataset:
    strips = np.split(arrays["line_pixels"], np.cumsum(arrays["line_widths"])[:-1], axis=1)
    files = np.split(arrays["page_files"], np.cumsum(arrays["page_sizes"])[:-1])
    pages = [as_image(cv2.imdecode(file, cv2.IMREAD_GRAYSCALE)) for file in files]
    written = [
        LabelledPicture(Path(f"page-{number}"), tuple(text.split("\n")), source=f"{number:03}")
        for number, text in enumerate(arrays["page_texts"].tolist())
    ]
    return Dataset(
        arrays["digits"],
        arrays["labels"].astype(np.intp),
        [as_image(strip) for strip in strips],
        arrays["line_texts"].tolist(),
        pages,
        written,
    )
