"""The replay set that ships: features of what everybody writes, so that one hand's lessons cost nobody else."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.reader import MODELS
from edge_digits.runtime.last_layer import LastLayer
from edge_digits.runtime.spec import ModelSpec, sha256_of, spec_path
from edge_digits.teach.examples import Examples, Layers

PATH = MODELS / "replay.npz"

LEVELS = 32
"""Steps that a feature is kept in: five bits, from nothing to the most that the int8 files can say."""


@dataclass(frozen=True)
class Replay:
    """learned: examples that are learned beside the labels. held_out: those that only judge. shipped: the last layers
    of the files as they ship."""

    learned: Examples
    held_out: Examples
    shipped: Layers


def coded(features: NDArray[np.floating], most: float) -> NDArray[np.uint8]:
    """Features (N, F) in 0..``most`` as codes 0..LEVELS-1, (F, N) uint8: a feature's values, beside each other, take
    less room in a compressed file."""
    codes = np.ceil(np.clip(features, 0, most) / most * (LEVELS - 1) - 0.5)
    return np.ascontiguousarray(codes.astype(np.uint8).T)


def decoded(codes: NDArray[np.uint8], most: float) -> NDArray[np.float32]:
    """Features (N, F) of codes (F, N)."""
    return np.asarray(codes.T * np.float32(most / (LEVELS - 1)), np.float32)


def load_replay(judge: ModelSpec, cnn: ModelSpec, path: Path = PATH) -> Replay:
    """Read the set. judge, cnn: the specs of the files that are taught. Raises ModelError if it is missing, damaged, or
    made with other files."""
    beside = spec_path(path)
    try:
        spec = json.loads(beside.read_text("utf-8"))
        parents, digest, learned = spec["parents"], spec["sha256"], int(spec["learned"])
        if sha256_of(path) != digest:
            raise ModelError(f"{path}: is not what {beside.name} describes: it is damaged")
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise ModelError(f"{error.filename}: no such file; nothing can be taught without it") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{path}: the replay set is damaged: {error}") from error
    for name, model in (("judge", judge), ("cnn", cnn)):
        if parents[name] != model.sha256:
            raise ModelError(
                f"{path}: made for another file of the {name}, whose sha256 is {parents[name][:12]}…: only the int8 "
                "TFLite files that ship can be taught"
            )
    of_judge, of_cnn = (decoded(arrays[name], float(arrays[f"{name}_most"])) for name in ("judge", "cnn"))
    examples = Examples(of_judge, of_cnn, arrays["labels"].astype(np.intp))
    first, second = (LastLayer(arrays[f"{name}_weights"], arrays[f"{name}_bias"]) for name in ("judge", "cnn"))
    is_learned = np.arange(len(examples)) < learned
    shipped = Layers(first, second, judge.temperature, cnn.temperature)
    return Replay(examples.take(is_learned), examples.take(~is_learned), shipped)
