"""The reference picture between two runs: a small PNG, and a JSON file that says what it belongs to."""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from device.scene.motion import Motion
from device.scene.registration import Reference, reduced_size
from edge_digits.system.atomic_write import atomic_write
from edge_digits.types import Box, as_image

FORMAT = 1
"""Of the JSON file; another one is not read."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Kept:
    """A reference, and where the regions are in it.

    frame: width and height of the frames in pixels. bases: for each region's box as it stands in the configuration,
    what had happened to it when the reference was taken; nothing where the box was drawn in the reference itself.
    """

    reference: Reference
    frame: tuple[int, int]
    bases: dict[Box, Motion]


def reference_path(config: Path | None, record: Path | None) -> Path | None:
    """Where a reader keeps it: beside the record, which it may write, else beside the configuration."""
    beside = record or config
    return None if beside is None else beside.with_name(f"{beside.stem}.reference.png")


def load(path: Path) -> Kept | None:
    """What was kept in ``path``, a PNG, and in the JSON file of the same name; None if there is nothing, or if it is
    damaged, which is logged."""
    try:
        stored = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return _damaged(path, error)
    try:
        return _parsed(stored, cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
    except (KeyError, TypeError, ValueError, OverflowError, cv2.error) as error:
        return _damaged(path, error)


def save(path: Path, kept: Kept) -> None:
    """Keep it; each file is whole or not there. Raises OSError."""
    reference = kept.reference
    stored = {
        "format": FORMAT,
        "frame": list(kept.frame),
        "regions": [[*box.as_list(), *_as_list(motion)] for box, motion in kept.bases.items()],
        "points": np.round(reference.points, 2).astype(float).tolist(),
        "sum": int(reference.picture.sum()),
    }
    path.with_suffix(".json").unlink(missing_ok=True)
    atomic_write(path, cv2.imencode(".png", reference.picture)[1].tobytes())
    atomic_write(path.with_suffix(".json"), (json.dumps(stored) + "\n").encode())


def forget(path: Path) -> None:
    """Keep nothing; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        path.with_suffix(".json").unlink(missing_ok=True)


def _parsed(stored: dict[str, Any], decoded: Any) -> Kept:
    """Raises whatever what is no such thing brings."""
    picture = as_image(decoded)
    width, height = (int(side) for side in stored["frame"])
    if stored["format"] != FORMAT or picture.shape[::-1] != reduced_size(width, height):
        raise ValueError("another format")
    if int(picture.sum()) != stored["sum"]:
        raise ValueError("the picture is not the one that is described")
    points = np.array(stored["points"], np.float32).reshape(-1, 2)
    if not np.all((points >= 0) & (points < (picture.shape[1], picture.shape[0]))):
        raise ValueError("points outside of the picture")
    bases: dict[Box, Motion] = {}
    for *box, a, b, x, y in stored["regions"]:
        bases[Box(*map(int, box))] = motion = Motion(float(a), float(b), float(x), float(y))
        if not np.isfinite(_as_list(motion)).all():
            raise ValueError("a motion without an end")
    return Kept(Reference(picture, width, points), (width, height), bases)


def _as_list(motion: Motion) -> list[float]:
    return [motion.a, motion.b, motion.shift_x, motion.shift_y]


def _damaged(path: Path, error: Exception) -> None:
    logger.warning("%s: cannot be read (%s); the next good picture is the reference", path, error)
