"""Augmentation of the published set-ups, whole batches as tensors, anew in every epoch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from train.tensors import to_input, uniform

ROTATION, SHIFT, SCALE, NOISE = math.radians(10), 2.0, 0.1, 0.1
ELASTIC_ROTATION, ELASTIC_SHIFT, ELASTIC_SCALE = math.radians(15), 1.0, 0.15
SIGMA, ALPHA = 6.0, 36.0
"""Pixels: how smooth the elastic field is, and what it is multiplied with."""


def augmented(images: Tensor, kind: str, random: torch.Generator) -> Tensor:
    """images: (N, H, W) uint8 on the generator's device. kind: see ``NetworkRecipe.augmentation``. Returns
    (N, 1, H, W) float32 in 0..1."""
    x = to_input(images)
    if kind == "none":
        return x
    if kind == "affine":
        x = _sampled(x, _affine(x, random, ROTATION, SHIFT, SCALE))
        spread = uniform(x, random, 0, NOISE)
        return (x + spread * torch.randn(x.shape, generator=random, device=x.device)).clamp_(0, 1)
    grid = _affine(x, random, ELASTIC_ROTATION, ELASTIC_SHIFT, ELASTIC_SCALE)
    return _sampled(x, grid + elastic_field(x, random) * (2.0 / x.shape[-1]))


def elastic_field(x: Tensor, random: torch.Generator) -> Tensor:
    """Where each pixel of x (N, 1, H, W) comes from, in pixels, beside its own place: (N, H, W, 2). Even noise in
    -1..1, smoothed with a Gaussian, times ``ALPHA`` (Simard et al. 2003)."""
    n, _, h, w = x.shape
    noise = torch.rand((2 * n, 1, h, w), generator=random, device=x.device) * 2 - 1
    reach = round(2.5 * SIGMA)
    places = torch.arange(-reach, reach + 1, device=x.device)
    weights = torch.exp(-0.5 * (places / SIGMA) ** 2)
    weights /= weights.sum()
    smooth = F.conv2d(noise, weights.view(1, 1, 1, -1), padding=(0, reach))
    smooth = F.conv2d(smooth, weights.view(1, 1, -1, 1), padding=(reach, 0))
    return ALPHA * smooth.view(n, 2, h, w).permute(0, 2, 3, 1)


def _affine(x: Tensor, random: torch.Generator, rotation: float, shift: float, scale: float) -> Tensor:
    n, size = len(x), x.shape[-1]
    angle = uniform(x, random, -rotation, rotation).view(n)
    factor = 1 / uniform(x, random, 1 - scale, 1 + scale).view(n)
    across, down = (uniform(x, random, -2 * shift / size, 2 * shift / size).view(n) for _ in range(2))
    cos, sin = angle.cos() * factor, angle.sin() * factor
    theta = torch.stack([torch.stack([cos, sin, across], 1), torch.stack([-sin, cos, down], 1)], 1)
    return F.affine_grid(theta, list(x.shape), align_corners=False)


def _sampled(x: Tensor, grid: Tensor) -> Tensor:
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
