"""The tasks of the judge's two stages: is a hypothesis anything at all; and what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from edge_digits.judge_classes import NONE
from edge_digits.model_input.context import OUTSIDE
from edge_digits.model_input.views import judge_input
from train.judge.nodes import LabelledNodes
from train.judge.shards import load
from train.recipes import JudgeRecipe
from train.tensors import uniform

SHARDS_AN_EPOCH = 8
"""Shards of hypotheses that are in memory at once, and that an epoch goes over: it ends every few minutes."""

_EVALUATION_BATCH = 500


def stage_data(nodes: LabelledNodes, first: bool) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """What a stage learns from hypotheses: its input (N, C, s, s) uint8, and the truth (N,): of the first 0 for none
    and 1 for anything else, of the second the judge's class."""
    use = nodes.label >= 0
    if first:
        use &= ~nodes.gap
        return nodes.first[use], (nodes.label[use] != NONE).astype(np.int64)
    use &= ~nodes.first_only
    return judge_input(nodes.ink[use], nodes.views[use]), nodes.label[use].astype(np.int64)


class JudgeTask:
    """See ``train.fit.Task``. train, validation: files of hypotheses. first: whether it is the first stage."""

    def __init__(
        self, recipe: JudgeRecipe, train: Sequence[Path], validation: Sequence[Path], first: bool, device: torch.device
    ) -> None:
        self._recipe, self._first, self._device = recipe, first, device
        self._train = list(train)
        chosen = [stage_data(load(path), first) for path in validation]
        self._images, self._truth = (np.concatenate(column) for column in zip(*chosen, strict=True))
        each = len(stage_data(load(self._train[0]), first)[1])
        self.examples = each * len(self._train)
        self._steps = max(1, each * min(SHARDS_AN_EPOCH, len(self._train)) // recipe.batch)

    def steps(self) -> int:
        """Batches of an epoch of as many shards as are in memory at once, as if all were as long as the first."""
        return self._steps

    def batches(self, random: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Augmented inputs and their classes (N,), of shards drawn at random."""
        drawn = torch.randperm(len(self._train), generator=random, device=random.device)[:SHARDS_AN_EPOCH].tolist()
        parts = [stage_data(load(self._train[index]), self._first) for index in drawn]
        images, truth = (np.concatenate(column) for column in zip(*parts, strict=True))
        del parts
        order = torch.randperm(len(truth), generator=random, device=random.device).cpu().numpy()
        for step in range(self._steps):
            index = np.take(order, range(step * self._recipe.batch, (step + 1) * self._recipe.batch), mode="wrap")
            x = augmented(torch.from_numpy(images[index]).to(self._device), random)
            yield x.contiguous(memory_format=torch.channels_last), torch.from_numpy(truth[index]).to(self._device)

    def loss(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Cross-entropy."""
        return F.cross_entropy(logits, truth, label_smoothing=self._recipe.label_smoothing)

    def right(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Hypotheses whose class has the highest score."""
        return (logits.argmax(1) == truth).sum()

    def validate(self, network: nn.Module) -> tuple[float, float]:
        """Cross-entropy and accuracy of the validation hypotheses."""
        scores, truth = torch.from_numpy(predict(network, self._images, self._device)), torch.from_numpy(self._truth)
        return float(F.cross_entropy(scores, truth)), float((scores.argmax(1) == truth).float().mean())

    def validation_scores(self, network: nn.Module) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Logits (N, classes) of the validation hypotheses, and their classes (N,)."""
        return predict(network, self._images, self._device), self._truth


def predict(network: nn.Module, images: NDArray[np.uint8], device: torch.device) -> NDArray[np.float32]:
    """Logits (N, classes) float32 of inputs (N, C, s, s) uint8."""
    network.eval()
    parts = []
    with torch.inference_mode():
        for batch in torch.from_numpy(images).split(_EVALUATION_BATCH):
            x = batch.to(device).float().div_(255)
            parts.append(network(x.contiguous(memory_format=torch.channels_last)).float().cpu())
    return torch.cat(parts).numpy()


def augmented(images: Tensor, random: torch.Generator) -> Tensor:
    """Other pens, other light, a little off: (N, C, s, s) uint8 -> float32 in 0..1. Where a view ends at the picture's
    edge stays as it is; four channels are the second stage's, whose first is ink and whose third is a mask."""
    x = images.float().div_(255)
    if x.shape[1] == 4:
        ink = _moved(x[:, :1], random) * uniform(x, random, 0.8, 1.2)
        gain = uniform(x, random, 0.75, 1.25)
        near, far = (_brighter(images[:, c : c + 1], x[:, c : c + 1], gain) for c in (1, 3))
        x = torch.cat([ink.clamp_(0, 1), near, x[:, 2:3], far], 1)
    else:
        x = _brighter(images, x, uniform(x, random, 0.75, 1.25))
    shift = torch.randint(-1, 2, (2,), generator=random, device=random.device).tolist()
    return torch.roll(x, shift, (2, 3))


def _brighter(images: Tensor, x: Tensor, gain: Tensor) -> Tensor:
    return torch.where(images == OUTSIDE, x, (x * gain).clamp(0, 1))


def _moved(x: Tensor, random: torch.Generator) -> Tensor:
    """Turned, slanted and stretched a little."""
    n = len(x)
    angle, shear, wide, high, right, down = (
        uniform(x, random, low, high).view(n)
        for low, high in ((-0.15, 0.15), (-0.15, 0.15), (0.9, 1.1), (0.9, 1.1), (-0.05, 0.05), (-0.05, 0.05))
    )
    theta = torch.stack(
        [
            torch.stack([angle.cos() * wide, shear - angle.sin(), right], 1),
            torch.stack([angle.sin(), angle.cos() * high, down], 1),
        ],
        1,
    )
    return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)
