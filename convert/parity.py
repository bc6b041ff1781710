"""torch and the converted files side by side, each file through the runtime that ships."""

from __future__ import annotations

import time
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edge_digits import metrics
from edge_digits.runtime import Model
from train.tensors import to_input

BATCH = 500


def torch_scores(network: nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, classes) logits of ``network`` (in evaluation mode). pixels: (N, height, width) uint8."""
    with torch.inference_mode():
        return torch.cat([network(to_input(part)) for part in torch.from_numpy(pixels).split(BATCH)]).numpy()


def model_scores(model: Model, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, classes) logits of a model file. pixels: (N, height, width) uint8; not all at once, which takes gigabytes."""
    return np.concatenate([model.scores(pixels[start : start + BATCH]) for start in range(0, len(pixels), BATCH)])


def accuracy(scores: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """Share of right answers, 0..1; a digit taken for a non-digit counts as wrong."""
    return metrics.accuracy(labels, scores.argmax(axis=1))


def milliseconds(models: dict[str, Model], pixels: NDArray[np.uint8], rounds: int = 41) -> dict[str, float]:
    """Time per digit of each model, one digit at a call: median over many short rounds.

    pixels: (N, height, width) uint8, some 20. The models take turns, so that a busy machine is unfair to none.
    """
    times: dict[str, list[float]] = {name: [] for name in models}
    for model in models.values():
        model.scores(pixels[:1])
    for _ in range(rounds):
        for name, model in models.items():
            start = time.perf_counter()
            for index in range(len(pixels)):
                model.scores(pixels[index : index + 1])
            times[name].append(1000 * (time.perf_counter() - start) / len(pixels))
    return {name: median(values) for name, values in times.items()}
