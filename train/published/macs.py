"""Multiply-accumulates of a network for one picture; only convolutions and matrix products are counted."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def count(network: nn.Module, shape: tuple[int, int] = (28, 28)) -> int:
    """network: (1, 1, *shape) -> scores."""
    total = 0

    def add(layer: nn.Module, _: Any, output: Any) -> None:
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            total += output.numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            total += output.numel() * layer.in_features
        elif isinstance(layer, nn.RNNBase):
            steps: Tensor = output[0]
            weights = sum(w.numel() for name, w in layer.named_parameters() if name.startswith("weight"))
            total += steps.shape[1] * weights

    handles = [layer.register_forward_hook(add) for layer in network.modules()]
    was_training = network.training
    with torch.inference_mode():
        network.eval()(torch.zeros(1, 1, *shape))
    network.train(was_training)
    for handle in handles:
        handle.remove()
    return total
