"""Contrast maps of a picture in which hypotheses are looked for."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from edge_digits.illumination.contrast import contrast_map
from edge_digits.illumination.downsampled import shrunken
from edge_digits.proposals.component_tree import LEAST_HEIGHT
from edge_digits.proposals.ruling import may_be_ruled, without_ruling
from edge_digits.types import Image, as_image


@dataclass(frozen=True)
class MapSettings:
    """paper_window: side of the window that must hold some paper, as a share of the picture's longer side. small_side:
    pixels of the longer side of the small copy, in which large digits are looked for: grain is averaged away there.
    small_paper_window: its window, wider than a marker's strokes are thick. small_height: pixels of a digit in it; what
    is lower is found at full size."""

    paper_window: float = 0.10
    small_side: int = 256
    small_paper_window: float = 0.6
    small_height: int = 20


SETTINGS = MapSettings()


@dataclass(frozen=True)
class ContrastMap:
    """contrast: (h, w) uint8, the share of the paper's light that is missing, 255 = all. scale: its pixels for one of
    the picture's. least_height: of what is looked for in it, pixels."""

    contrast: Image
    scale: float
    least_height: int = LEAST_HEIGHT


def full_maps(grey: Image) -> list[ContrastMap]:
    """The contrast of ``grey`` (H, W) uint8, dark on light; and the same with ruled lines divided out, where there may
    be any."""
    contrast = contrast_map(grey, SETTINGS.paper_window)
    maps = [ContrastMap(contrast, 1.0)]
    if may_be_ruled(shrunken(contrast)):
        cleaned = without_ruling(contrast)
        if cleaned is not None:
            maps.append(ContrastMap(cleaned, 1.0))
    return maps


def small_map(grey: Image) -> ContrastMap:
    """The contrast of a small copy of ``grey`` (H, W) uint8, dark on light."""
    scale = min(1.0, SETTINGS.small_side / max(grey.shape))
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    small = grey if scale == 1.0 else as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
    contrast = contrast_map(small, SETTINGS.small_paper_window)
    return ContrastMap(contrast, size[0] / grey.shape[1], SETTINGS.small_height)
