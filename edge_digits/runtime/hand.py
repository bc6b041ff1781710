"""What was learned of one writer's hand, as a file: last layers of the judge and the CNN, and which files they fit."""

from __future__ import annotations

import io
import json
import logging
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_digits.charset import REJECT
from edge_digits.errors import ModelError
from edge_digits.judge_classes import CLASSES
from edge_digits.runtime.last_layer import LastLayer, TaughtModel
from edge_digits.system.atomic_write import atomic_path

VERSION = 1

_SHAPES = {"judge": CLASSES, "cnn": REJECT + 1}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hand:
    """judge, cnn: last layers. parents: sha256 of the model files that they belong to, by "judge" and "cnn". origin:
    how it was learned, for people."""

    judge: LastLayer
    cnn: LastLayer
    parents: dict[str, str]
    origin: dict[str, Any]


def save_hand(path: Path, hand: Hand) -> None:
    """Write one ``.npz`` file, whole or not at all: a power cut at any moment leaves the old one or the new one. Raises
    OSError if it cannot be written."""
    spec = {"version": VERSION, "parents": hand.parents, "origin": hand.origin}
    arrays = {f"{name}_{part}": getattr(getattr(hand, name), part) for name in _SHAPES for part in ("weights", "bias")}
    content = io.BytesIO()
    np.savez(content, spec=np.frombuffer(json.dumps(spec).encode(), np.uint8), **arrays)
    with atomic_path(path, 0o600) as part, part.open("wb") as file:
        file.write(content.getvalue())
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_hand(path: Path) -> Hand:
    """Read what ``save_hand`` wrote. Raises ModelError if it is missing, damaged or of another version."""
    try:
        with np.load(path) as file:
            spec = json.loads(file["spec"].tobytes())
            layers = {
                name: LastLayer(*(np.asarray(file[f"{name}_{part}"], np.float32) for part in ("weights", "bias")))
                for name in _SHAPES
            }
        version, parents, origin = spec["version"], dict(spec["parents"]), dict(spec["origin"])
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{path}: not what edge-digits teach writes, or damaged") from error
    if version != VERSION:
        raise ModelError(f"{path}: of version {version}, expected {VERSION}: teach again")
    for name, layer in layers.items():
        outputs = _SHAPES[name]
        if layer.weights.ndim != 2 or layer.weights.shape[1] != outputs or layer.bias.shape != (outputs,):
            raise ModelError(f"{path}: {name} has weights of {layer.weights.shape}, expected {outputs} classes")
        if not (np.isfinite(layer.weights).all() and np.isfinite(layer.bias).all()):
            raise ModelError(f"{path}: {name} has weights that are no numbers")
    return Hand(layers["judge"], layers["cnn"], parents, origin)


class HandFile:
    """Keeps a reader's models at what a file says, which may come, change or go while they run."""

    def __init__(self, path: Path, judge: TaughtModel, cnn: TaughtModel | None) -> None:
        self.path = path
        self._judge, self._cnn = judge, cnn
        self._seen: tuple[int, int, int] | None = None
        self.refresh()

    def refresh(self) -> None:
        """Take what the file says now; costs a look at its time. What is damaged or fits other models is said and not
        taken: then the models read as they ship."""
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            seen = None
        if seen == self._seen:
            return
        self._seen = seen
        self._judge.layer = None
        if self._cnn is not None:
            self._cnn.layer = None
        if seen is None:
            return
        try:
            hand = load_hand(self.path)
            check_parents(self.path, hand, self._judge, self._cnn)
        except ModelError as error:
            logger.warning("%s; reading goes on as shipped", error)
            return
        self._judge.layer = hand.judge
        if self._cnn is not None:
            self._cnn.layer = hand.cnn


def check_parents(path: Path, hand: Hand, judge: TaughtModel, cnn: TaughtModel | None) -> None:
    """Raises ModelError if ``hand`` was learned with other model files than these."""
    for name, model in (("judge", judge), ("cnn", cnn)):
        if model is not None and hand.parents.get(name) != model.spec.sha256:
            message = f"learned with another file of the {name}, whose sha256 is {hand.parents.get(name, '')[:12]}…"
            raise ModelError(f"{path}: {message}: teach again")
