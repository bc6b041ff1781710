"""The set that accuracy is measured on, which ships: MNIST's test digits, drawn lines and drawn tiles."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.reader import MODELS
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.types import Image, as_image

PATH = MODELS / "accuracy.npz"

_JPEG_QUALITY = 80


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture (H, W) uint8, and the digits of each row that is written in it."""

    image: Image
    lines: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SampleSet:
    """digits: (N, 28, 28) uint8, ink as in MNIST, and labels (N,). lines: pictures of one row each. tiles: of several
    rows."""

    digits: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    lines: tuple[Sample, ...]
    tiles: tuple[Sample, ...]


def as_file(samples: SampleSet) -> bytes:
    """The set as a compressed .npz; pictures in it are JPEG."""
    content = io.BytesIO()
    arrays: dict[str, NDArray[np.generic]] = {"digits": samples.digits, "labels": samples.labels}
    for name, some in (("lines", samples.lines), ("tiles", samples.tiles)):
        data = [_encoded(one.image) for one in some]
        arrays[f"{name}_data"] = np.frombuffer(b"".join(data), np.uint8)
        arrays[f"{name}_bytes"] = np.array([len(one) for one in data], np.int32)
        arrays[f"{name}_text"] = np.array([" ".join(one.lines) for one in some])
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()


def load_samples(path: Path = PATH) -> SampleSet:
    """Read the set. Raises ModelError if it is missing or damaged."""
    beside = spec_path(path)
    try:
        digest = json.loads(beside.read_text("utf-8"))["sha256"]
        if sha256_of(path) != digest:
            raise ModelError(f"{path}: is not what {beside.name} describes: it is damaged")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        some = (_samples(arrays, name) for name in ("lines", "tiles"))
        return SampleSet(arrays["digits"], arrays["labels"], *some)
    except FileNotFoundError as error:
        raise ModelError(f"{error.filename}: no such file; it ships with the package") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{path}: damaged: {error}") from error


def _samples(arrays: dict[str, NDArray[np.generic]], name: str) -> tuple[Sample, ...]:
    ends = np.cumsum(arrays[f"{name}_bytes"].astype(np.intp))
    data: Sequence[NDArray[np.generic]] = np.split(arrays[f"{name}_data"], ends[:-1])
    texts = arrays[f"{name}_text"].tolist()
    return tuple(Sample(_decoded(one), tuple(text.split())) for one, text in zip(data, texts, strict=True))


def _encoded(image: Image) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()


def _decoded(data: NDArray[np.generic]) -> Image:
    image = cv2.imdecode(data.astype(np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError("a picture in it cannot be decoded")
    return as_image(image)
