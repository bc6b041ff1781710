"""The fast part of augmentation: whole batches of crops as tensors, anew in every epoch.

What needs paper, light and a camera was done once, when the crops were made; here hands differ.
"""

from __future__ import annotations

import functools
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from train.tensors import to_input, uniform

ROTATION = math.radians(15)
SHEAR = 0.35
SCALE = (0.85, 1.12)
ASPECT = 0.18
SHIFT = 2.0
ELASTIC = 1.1
_COARSE = 6
"""Values along each side of the random field that shakes a crop."""
THICKNESS_SHARE = 0.25
GAMMA = 0.5
NOISE_SHARE, NOISE = 0.2, 0.06
ERASE_SHARE, ERASE = 0.12, 5


def augment(images: Tensor, random: torch.Generator) -> Tensor:
    """Other hands: turned, slanted, stretched, shaken, with another pen.

    images: (N, 28, 28) uint8 on the generator's device. Returns (N, 1, 28, 28) float32 in 0..1.
    """
    x = to_input(images)
    x = F.grid_sample(x, _grid(x, random), mode="bilinear", padding_mode="zeros", align_corners=False)
    return damaged(other_pen(x, random), random)


def _grid(x: Tensor, random: torch.Generator) -> Tensor:
    """Where each pixel comes from, (N, H, W, 2): an affine map plus a smooth random field (Simard et al. 2003)."""
    n, size = len(x), x.shape[-1]
    angle, shear, scale, aspect, shift_x, shift_y = (
        uniform(x, random, low, high).view(n)
        for low, high in (
            (-ROTATION, ROTATION),
            (-SHEAR, SHEAR),
            (math.log(SCALE[0]), math.log(SCALE[1])),
            (-ASPECT, ASPECT),
            (-2 * SHIFT / size, 2 * SHIFT / size),
            (-2 * SHIFT / size, 2 * SHIFT / size),
        )
    )
    cos, sin = angle.cos(), angle.sin()
    wide, high = torch.exp(-scale - aspect / 2), torch.exp(-scale + aspect / 2)
    # The inverse map of: stretch, then slant, then turn.
    theta = torch.stack(
        [
            torch.stack([wide * (cos - shear * -sin), wide * (sin - shear * cos), shift_x], 1),
            torch.stack([high * -sin, high * cos, shift_y], 1),
        ],
        1,
    )
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    coarse = torch.randn((n, 2, _COARSE, _COARSE), generator=random, device=x.device)
    weights = _bicubic(size, x.device)
    field = weights @ coarse @ weights.T
    amplitude = uniform(x, random, 0, ELASTIC) * (2.0 / size)
    return grid + (field * amplitude).permute(0, 2, 3, 1)


@functools.cache
def _bicubic(size: int, device: torch.device) -> Tensor:
    """Weights (size, _COARSE) of bicubic interpolation along one side: their product takes a twentieth of the time
    that ``F.interpolate`` takes."""
    one = F.interpolate(torch.eye(_COARSE)[None, None], size=(size, _COARSE), mode="bicubic", align_corners=True)
    return one[0, 0].to(device)


def other_pen(x: Tensor, random: torch.Generator) -> Tensor:
    """Ink (N, 1, H, W) in 0..1 of broader or finer strokes, and of darker or paler ones."""
    x = _thickness(x, random)
    return x.clamp_(0, 1).pow(torch.exp(uniform(x, random, -GAMMA, GAMMA)))


def _thickness(x: Tensor, random: torch.Generator) -> Tensor:
    """Some strokes broader, some finer: between the crop and its grey dilation or erosion."""
    choice = uniform(x, random, 0, 1).view(-1)
    amount = uniform(x, random, 0, 1)
    made = x.clone()
    broader = (choice < THICKNESS_SHARE).nonzero().view(-1)
    made[broader] = x[broader].lerp(_dilated(x[broader]), amount[broader])
    # An opening's loss where strokes are thinner than the window is what a pen that skips does; so at most half of it.
    finer = (choice > 1 - THICKNESS_SHARE).nonzero().view(-1)
    made[finer] = x[finer].lerp(_eroded(x[finer]), 0.5 * amount[finer])
    return made


def _dilated(x: Tensor) -> Tensor:
    """The largest of each 3×3 window. Maxima of whole rows and columns: torch's pooling takes fifteen times as long."""
    x = F.pad(x, (1, 1, 1, 1))
    x = torch.maximum(torch.maximum(x[..., :-2], x[..., 1:-1]), x[..., 2:])
    return torch.maximum(torch.maximum(x[..., :-2, :], x[..., 1:-1, :]), x[..., 2:, :])


def _eroded(x: Tensor) -> Tensor:
    """The smallest of each 2×2 window, whose last pixel it is; what lies outside has no part in it."""
    x = F.pad(x, (1, 0, 1, 0), value=math.inf)
    x = torch.minimum(x[..., :-1], x[..., 1:])
    return torch.minimum(x[..., :-1, :], x[..., 1:, :])


def damaged(x: Tensor, random: torch.Generator, share: float = ERASE_SHARE) -> Tensor:
    """Noise on some of x (N, 1, H, W); on a share of them a small patch without ink."""
    noisy = (uniform(x, random, 0, 1) < NOISE_SHARE) * uniform(x, random, 0, NOISE)
    x = x + noisy * torch.randn(x.shape, generator=random, device=x.device)
    height, width = x.shape[-2:]
    column, row = uniform(x, random, 0, width), uniform(x, random, 0, height)
    side = uniform(x, random, 1, ERASE) * (uniform(x, random, 0, 1) < share)
    across = (torch.arange(width, device=x.device).view(1, 1, 1, -1) - column).abs() < side / 2
    down = (torch.arange(height, device=x.device).view(1, 1, -1, 1) - row).abs() < side / 2
    return x.masked_fill(across & down, 0).clamp_(0, 1)
