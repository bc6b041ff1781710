"""Some passes over the data with one recipe for all: enough to read well, two minutes of one core at most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from convert.export import to_onnx
from docs.results.zoo.data import Part
from docs.results.zoo.networks import CLASSES

SEED = 1
_BATCH = 128


@dataclass(frozen=True)
class Recipe:
    """steps: batches of 128. rate: the greatest learning rate of the one-cycle schedule (Smith and Topin 2019)."""

    steps: int = 400
    rate: float = 6e-3


RECIPES = {
    "DenseNet": Recipe(300),
    "LSTM over rows": Recipe(2_000),
    "CRNN": Recipe(900),
}
"""Those of networks that take more or fewer steps."""


def trained(make: Callable[[], nn.Sequential], part: Part, recipe: Recipe) -> nn.Sequential:
    """A network that has learned ``part``, in evaluation mode; the same seed gives the same one."""
    torch.manual_seed(SEED)
    network = make().train()
    optimizer = torch.optim.AdamW(network.parameters(), recipe.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, recipe.steps, pct_start=0.2)
    random = torch.Generator().manual_seed(SEED)
    inputs, labels = torch.from_numpy(part.inputs), torch.from_numpy(part.labels)
    for _ in range(recipe.steps):
        chosen = torch.randint(len(inputs), (_BATCH,), generator=random)
        loss = _loss(network(inputs[chosen]), labels[chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()
    return network.eval()


def _loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy; of lines CTC (Graves et al. 2006), whose blank is the last class."""
    if logits.ndim == 2:
        return F.cross_entropy(logits, truth)
    steps = torch.full((len(logits),), logits.shape[1])
    written = torch.full((len(logits),), truth.shape[1])
    scores = logits.log_softmax(2).transpose(0, 1)
    return F.ctc_loss(scores, truth, steps, written, blank=CLASSES, zero_infinity=True)


def exported(network: nn.Sequential, size: tuple[int, int], folder: Path) -> onnx.ModelProto:
    """``network`` as a float ONNX graph with a free batch. size: height and width of its input."""
    path = folder / "float32.onnx"
    to_onnx.export(network, size, path)
    model = onnx.load(path)
    # TFLite takes lines of one width.
    width = model.graph.input[0].type.tensor_type.shape.dim[3]
    width.Clear()
    width.dim_value = size[1]
    return model


def read(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """What scores say: (N, classes) -> (N,); of lines (N, steps, classes) -> (N, digits), the best path with repeats
    made one and blanks left out, filled up with -1."""
    best = scores.argmax(axis=-1)
    if best.ndim == 1:
        return best
    kept = (best != CLASSES) & np.pad(best[:, 1:] != best[:, :-1], ((0, 0), (1, 0)), constant_values=True)
    made = np.full(best.shape, -1)
    rows = np.nonzero(kept)[0]
    places = np.concatenate([np.arange(count) for count in kept.sum(axis=1)]) if len(rows) else rows
    made[rows, places] = best[kept]
    return made
