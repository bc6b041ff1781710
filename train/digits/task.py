"""The task of the CNNs: which digit a crop shows, or none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from edge_digits.charset import REJECT
from train.digits import augmentation
from train.digits.crops import Crops
from train.recipes import DigitRecipe

_EVALUATION_BATCH = 1000


class DigitTask:
    """See ``train.fit.Task``. The crops lie on the device. An epoch is all of ``plain``, and of ``seen`` as many
    digits and rejects as the recipe has beside them, drawn anew each time."""

    def __init__(self, recipe: DigitRecipe, plain: Crops, seen: Crops, validation: Crops, device: torch.device) -> None:
        self.examples = len(plain) + len(seen)
        self._recipe, self._device, self._validation = recipe, device, validation
        self._images = torch.from_numpy(np.concatenate([plain.images, seen.images])).to(device)
        self._labels = torch.from_numpy(np.concatenate([plain.labels, seen.labels])).to(device)
        beside = len(plain) * (1 - recipe.plain) / recipe.plain
        digits = beside / (1 + recipe.rejects)
        none = seen.labels == REJECT
        groups = (np.arange(len(plain)), len(plain) + np.flatnonzero(~none), len(plain) + np.flatnonzero(none))
        wanted = (len(plain), round(digits), round(beside - digits))
        pairs = zip(groups, wanted, strict=True)
        self._groups = [(torch.from_numpy(rows).to(device), count) for rows, count in pairs if len(rows)]
        self._drawn = sum(count for _, count in self._groups)

    def steps(self) -> int:
        """Whole batches only."""
        return max(1, self._drawn // self._recipe.batch)

    def batches(self, random: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Crops (N, 1, 28, 28) and their classes (N,)."""
        drawn = torch.cat([_drawn(group, count, random) for group, count in self._groups])
        order = drawn[torch.randperm(len(drawn), generator=random, device=self._device)]
        for index in order[: self.steps() * self._recipe.batch].split(self._recipe.batch):
            x = augmentation.augment(self._images[index], random)
            yield x.contiguous(memory_format=torch.channels_last), self._labels[index].long()

    def loss(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Cross-entropy."""
        return F.cross_entropy(logits, truth, label_smoothing=self._recipe.label_smoothing)

    def right(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Crops whose class has the highest score."""
        return (logits.argmax(1) == truth).sum()

    def validate(self, network: nn.Module) -> tuple[float, float]:
        """Cross-entropy and accuracy of the validation crops."""
        scores = torch.from_numpy(predict(network, self._validation.images, self._device))
        truth = torch.from_numpy(self._validation.labels).long()
        return float(F.cross_entropy(scores, truth)), float((scores.argmax(1) == truth).float().mean())


def _drawn(group: Tensor, count: int, random: torch.Generator) -> Tensor:
    """``count`` of ``group``; none comes a second time before all others came."""
    rounds = -(-count // len(group))
    orders = [torch.randperm(len(group), generator=random, device=group.device) for _ in range(rounds)]
    return group[torch.cat(orders)[:count]] if orders else group[:0]


def predict(network: nn.Module, images: NDArray[np.uint8], device: torch.device | None = None) -> NDArray[np.float32]:
    """Logits (N, 11) float32 of a torch network for images (N, 28, 28) uint8."""
    network.eval()
    parts = []
    with torch.inference_mode():
        for batch in torch.from_numpy(images).split(_EVALUATION_BATCH):
            x = augmentation.to_input(batch.to(device) if device else batch)
            parts.append(network(x.contiguous(memory_format=torch.channels_last)).float().cpu())
    return torch.cat(parts).numpy() if parts else np.empty((0, 11), np.float32)
