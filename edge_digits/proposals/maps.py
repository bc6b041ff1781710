"""Contrast maps of a picture in which hypotheses are looked for."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from edge_digits.illumination.contrast import contrast_map
from edge_digits.quarter import shrunken
from edge_digits.ruling import may_be_ruled, without_ruling
from edge_digits.types import Image, as_image


@dataclass(frozen=True)
class MapSettings:
    """paper_window: side of the window that must hold some paper, as a share of the picture's longer side. small_side:
    pixels of the longer side of the small copy, in which large digits are looked for: grain is averaged away there.
    small_paper_window: its window, wider than a marker's strokes are thick."""

    paper_window: float = 0.10
    small_side: int = 256
    small_paper_window: float = 0.6


SETTINGS = MapSettings()


@dataclass(frozen=True)
class ContrastMap:
    """contrast: (h, w) uint8, the share of the paper's light that is missing, 255 = all. scale: its pixels for one of
    the picture's."""

    contrast: Image
    scale: float


def full_maps(grey: Image, settings: MapSettings = SETTINGS) -> list[ContrastMap]:
    """The contrast of ``grey`` (H, W) uint8, dark on light; and the same with ruled lines divided out, where there may
    be any."""
    contrast = contrast_map(grey, settings.paper_window)
    maps = [ContrastMap(contrast, 1.0)]
    if may_be_ruled(shrunken(contrast)):
        cleaned = without_ruling(contrast)
        if cleaned is not None:
            maps.append(ContrastMap(cleaned, 1.0))
    return maps


def small_map(grey: Image, settings: MapSettings = SETTINGS) -> ContrastMap:
    """The contrast of a small copy of ``grey`` (H, W) uint8, dark on light."""
    scale = min(1.0, settings.small_side / max(grey.shape))
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    small = grey if scale == 1.0 else as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
    return ContrastMap(contrast_map(small, settings.small_paper_window), size[0] / grey.shape[1])
