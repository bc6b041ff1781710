"""What the ink map depends on."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class InkParameters:
    """What the ink map depends on; travels in every model's spec, because models are trained behind it.

    stroke_window: side of the median filter that takes strokes away, as a share of the picture's longer side.
    paper_window: side of the window that must hold some paper, same unit.
    peak_window: side of the window whose strongest ink counts as full ink, same unit.
    darkest_paper: paper is at least this share of the picture's bright level; what is darker is a desk, not paper.
    least_contrast: least drop in reflectance that is ink, 0..1. texture_factor: ink is at least so many times the
    typical contrast of the paper's texture near by; noise_factor: and of the sensor's noise.
    low, high: shares of the local peak that map to 0 and 255.
    """

    version: int = 1
    stroke_window: float = 0.03
    paper_window: float = 0.10
    peak_window: float = 0.05
    darkest_paper: float = 0.22
    least_contrast: float = 0.055
    texture_factor: float = 6.0
    noise_factor: float = 3.0
    low: float = 0.25
    high: float = 0.85


PARAMETERS = InkParameters()


def parameters() -> dict[str, float]:
    """The parameters as they stand in a model's spec."""
    return asdict(PARAMETERS)
