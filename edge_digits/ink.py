"""Grey photograph -> ink map (H, W) uint8: 0 paper … 255 ink, light evened out, polarity settled.

The paper's brightness is estimated at a quarter of the size and divided out, so a shadow, which dims paper and ink
alike, leaves no trace (the division is Retinex's, Land & McCann 1971; the closing that finds the paper is the usual
one of document scanning). What remains is measured against the strongest ink near by: faint pencil comes out as dark
as a marker, and the halo that blur puts around a marker does not. Where the paper itself has texture (cloth, grain,
JPEG blocks in the dark), ink must stand out from that texture.

All full-size steps are single passes over uint8, which OpenCV vectorizes on x86 and ARM alike.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.ruling import may_be_ruled, without_ruling
from edge_digits.types import Image, as_image


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

_MOSTLY_LIGHT = 0.51
"""Share of light in what lies close to strokes from which on they are dark; chalk on a board has less than half."""
_LEAST_EDGE = 24
"""Grey levels by which light and dark differ at an edge of either."""

_SOLID, _LEAST_SHEET, _LEAST_SHEET_AREA, _LEAST_SIDE = 0.6, 0.2, 0.06, 8
"""Least share of its box that a sheet on a dark desk fills, and of the picture: of both sides, and of the area; and its
least side, pixels of the shrunken picture."""
_MOST_OF_RIM = 0.05
"""Share of the picture's rim that a board on a light wall touches at most; what is dark and runs out of the picture is
anything else."""

_LEAST_RULING = 8
"""Contrast (255 = all light is missing) that was taken out where there was a line."""

_NOISY, _LEFT_OF_NOISE = 6.0, 0.375
"""Grey levels of a sensor's noise, as in the dark, from which on a picture is smoothed; and what that leaves of it: the
root of the sum of the squares of the weights of three by three pixels, binomial both ways."""

_SHRINK = 4  # Light and texture vary slowly: they are measured on every fourth pixel's average.


def parameters() -> dict[str, float]:
    """The parameters as they stand in a model's spec."""
    return asdict(PARAMETERS)


def _odd(share: float, small: Image, least: int = 3) -> int:
    """A window's side in pixels of the shrunken picture, odd as OpenCV's filters want it."""
    return max(least, round(share * max(small.shape))) | 1


def _square(side: int) -> Image:
    return np.ones((side, side), np.uint8)


def _shrunken(grey: Image) -> Image:
    height, width = grey.shape
    size = (max(2, width // _SHRINK), max(2, height // _SHRINK))
    return as_image(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def is_light_on_dark(grey: Image) -> bool:
    """Whether the writing is lighter than its ground (chalk on a board). grey: (H, W) uint8.

    A picture whose rim is one flat tone (a scan, a drawing) has its ground there. In a photograph, strokes are what a
    median filter takes away; it leaves the edges of sheets, desks and shadows where they are. Writing counts as light
    only if a narrow and a wide filter say so: a wide one alone may see a sheet on a dark desk, a narrow one alone the
    holes of thick digits, and dark on light is what people mostly write. Nor does it where most of what lies around the
    strokes is light: on squared paper the median of a window is neither line nor paper, and the squares are what it
    takes away.
    """
    return _is_light_on_dark(grey, _shrunken(grey))


def _is_light_on_dark(grey: Image, shrunken: Image) -> bool:
    light = _writing_is_light(grey, shrunken)
    sheet = _sheet(grey, shrunken, light)
    return light if sheet is None else _writing_is_light(sheet, _shrunken(sheet))


def _sheet(grey: Image, shrunken: Image, lighter: bool) -> Image | None:
    """The middle of a light sheet on a dark desk, or of a board on a light wall: what is ``lighter`` than the picture's
    rim, or darker, if that is one solid area inside. Its writing is what matters; it is no writing itself."""
    values = np.sort(_rim(grey), kind="stable")
    # Looked for in every frame, and NumPy's median takes four times as long.
    rim = int(values[len(values) // 2])
    inside = (shrunken > rim + _LEAST_EDGE if lighter else shrunken < rim - _LEAST_EDGE).view(np.uint8)
    area = cv2.countNonZero(inside)
    if area < _LEAST_SHEET_AREA * shrunken.size:
        return None
    left, top, width, height = cv2.boundingRect(inside)
    size = np.array([shrunken.shape[1], shrunken.shape[0]])
    if (np.maximum(_LEAST_SHEET * size, _LEAST_SIDE) >= (width, height)).any() or (size == (width, height)).all():
        return None
    if area < _SOLID * width * height:
        return None
    if not lighter and cv2.countNonZero(_rim(inside)) > _MOST_OF_RIM * 2 * size.sum():
        return None
    x, y = _SHRINK * (left + width // 8), _SHRINK * (top + height // 8)
    return grey[y : y + _SHRINK * (height - height // 4), x : x + _SHRINK * (width - width // 4)].copy()


def _rim(grey: Image) -> Image:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _writing_is_light(grey: Image, shrunken: Image) -> bool:
    small = as_image(cv2.resize(shrunken, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    rim = _rim(grey)
    if cv2.meanStdDev(rim)[1][0, 0] < 4.0:
        difference = small.astype(np.float32) - float(np.median(rim))
        writing = np.abs(difference) > 24.0
        flat = np.abs(difference) < 8.0
        if float(flat.mean()) > 0.6 and writing.any():
            return float(difference[writing].sum()) > 0
    window = PARAMETERS.stroke_window
    light = all(_light_strokes(small, w) > 0 for w in (window, 4 * window))
    return light and _light_share(shrunken) < _MOSTLY_LIGHT


def _light_share(small: Image) -> float:
    """Of what lies close to an edge, the share that is lighter than halfway between the lightest and the darkest there,
    each pixel counting as much as those differ; 0 without edges."""
    window = _square(_odd(PARAMETERS.stroke_window, small, 5))
    lightest, darkest = cv2.dilate(small, window), cv2.erode(small, window)
    contrast = cv2.threshold(cv2.subtract(lightest, darkest), _LEAST_EDGE, 255, cv2.THRESH_TOZERO)[1]
    is_light = cv2.compare(small, cv2.addWeighted(lightest, 0.5, darkest, 0.5, 0), cv2.CMP_GT)
    total = cv2.sumElems(contrast)[0]
    return cv2.sumElems(cv2.bitwise_and(contrast, is_light))[0] / total if total else 0.0


def _light_strokes(small: Image, window: float) -> float:
    """How much more of what a median filter takes away is lighter than its ground than is darker; in squares, so that
    one strong stroke outweighs some weak ones."""
    ground = _median(small, min(_odd(window, small, 5), 255))
    lighter, darker = cv2.subtract(small, ground), cv2.subtract(ground, small)
    return cv2.norm(lighter, cv2.NORM_L2SQR) - cv2.norm(darker, cv2.NORM_L2SQR)


def _median(picture: Image, side: int) -> Image:
    """``picture`` (h, w) through a median filter; what lies beyond it is like its edge."""
    if side != 5:
        return as_image(cv2.medianBlur(picture, side))
    # OpenCV's vector code of this size leaves two columns at either end, and what fills no vector of sixteen, to code
    # that takes twenty times as long, so these are added; in uint8 a vector is longer, and more is left.
    width = picture.shape[1]
    padded = cv2.copyMakeBorder(picture, 0, 0, 2, 2 + -width % 16, cv2.BORDER_REPLICATE)
    return as_image(cv2.medianBlur(padded.astype(np.uint16), side)[:, 2 : 2 + width].astype(np.uint8))


def _paper(small: Image) -> Image:
    """Brightness of the paper under each pixel of the shrunken picture: closing, then smoothed; 1 where it is too dark
    to be paper at all, so that nothing there is darker than its paper."""
    side = _odd(PARAMETERS.paper_window, small)
    closed = cv2.morphologyEx(_falling_border(small, side), cv2.MORPH_CLOSE, _square(side))
    closed = closed[side:-side, side:-side]
    smooth = cv2.blur(closed, (side // 2 | 1, side // 2 | 1), borderType=cv2.BORDER_REPLICATE)
    darkest = max(1.0, PARAMETERS.darkest_paper * _quantile(as_image(smooth), 0.9))
    levels = np.arange(256)
    return as_image(cv2.LUT(smooth, np.where(levels < darkest, 1, levels).astype(np.uint8)))


def _quantile(values: Image, share: float) -> float:
    """As ``numpy.quantile`` has it, by counting: there are but 256 values."""
    below = np.cumsum(cv2.calcHist([values], [0], None, [256], [0, 256]).ravel())
    place = share * (values.size - 1)
    low, high = np.searchsorted(below, [np.floor(place), np.ceil(place)], side="right").tolist()
    return low + (high - low) * (place - np.floor(place))


def _falling_border(small: Image, side: int) -> Image:
    """The picture with ``side`` pixels around it, in which light that falls off towards the edge goes on falling.

    Without it the closing takes the brighter paper further in for the paper at the edge, and a vignette for ink.
    """
    edge = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REPLICATE)
    mirrored = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REFLECT)
    return as_image(cv2.subtract(edge, cv2.subtract(mirrored, edge)))


def _peak(noise: float, small: Image, paper: Image) -> Image:
    """Contrast (255 = black on white) that counts as full ink at each pixel of the shrunken picture, if its paper were
    without texture. noise: of the sensor, grey levels. small: contrast at that size."""
    p = PARAMETERS
    side = _odd(p.peak_window, small)
    strongest = cv2.blur(cv2.dilate(small, _square(side)), (side, side))
    sensor = 255.0 * p.noise_factor * noise / np.maximum(np.arange(256), 1)
    least = cv2.LUT(paper, _floor(np.maximum(sensor, 255.0 * p.least_contrast)))
    return as_image(cv2.max(strongest, least))


def _above_texture(peak: Image, rough: Image) -> Image:
    """``peak``, raised where the median of ``rough`` in a window asks for more; both (h, w).

    The median is found grey level by grey level, by whether most of the window is above it: hardly a paper has more
    than three, and a box filter takes a tenth of a median filter's time.
    """
    p = PARAMETERS
    side = min(_odd(p.paper_window, rough, 5), 255)
    floors = _floor(np.arange(256) * p.texture_factor)
    for level in range(int(255.0 * p.least_contrast / p.texture_factor), 255):
        above = cv2.threshold(rough, level, 255, cv2.THRESH_BINARY)[1]
        share = cv2.blur(above, (side, side), borderType=cv2.BORDER_REPLICATE)
        floor = cv2.threshold(share, 127, int(floors[level + 1]), cv2.THRESH_BINARY)[1]
        if not cv2.countNonZero(floor):
            break
        peak = as_image(cv2.max(peak, floor))
        if floors[level + 1] == 255:
            break
    return peak


def _floor(least: NDArray[np.floating]) -> Image:
    """The contrast that counts as full ink where ``least`` is the least that is ink at all, (256,) both."""
    return np.minimum(least / PARAMETERS.low, 255.0).astype(np.uint8)


def _noise(grey: Image) -> float:
    """Standard deviation of the sensor's noise in grey levels, from neighbours along every eighth row: the median
    difference, which strokes hardly move (Donoho & Johnstone 1994, the median absolute deviation)."""
    rows = grey[::8]
    return _quantile(as_image(cv2.absdiff(rows[:, 1:], rows[:, :-1])), 0.5) / 0.954 if grey.shape[1] > 1 else 0.0


@dataclass(frozen=True)
class PageInk:
    """What is written on a page. ink: (H, W) uint8, 0 paper … 255 ink, full for faint and strong pens alike. contrast:
    (H, W) uint8, how much darker than the paper the writing really is, the share of its light that is missing, 255 =
    all. ruling: (H, W) uint8, the contrast of the page's lines where they were taken out; None if it is not ruled."""

    ink: Image
    contrast: Image
    ruling: Image | None = None


def page_ink(grey: Image, maybe_ruled: bool = True) -> PageInk:
    """Ink of a whole photograph.

    grey: (H, W) uint8, either polarity; it should hold some paper around the writing. A picture without any contrast
    gives zeros. The lines of ruled and squared paper are no ink, and what they cross is measured without them;
    maybe_ruled: whether to look for them.
    """
    p = PARAMETERS
    noise = _noise(grey)
    if noise > _NOISY:
        grey, noise = as_image(cv2.GaussianBlur(grey, (3, 3), 0)), _LEFT_OF_NOISE * noise
    small = _shrunken(grey)
    if _is_light_on_dark(grey, small):
        grey = as_image(cv2.bitwise_not(grey))
        small = _shrunken(grey)
    if cv2.countNonZero(grey) < grey.size:
        grey = as_image(cv2.max(grey, np.ones_like(grey)))
        small = _shrunken(grey)
    size = (grey.shape[1], grey.shape[0])
    paper = _paper(small)
    contrast = cv2.divide(grey, cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR), scale=255)
    contrast = as_image(cv2.bitwise_not(contrast, dst=contrast))
    small = as_image(cv2.bitwise_not(cv2.divide(small, paper, scale=255)))
    ruling = None
    if maybe_ruled and may_be_ruled(small) and (cleaned := without_ruling(contrast)) is not None:
        ruling = as_image(cv2.threshold(cv2.subtract(contrast, cleaned), _LEAST_RULING, 0, cv2.THRESH_TOZERO)[1])
        contrast, small = cleaned, _shrunken(cleaned)
    rough = as_image(cv2.absdiff(small, _median(small, 5)))
    peak = cv2.resize(_above_texture(_peak(noise, small, paper), rough), size, interpolation=cv2.INTER_LINEAR)
    share = cv2.divide(contrast, peak, scale=255, dst=peak)
    return PageInk(as_image(_share_to_ink(as_image(share), p.low, p.high)), contrast, ruling)


def ink_map(grey: Image) -> Image:
    """The ink alone, as ``page_ink`` gives it: (H, W) uint8, 0 paper … 255 ink."""
    return page_ink(grey).ink


def _share_to_ink(share: Image, low: float, high: float) -> Image:
    """Shares of full contrast (255 = all), (H, W), as ink: low and high become 0 and 255.

    By a weighted sum with nothing, which takes half as long as a table; it rounds, where ink is to be cut off.
    """
    scale = 1.0 / (high - low)
    return as_image(cv2.addWeighted(share, scale, share, 0.0, -255.0 * low * scale - 0.5, dst=share))
