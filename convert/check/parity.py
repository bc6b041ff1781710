"""torch and the converted files side by side, each file through the runtime that ships."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from edge_digits.runtime.model import Model
from train.tensors import to_input

_BATCH_PIXELS = 500 * 28 * 28
"""In one batch: thousands of inputs at once would take gigabytes."""

SHOWN_AFTER = 3.0
"""Seconds after which work shows how far it is, and how long it will take."""

Answers = NDArray[Any]
"""What is read: (N,) class indices of digits, (N, characters) labels of lines, filled up with -1 or, uint8, with 255 as
``train.lines.labelled_lines`` has it."""

_NOTHING, _NOTHING_UINT8 = -1, 255


def answers(scores: NDArray[np.float32]) -> Answers:
    """What scores say: of digits (N, classes) the best class; of lines (N, steps, classes) the best path, repeats made
    one, blanks, which are the last class, left out (Graves et al. 2006, section 3.2): (N, steps) int32."""
    best = scores.argmax(axis=-1)
    if best.ndim == 1:
        return best
    kept = np.ones(best.shape, bool)
    kept[:, 1:] = best[:, 1:] != best[:, :-1]
    kept &= best != scores.shape[-1] - 1
    read = np.full(best.shape, _NOTHING, np.int32)
    line, step = np.nonzero(kept)
    read[line, kept.cumsum(axis=1)[line, step] - 1] = best[line, step]
    return read


def same(one: Answers, other: Answers) -> NDArray[np.bool_]:
    """(N,) where two answers are the same, of lines the whole line."""
    if one.ndim == 1:
        return one == other
    longest = max(one.shape[1], other.shape[1])
    return (_filled(one, longest) == _filled(other, longest)).all(axis=1)


def _filled(lines: Answers, length: int) -> NDArray[np.int32]:
    """Labels of lines, (N, length), with -1 behind each line's end."""
    made = np.full((len(lines), length), _NOTHING, np.int32)
    made[:, : lines.shape[1]] = lines
    if lines.dtype == np.uint8:
        made[made == _NOTHING_UINT8] = _NOTHING
    return made


def _parts(pixels: NDArray[np.uint8], of: str) -> Iterator[NDArray[np.uint8]]:
    """Batches; of: what gives scores to them, for the progress that is shown after some seconds."""
    size = max(1, _BATCH_PIXELS // max(1, pixels[0].size))
    with tqdm(total=len(pixels), desc=of, unit="input", disable=None, leave=False, delay=SHOWN_AFTER) as bar:
        for start in range(0, len(pixels), size):
            yield pixels[start : start + size]
            bar.update(len(pixels[start : start + size]))


def torch_scores(network: nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits of ``network`` (in evaluation mode): (N, classes), of lines (N, steps, classes). pixels: (N, height,
    width) uint8."""
    with torch.inference_mode():
        return torch.cat([network(to_input(torch.from_numpy(part))) for part in _parts(pixels, "torch")]).numpy()


def exact_scores(network: nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The same in double precision: what ``network`` computes without rounding of its own, which the many steps of a
    recurrence add up to as much as a converter's."""
    double = copy.deepcopy(network).double()
    with torch.inference_mode():
        parts = _parts(pixels, "torch, double precision")
        return torch.cat([double(to_input(torch.from_numpy(part)).double()) for part in parts]).numpy()


def model_scores(model: Model, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same of a model file."""
    about = model.spec
    return np.concatenate(
        [model.scores(part) for part in _parts(pixels, f"{about.name}-{about.precision}.{about.format}")]
    )


def accuracy(scores: NDArray[np.float32], truth: Answers) -> float:
    """Share of right answers, 0..1; a digit taken for a non-digit counts as wrong, a line with one mistake too."""
    return float(same(answers(scores), truth).mean())


def milliseconds(models: dict[str, tuple[Model, NDArray[np.uint8]]], rounds: int = 41) -> dict[str, float]:
    """Time per input of each model, one at a call: median over many short rounds.

    models: each with its pixels (N, height, width) uint8, some 20. They take turns, so that a busy machine is unfair to
    none.
    """
    times: dict[str, list[float]] = {name: [] for name in models}
    for model, pixels in models.values():
        model.scores(pixels[:1])
    for _ in range(rounds):
        for name, (model, pixels) in models.items():
            start = time.perf_counter()
            for index in range(len(pixels)):
                model.scores(pixels[index : index + 1])
            times[name].append(1000 * (time.perf_counter() - start) / len(pixels))
    return {name: median(values) for name, values in times.items()}
