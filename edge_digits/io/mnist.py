"""MNIST (LeCun, Cortes and Burges 1998): find or fetch the official files, and read their idx format."""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import urllib.request
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError
from edge_digits.system.atomic_write import atomic_path

logger = logging.getLogger(__name__)

FILES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
"""The official files and their MD5 checksums."""

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)

ENVIRONMENT = "EDGE_DIGITS_DATA"
_FOLDER = Path("MNIST") / "raw"
_TIMEOUT = 30.0
_PREFIX = {"train": "train", "test": "t10k"}


def cache_dir() -> Path:
    """The user's cache folder for this project (XDG Base Directory Specification); it need not exist."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "edge-digits"


def data_dir(named: str | Path | None = None) -> Path:
    """The data folder: ``named``, else ``$EDGE_DIGITS_DATA``, else the user's cache folder.

    Raises DataError if a folder that was named does not exist.
    """
    if named is not None:
        folder, origin = Path(named), "--data-dir"
    elif os.environ.get(ENVIRONMENT):
        folder, origin = Path(os.environ[ENVIRONMENT]), f"${ENVIRONMENT}"
    else:
        return cache_dir()
    if not folder.is_dir():
        raise DataError(f"{folder}: the data folder named by {origin} does not exist")
    return folder


def load(split: str, folder: Path | None = None) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """One split of MNIST, fetched into the user's cache folder if it is in neither ``folder`` nor there.

    split: "train" (60,000) or "test" (10,000). folder: the data folder (None: see ``data_dir``).
    Returns images (N, 28, 28) uint8, 0 paper … 255 ink, and labels (N,) uint8.
    Raises DataError if a file is damaged, or missing and no mirror delivers it.
    """
    prefix = _PREFIX[split]
    folder = data_dir() if folder is None else folder
    images_path = find(f"{prefix}-images-idx3-ubyte.gz", folder)
    labels_path = find(f"{prefix}-labels-idx1-ubyte.gz", folder)
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise DataError(f"{images_path}: shape {images.shape} does not fit the labels' {labels.shape}")
    return images, labels


def find(name: str, folder: Path) -> Path:
    """Where one of ``FILES`` stands: in ``folder``, else in the user's cache folder, else fetched into the latter.

    Raises DataError if the file that is there has another checksum, or no mirror delivers it.
    """
    for base in (folder, cache_dir()):
        path = base / _FOLDER / name
        if path.is_file():
            digest = _md5(path.read_bytes())
            if digest != FILES[name]:
                raise DataError(
                    f"{path}: MD5 is {digest}, the official file's is {FILES[name]}: delete the file to fetch it again"
                )
            return path
    return _fetch(name, cache_dir() / _FOLDER)


def _fetch(name: str, folder: Path) -> Path:
    """Download ``name`` from the first mirror that delivers it with the right checksum."""
    failures = []
    for mirror in MIRRORS:
        logger.info("fetching %s%s", mirror, name)
        try:
            with urllib.request.urlopen(mirror + name, timeout=_TIMEOUT) as answer:
                content = answer.read()
        # URLError and timeouts are OSErrors; a broken-off answer raises http.client.HTTPException.
        except Exception as error:
            failures.append(f"{mirror}: {error}")
            continue
        if _md5(content) == FILES[name]:
            return _write(folder / name, content)
        failures.append(f"{mirror}: wrong checksum")
    raise DataError(
        f"{name}: not in the data folder and no mirror delivers it ({'; '.join(failures)}): put the official files "
        f"into <data folder>/{_FOLDER.as_posix()} and name the folder with --data-dir or ${ENVIRONMENT}"
    )


def _write(path: Path, content: bytes) -> Path:
    """Write a file, and make its folder. Raises DataError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The uint8 array in a gzipped idx file, any number of dimensions. Raises DataError if it is not one."""
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: not a whole gzip file: {error}") from error
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DataError(f"{path}: not an idx file of unsigned bytes")
    start = 4 + 4 * content[3]
    shape = tuple(int(n) for n in np.frombuffer(content[4:start], ">u4"))
    if len(content) < start or len(content) - start != int(np.prod(shape, dtype=np.int64)):
        raise DataError(f"{path}: its size does not fit the shape {shape} in its header")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
