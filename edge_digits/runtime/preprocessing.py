"""What a network was trained behind that others trained: colour, scale, mean, standard deviation, ink on paper.

What calibrates such a model when it is converted, and what feeds it when it reads, goes through these functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.model_input.normalize import LINE_PARAMETERS

COLOURS = {"grey": 1, "rgb": 3}
"""By colour the channels of the input."""


@dataclass(frozen=True)
class Preprocessing:
    """Each pixel, 0 paper … 255 ink, becomes ``(pixel * scale - mean) / std`` of its channel.

    colour: one of ``COLOURS``; rgb has its channels in this order. invert: whether the network takes dark ink on light
    paper, so that a pixel is 255 less before all else. scale: 1/255 for inputs in 0..1. mean, std: one number for all
    channels, or one for each.
    """

    colour: str = "grey"
    invert: bool = False
    scale: float = 1 / 255
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    @property
    def channels(self) -> int:
        """Of the input."""
        return COLOURS[self.colour]

    def as_dict(self) -> dict[str, Any]:
        """As it stands in a spec."""
        return {**asdict(self), "mean": list(self.mean), "std": list(self.std)}


def from_dict(values: Mapping[str, Any]) -> Preprocessing:
    """What a spec holds. Raises ValueError, which names the key, if it is not a preprocessing."""
    unknown = sorted({*values} - {"colour", "invert", "scale", "mean", "std"})
    if unknown:
        raise ValueError(f"no {', '.join(unknown)} in preprocessing")
    made = Preprocessing(**values)
    if made.colour not in COLOURS:
        raise ValueError(f"colour {' or '.join(COLOURS)} in preprocessing")
    if type(made.invert) is not bool:
        raise ValueError("true or false as invert in preprocessing")
    if not _are_numbers([made.scale]) or made.scale == 0:
        raise ValueError("a number other than 0 as scale in preprocessing")
    for name in ("mean", "std"):
        numbers = getattr(made, name)
        if not isinstance(numbers, list | tuple) or len(numbers) not in (1, made.channels) or not _are_numbers(numbers):
            raise ValueError(f"one number, or one for each channel, as {name} in preprocessing")
    if 0 in made.std:
        raise ValueError("no 0 as std in preprocessing")
    return Preprocessing(made.colour, made.invert, float(made.scale), tuple(made.mean), tuple(made.std))


def _are_numbers(values: Any) -> bool:
    return all(type(value) in (int, float) and isfinite(value) for value in values)


def value_table(about: Preprocessing) -> NDArray[np.float32]:
    """What each pixel 0..255 becomes, (channels, 256) float32."""
    pixels = np.arange(256, dtype=np.float64)
    if about.invert:
        pixels = pixels[::-1]
    mean, std = (
        np.broadcast_to(np.array(values, np.float64), about.channels)[:, None] for values in (about.mean, about.std)
    )
    return ((pixels * about.scale - mean) / std).astype(np.float32)


def looked_up(table: NDArray[Any], pixels: NDArray[np.uint8]) -> NDArray[Any]:
    """pixels: (N, H, W), or (N, channels, H, W), uint8. table: (channels, 256). Returns (N, channels, H, W)."""
    by_channel = pixels[:, None] if pixels.ndim == 3 else pixels
    return np.stack([row[by_channel[:, channel]] for channel, row in enumerate(table)], axis=1)


def network_input(pixels: NDArray[np.uint8], about: Preprocessing) -> NDArray[np.float32]:
    """What goes into the network: (N, channels, H, W) float32 of pixels as ``looked_up`` takes them."""
    return looked_up(value_table(about), pixels)


def fitted(picture: NDArray[np.uint8], size: tuple[int, int], is_line: bool, paper: int = 0) -> NDArray[np.uint8]:
    """A picture (h, w) or (h, w, 3) uint8 as large as the input, ``size`` (height, width).

    A line keeps its aspect as far as it has room: it becomes as high as the input, and ``paper`` follows on its right.
    Anything else is made to fit.
    """
    height, width = size
    if not is_line:
        return _resized(picture, height, width)
    wide = min(width, max(1, round(picture.shape[1] * height / picture.shape[0])))
    out = np.full((height, width, *picture.shape[2:]), paper, np.uint8)
    out[:, :wide] = _resized(picture, height, wide)
    return out


def _resized(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    if picture.shape[:2] == (height, width):
        return picture
    smaller = picture.shape[0] >= height and picture.shape[1] >= width
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)


def ink_size(size: tuple[int, int], is_line: bool, digit: int) -> tuple[int, int]:
    """How large the ink is, (height, width), that becomes an input of ``size``: ``digit`` pixels square, or a strip as
    high as ``model_input.normalize.line`` makes it."""
    if not is_line:
        return digit, digit
    return LINE_PARAMETERS.height, max(1, round(size[1] * LINE_PARAMETERS.height / size[0]))


def of_ink(ink: NDArray[np.uint8], size: tuple[int, int], channels: int) -> NDArray[np.uint8]:
    """Ink (N, h, w) uint8, as ``model_input.normalize`` makes it, as pixels for an input of ``size`` (height, width):
    (N, height, width), of several channels (N, channels, height, width)."""
    pixels = np.empty((len(ink), *size), np.uint8)
    for place, one in enumerate(ink):
        pixels[place] = fitted(one, size, is_line=False)
    return pixels if channels == 1 else np.repeat(pixels[:, None], channels, axis=1)
