"""The fast part of augmentation for strips: whole batches as tensors, anew in every epoch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from edge_digits.model_input.normalize import LINE_PARAMETERS
from train.digits import augmentation

SLANT = 0.35
"""Columns per row."""
TALLER = (0.88, 1.1)
WIDER = (0.8, 1.25)
SHIFT = (2.0, 2.0)
"""Columns, rows."""
RISE, MOST_RISE = 0.04, 3.0
"""Rows per column, and rows over the whole line."""
ELASTIC, ELASTIC_GRID = 1.2, 6
"""Pixels; pixels between the points of the field."""
ERASE_SHARE = 0.25


def augment(strips: Tensor, widths: Tensor, random: torch.Generator) -> Tensor:
    """Other hands: slanted, stretched, shaken, with another pen.

    strips: (N, 32, W) uint8 on the generator's device, W a multiple of 4; widths: (N,) columns of the line in each,
    which stay inside. Returns (N, 1, 32, W) float32 in 0..1.
    """
    x = augmentation.to_input(strips)
    grid = _grid(x, widths.float(), random)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return augmentation.damaged(augmentation.other_pen(x, random), random, ERASE_SHARE)


def _grid(x: Tensor, widths: Tensor, random: torch.Generator) -> Tensor:
    """Where each pixel comes from, (N, 32, W, 2)."""
    n, height, width = len(x), x.shape[2], x.shape[3]

    def pick(low: float, high: float) -> Tensor:
        return augmentation.uniform(x, random, low, high).view(n, 1, 1)

    margin, middle = LINE_PARAMETERS.margin, (height - 1) / 2
    columns = torch.arange(width, device=x.device, dtype=torch.float32).view(1, 1, -1) - margin
    rows = torch.arange(height, device=x.device, dtype=torch.float32).view(1, -1, 1) - middle
    room = (width - margin) / (widths.view(n, 1, 1) - margin)
    wider = torch.minimum(pick(math.log(WIDER[0]), math.log(WIDER[1])).exp(), room)
    taller = pick(math.log(TALLER[0]), math.log(TALLER[1])).exp()
    rise = pick(-1, 1) * torch.minimum(torch.tensor(RISE), MOST_RISE / widths.view(n, 1, 1))
    from_x = columns / wider + pick(-SLANT, SLANT) * rows + pick(-SHIFT[0], SHIFT[0]) + margin
    from_y = rows / taller + rise * columns + pick(-SHIFT[1], SHIFT[1]) + middle
    coarse = (n, 2, height // ELASTIC_GRID + 1, width // ELASTIC_GRID + 1)
    field = torch.randn(coarse, generator=random, device=x.device)
    field = F.interpolate(field, size=(height, width), mode="bicubic", align_corners=True) * pick(0, ELASTIC)[..., None]
    # grid_sample counts from -1 at the left edge of the first pixel to 1 at the right edge of the last.
    return torch.stack(
        [(2 * (from_x + field[:, 0]) + 1) / width - 1, (2 * (from_y + field[:, 1]) + 1) / height - 1], dim=-1
    )
