"""Digits stretched or squeezed to one width, so that nets of a committee make different mistakes."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

_EDGE = 20
"""Paler than this is paper."""


def stretched(images: Tensor, width: int) -> Tensor:
    """Each digit with its ink ``width`` columns wide, in the middle of the picture (Ciresan et al. 2012, section 3.1).

    images: (N, H, W) uint8; returns the same shape on the CPU. width 0 leaves them as they are.
    """
    if not width:
        return images.cpu()
    out = np.zeros(tuple(images.shape), np.uint8)
    for target, image in zip(out, images.cpu().numpy(), strict=True):
        left, _, breadth, _ = cv2.boundingRect((image >= _EDGE).view(np.uint8))
        if breadth:
            part = cv2.resize(image[:, left : left + breadth], (width, image.shape[0]), interpolation=cv2.INTER_LINEAR)
            start = (image.shape[1] - width) // 2
            target[:, start : start + width] = part
    return torch.from_numpy(out)
