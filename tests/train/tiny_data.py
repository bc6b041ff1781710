"""A data folder like the real one, with a handful of drawn digits, for tests that train."""

from __future__ import annotations

import contextlib
import gzip
import json
import struct
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_digits.io import mnist
from edge_digits.judge_classes import CLIPPED, MARK, NONE, SEVERAL
from edge_digits.synthesis.page import make_page
from train.digits.crops import Crops
from train.judge.labels import IGNORED
from train.judge.nodes import LabelledNodes


def digit_image(value: int, random: np.random.Generator) -> np.ndarray:
    """(28, 28) uint8 ink: a digit in OpenCV's own font, moved and drawn with a random width."""
    image = np.zeros((28, 28), np.uint8)
    x, y = random.integers(4, 8), random.integers(21, 25)
    width = int(random.integers(1, 4))
    cv2.putText(image, str(value), (int(x), int(y)), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255,), width, cv2.LINE_AA)
    return image


def tiny_crops(count: int, seed: int) -> Crops:
    """``count`` drawn digits, 0 to 9 in turn."""
    random = np.random.default_rng(seed)
    labels = (np.arange(count) % 10).astype(np.uint8)
    return Crops("tiny", np.stack([digit_image(int(v), random) for v in labels]), labels)


@contextlib.contextmanager
def interrupted(run: type[Any], epochs: int) -> Iterator[None]:
    """A training loop's class ``run`` is interrupted, as with Ctrl-C, once it has kept so many epochs."""
    keep = run.keep

    def keep_and_stop(self: Any) -> None:
        keep(self)
        if self.done == epochs:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(run, "keep", keep_and_stop)
        yield


def hypotheses_file(path: Path, seed: int = 0) -> Path:
    """A file of labelled hypotheses: 20 drawn digits, then one that is ignored, one only for the judge's first stage,
    one gap, and one each of what is no single digit."""
    labels = [k % 10 for k in range(20)] + [IGNORED, NONE, MARK, NONE, SEVERAL, CLIPPED, MARK]
    count, random = len(labels), np.random.default_rng(seed)
    rows = np.arange(count)
    nodes = LabelledNodes(
        first=np.zeros((count, 2, 20, 20), np.uint8),
        ink=np.stack([digit_image(max(label, 0) % 10, random) for label in labels]),
        views=np.zeros((count, 3, 32, 32), np.uint8),
        label=np.array(labels, np.int8),
        piece=np.zeros(count, np.bool_),
        height=np.full(count, 20, np.int16),
        strength=np.full(count, 90, np.uint8),
        first_only=rows == 21,
        gap=rows == 22,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{field.name: getattr(nodes, field.name) for field in fields(LabelledNodes)})
    return path


def idx(array: np.ndarray) -> bytes:
    """A uint8 array as a gzipped idx file."""
    header = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes())


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, train: int = 60, test: int = 20) -> Path:
    """Write a tiny MNIST into ``folder`` and make its checksums the expected ones."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    sums = {}
    for prefix, count in (("train", train), ("t10k", test)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = np.stack([digit_image(int(v), random) for v in labels])
        for name, array in ((f"{prefix}-images-idx3-ubyte.gz", images), (f"{prefix}-labels-idx1-ubyte.gz", labels)):
            (raw / name).write_bytes(idx(array))
            sums[name] = mnist._md5((raw / name).read_bytes())  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(mnist, "FILES", sums)
    return folder


def add_photographs(folder: Path) -> None:
    """One photograph of numbers, two whose labels are wrong, one of them of the part that is not looked at, and one
    without digits, in the data folder ``folder``."""
    (folder / "photos" / "negatives").mkdir(parents=True)
    page = make_page(np.random.default_rng(5), 960, 720, kind="plain", texts=["4810273"], others=False)
    for name in ("good.png", "bad.png", "secret.png", "negatives/none.png"):
        grey = page.image if "none" not in name else np.full((480, 640), 220, np.uint8)
        cv2.imwrite(str(folder / "photos" / name), grey)
    label = {"match": "lines", "category": "plain", "repo": "one/good", "lines": ["481 0273"], "part": "tune"}
    labels = {
        "good.png": label,
        "bad.png": label | {"repo": "other/bad", "lines": ["4810275"]},
        "secret.png": label | {"repo": "hidden/source", "lines": ["4810255"], "part": "check"},
    }
    (folder / "photos" / "labels.json").write_text(json.dumps(labels))
    none = {"none.png": {"lines": [], "category": "paper", "repo": "one/none", "part": "tune"}}
    (folder / "photos" / "negatives.json").write_text(json.dumps(none))
