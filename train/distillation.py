"""Learning from a larger network beside the labels (Hinton, Vinyals and Dean 2015).

A small network has no room for what augmentation can make of a digit. A larger one says how much a damaged 7 looks
like a 1 or like no digit at all, of the very crop that the small one sees (Beyer et al. 2022).
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edge_digits.errors import DataError
from edge_digits.model_spec import read_spec
from train import checkpoint
from train.recipes import RECIPES, DigitRecipe

TEMPERATURE = 2.0
"""What logits are divided by before they are compared, so that small probabilities count (section 2)."""
WEIGHT = 0.8
"""The teacher's part in the loss; the labels have the rest."""


def teacher_recipe(recipe: DigitRecipe) -> DigitRecipe:
    """How the teacher of ``recipe`` is trained: by its own recipe, on as many examples of each kind at most."""
    own = RECIPES[recipe.teacher]
    assert isinstance(own, DigitRecipe)
    return replace(own, limit=recipe.limit, precision=recipe.precision)


def check(path: Path, recipe: DigitRecipe) -> None:
    """Raises DataError unless the checkpoint ``path`` is of the teacher that ``recipe`` wants."""
    wanted, found = asdict(teacher_recipe(recipe)), read_spec(path).origin.get("recipe", {})
    differing = [key for key, value in wanted.items() if found.get(key) != value]
    if differing:
        key = differing[0]
        raise DataError(
            f"{path}: the teacher was trained with {key} {found.get(key)}, expected {wanted[key]}: delete its folder, "
            "and it is trained anew; or give another --out"
        )


def load(path: Path, device: torch.device, precision: torch.dtype) -> nn.Sequential:
    """The checkpoint ``path`` as a teacher: (N, 1, 28, 28) -> logits (N, 11), both of type ``precision``.

    Its batch normalization goes into its convolutions, which halves its time. Raises ModelError.
    """
    network, _ = checkpoint.load(path)
    layers: list[nn.Module] = []
    for layer in network:
        if isinstance(layer, nn.BatchNorm2d):
            convolution = layers.pop()
            assert isinstance(convolution, nn.Conv2d)
            layers.append(fuse_conv_bn_eval(convolution, layer))
        else:
            layers.append(layer)
    teacher = nn.Sequential(*layers).eval().requires_grad_(False)
    return teacher.to(device, precision).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]  # not in torch's stubs


def softened(teacher: nn.Module, x: Tensor) -> Tensor:
    """What ``teacher`` thinks of a batch x (N, 1, H, W): probabilities (N, classes) float32 at ``TEMPERATURE``."""
    with torch.no_grad():
        dtype = next(teacher.parameters()).dtype
        return F.softmax(teacher(x.to(dtype)).float() / TEMPERATURE, 1)


def loss(logits: Tensor, soft: Tensor) -> Tensor:
    """Mean divergence from the teacher's probabilities ``soft``, times the temperature's square, which keeps its
    gradients as large as those of cross-entropy (section 2)."""
    divergence = F.kl_div(F.log_softmax(logits / TEMPERATURE, 1), soft, reduction="batchmean")
    return TEMPERATURE**2 * divergence
