"""The task of the CRNNs: what stands on a line, learned by connectionist temporal classification."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from edge_digits.charset import BLANK
from train.lines import augmentation
from train.lines.labelled_lines import MOST_DIGITS, STRIP_WIDTHS, Lines
from train.recipes import LineRecipe
from train.tensors import to_input

_NONE = 255
_EVALUATION_PIXELS = 500_000


class LineTask:
    """See ``train.fit.Task``. Strips of about the same width are filled up to one of ``STRIP_WIDTHS`` and make a
    batch; a batch of narrow ones holds more of them, so that all batches are as large."""

    def __init__(self, recipe: LineRecipe, train: Lines, validation: Lines, device: torch.device) -> None:
        self.examples = len(train)
        self._device, self._train, self._validation = device, train, validation
        self._groups = _by_width(train)
        self._sizes = {width: recipe.batch * STRIP_WIDTHS[-1] // width for width in self._groups}

    def steps(self) -> int:
        """Batches that are not full count too."""
        return sum(-(-len(group) // self._sizes[width]) for width, group in self._groups.items())

    def batches(self, random: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Strips (N, 1, 32, W) and their labels (N, MOST_DIGITS), filled up with 255."""
        parts: list[tuple[int, NDArray[np.int64]]] = []
        for width, group in self._groups.items():
            order = torch.randperm(len(group), generator=random, device=self._device).cpu()
            parts += [(width, group[some.numpy()]) for some in order.split(self._sizes[width])]
        for number in torch.randperm(len(parts), generator=random, device=self._device).tolist():
            width, chosen = parts[number]
            strips = torch.from_numpy(self._train.padded(chosen, width)).to(self._device)
            widths = torch.from_numpy(self._train.widths[chosen]).to(self._device)
            x = augmentation.augment(strips, widths, random)
            labels = torch.from_numpy(self._train.labels[chosen]).to(self._device)
            yield x.contiguous(memory_format=torch.channels_last), labels

    def loss(self, logits: Tensor, truth: Tensor) -> Tensor:
        """CTC loss (Graves et al. 2006, section 4) per line."""
        return ctc_loss(logits, truth)

    def right(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Lines that are read without a mistake."""
        return (collapsed(logits.argmax(2)) == truth).all(dim=1).sum()

    def validate(self, network: nn.Module) -> tuple[float, float]:
        """CTC loss and share of validation lines read without a mistake."""
        loss, right = 0.0, 0
        for chosen, logits in predict(network, self._validation, self._device):
            truth = torch.from_numpy(self._validation.labels[chosen])
            scores = torch.from_numpy(logits)
            loss += float(ctc_loss(scores, truth)) * len(chosen)
            right += int(self.right(scores, truth))
        return loss / len(self._validation), right / len(self._validation)


def ctc_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Mean over lines of the CTC loss. logits: (N, T, classes) float32; truth: (N, MOST_DIGITS) uint8, 255 after the
    line's end. A line that needs more steps than there are counts 0."""
    count, steps, _ = logits.shape
    lengths = (truth != _NONE).sum(dim=1)
    chances = logits.log_softmax(2).transpose(0, 1)
    every = torch.full((count,), steps, dtype=torch.long)
    targets = torch.where(truth == _NONE, 0, truth).long()
    return F.ctc_loss(chances, targets, every, lengths, BLANK, reduction="sum", zero_infinity=True) / count


def collapsed(best: Tensor) -> Tensor:
    """The likeliest class of each step (N, T) -> what is read (N, MOST_DIGITS) uint8, filled up with 255: repeats
    become one, blanks nothing (Graves et al. 2006, section 3.2). What is longer than MOST_DIGITS ends in 254."""
    first = torch.ones_like(best, dtype=torch.bool)
    first[:, 1:] = best[:, 1:] != best[:, :-1]
    kept = first & (best != BLANK)
    place = (kept.cumsum(1) - 1).clamp(0, MOST_DIGITS)
    out = torch.full((len(best), MOST_DIGITS + 1), _NONE, dtype=torch.uint8, device=best.device)
    # What is not kept goes to a column that is cut off again.
    out.scatter_(1, torch.where(kept, place, MOST_DIGITS), best.to(torch.uint8))
    too_long = kept.sum(1) > MOST_DIGITS
    out[too_long, MOST_DIGITS - 1] = _NONE - 1
    return out[:, :MOST_DIGITS]


def predict(
    network: nn.Module, lines: Lines, device: torch.device | None = None
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Which lines, and their logits (n, T, classes) float32, batch by batch, narrow ones first."""
    network.eval()
    for width, group in _by_width(lines).items():
        most = max(1, _EVALUATION_PIXELS // (32 * width))
        for start in range(0, len(group), most):
            chosen = group[start : start + most]
            x = to_input(torch.from_numpy(lines.padded(chosen, width)))
            x = x.to(device) if device else x
            with torch.inference_mode():
                yield chosen, network(x.contiguous(memory_format=torch.channels_last)).float().cpu().numpy()


def _by_width(lines: Lines) -> dict[int, NDArray[np.int64]]:
    """Which lines fit into a strip of which width."""
    widths = lines.widths
    groups = {most: np.flatnonzero((widths > least) & (widths <= most)) for least, most in pairwise((0, *STRIP_WIDTHS))}
    return {width: group for width, group in groups.items() if len(group)}
