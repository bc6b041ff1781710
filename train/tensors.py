"""Batches of pictures as tensors."""

from __future__ import annotations

import torch
from torch import Tensor


def to_input(images: Tensor) -> Tensor:
    """(N, H, W) or (N, C, H, W) uint8 -> (N, C, H, W) float32 in 0..1, as the networks take it."""
    return (images.unsqueeze(1) if images.ndim == 3 else images).float() / 255.0


def uniform(x: Tensor, random: torch.Generator, low: float, high: float) -> Tensor:
    """One value for each of the N pictures of x, (N, 1, 1, 1)."""
    return torch.rand((len(x), 1, 1, 1), generator=random, device=x.device) * (high - low) + low
