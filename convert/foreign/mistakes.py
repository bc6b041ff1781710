"""The usual mistakes in preprocessing, found by comparing accuracies: a scale, inverted ink, channels, layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convert.check.gates import paired_loss
from convert.check.parity import accuracy
from convert.foreign.samples import Samples
from edge_digits.runtime.preprocessing import Preprocessing, network_input

MOST = 500
"""Pictures that are compared on."""
LEAST_GAIN = 0.05
"""So much of the share of right answers another preprocessing must win, in the lower end of its 95 % interval."""
_RANGES = (
    ("0..1", "--scale 1/255", 1 / 255, 0.0),
    ("0..255", "--scale 1", 1.0, 0.0),
    ("-1..1", "--scale 1/127.5 --mean 1", 1 / 127.5, 1.0),
)
"""Ranges that networks are trained on, the options that declare them, and their scale and mean."""

Scores = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""The float network: (N, channels, height, width) float32 -> its scores."""


@dataclass(frozen=True)
class Checked:
    """accuracy: as declared, on ``count`` labelled pictures, 0..1. warning: what looks wrong, in one line; empty if
    nothing does."""

    accuracy: float
    count: int
    warning: str = ""


@dataclass(frozen=True)
class _Other:
    """Another preprocessing. meaning: what it would say of the network. remedy: the option that declares it."""

    meaning: str
    remedy: str
    values: NDArray[np.float32]


def check(samples: Samples, declared: Preprocessing, scores: Scores) -> Checked | None:
    """Whether another preprocessing is plainly better than the declared one; None without labels.

    samples: pixels 0 paper … 255 ink.
    """
    if samples.truth is None or not samples.labelled.any():
        return None
    index = np.flatnonzero(samples.labelled)
    index = index[np.linspace(0, len(index) - 1, min(MOST, len(index))).astype(np.intp)]
    pixels, truth = samples.pixels[index], samples.truth[index]
    given = scores(network_input(pixels, declared))
    right = accuracy(given, truth)
    best, gain = None, LEAST_GAIN
    for other in _others(pixels, declared):
        theirs = scores(other.values)
        lost, margin = paired_loss(given, theirs, truth)
        if lost - margin > gain:
            best, gain = (other, accuracy(theirs, truth)), lost - margin
    if best is None:
        return Checked(right, len(index))
    other, better = best
    warning = f"as declared, {right:.1%} of {len(index)} samples are read right; "
    warning += f"{better:.1%} if {other.meaning}: {other.remedy}"
    return Checked(right, len(index), warning)


def _others(pixels: NDArray[np.uint8], declared: Preprocessing) -> list[_Other]:
    """What else the network may have been trained behind."""
    here = _range_of(declared)
    ranges = [
        (f"it was trained on {name}, not {here}", option, _ranged(declared, scale, mean))
        for name, option, scale, mean in _RANGES
    ]
    made = [(meaning, option, one) for meaning, option, one in ranges if not _alike(one, declared)]
    turned = "its ink is inverted"
    made += [(turned, "turn --invert over", replace(declared, invert=not declared.invert))]
    made += [
        (f"{meaning}, and {turned}", f"{option}, and turn --invert over", replace(one, invert=not one.invert))
        for meaning, option, one in made[:-1]
    ]
    others = [_Other(meaning, remedy, network_input(pixels, one)) for meaning, remedy, one in made]
    values = network_input(pixels, declared)
    if values.shape[2] == values.shape[3]:
        swapped = np.ascontiguousarray(values.transpose(0, 1, 3, 2))
        others.append(_Other("rows and columns change places", "turn the samples as it was trained", swapped))
    if values.shape[1] > 1:
        others.append(
            _Other(
                "its channels are blue, green, red",
                "no option does that; change its first layer",
                values[:, ::-1].copy(),
            )
        )
        last = np.ascontiguousarray(values.transpose(0, 2, 3, 1)).reshape(values.shape)
        others.append(_Other("it was trained on NHWC and is fed NCHW", "--layout NHWC", last))
    return others


def _ranged(declared: Preprocessing, scale: float, mean: float) -> Preprocessing:
    return replace(declared, scale=scale, mean=(mean,), std=(1.0,))


def _alike(one: Preprocessing, other: Preprocessing) -> bool:
    pixels = np.array([0, 255], np.uint8).reshape(1, 1, 2)
    mine, theirs = (network_input(np.repeat(pixels[:, None], p.channels, axis=1), p) for p in (one, other))
    return bool(np.allclose(mine, theirs))


def _range_of(declared: Preprocessing) -> str:
    """What pixels become, in words."""
    ends = [(pixel * declared.scale - declared.mean[0]) / declared.std[0] for pixel in (0, 255)]
    return f"{ends[0]:.3g}..{ends[1]:.3g}"
