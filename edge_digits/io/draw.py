"""What was read, drawn into the picture: a box round each digit, the reading beside each line, rejected ink.

Colours go with confidence, from red (one half or less) over amber to green (certain); rejected ink is purple.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import UNREADABLE
from edge_digits.types import Box, Line, Rejected

Colour = tuple[int, int, int]
"""Blue, green, red, 0..255 each."""

_FONT = cv2.FONT_HERSHEY_DUPLEX
_PURPLE: Colour = (190, 60, 140)
_DARK: Colour = (32, 32, 32)
_LIGHT: Colour = (240, 240, 240)
_FAINT: Colour = (175, 175, 175)


def overlay(image: NDArray[np.uint8], lines: Sequence[Line], rejected: Sequence[Rejected]) -> NDArray[np.uint8]:
    """A copy of the picture with the reading drawn into it.

    image: (H, W) grey or (H, W, 3) BGR uint8. lines, rejected: of the page that was read in it, boxes in its pixels.
    The reason why ink was rejected stands beside its frame only where it hides nothing: a page of print would vanish
    behind reasons.
    Returns (H, W, 3) BGR uint8.
    """
    canvas = image.copy() if image.ndim == 3 else cv2.merge([image] * 3).astype(np.uint8, copy=False)
    side = max(canvas.shape[:2])
    thickness = max(1, round(side / 700))
    small = max(10, round(side / 110))
    taken = np.zeros(canvas.shape[:2], np.uint8)
    for ink in rejected:
        _outline(canvas, ink.box, _PURPLE, thickness)
    for line in lines:
        for digit in line.digits:
            _outline(canvas, digit.box, confidence_colour(digit.confidence), thickness)
            digit.box.cut(taken)[:] = 1
    for line in lines:
        text_height = int(np.clip(0.4 * line.box.height, small, 3 * small))
        plate = _plate(_coloured(line), text_height, _DARK)
        if plate.shape[1] > canvas.shape[1]:
            plate = _plate(_coloured(line), small, _DARK)
        _paste(canvas, plate, _best_place(plate, line.box, taken), taken)
    for ink in rejected:
        plate = _plate([(ink.reason, _LIGHT)], small, _PURPLE)
        place = _best_place(plate, ink.box, taken)
        if not place.cut(taken).any():
            _paste(canvas, plate, place, taken)
    return canvas


def enlarged(image: NDArray[np.uint8], least: int = 640) -> tuple[NDArray[np.uint8], int]:
    """A picture larger by a whole factor if its longer side has fewer than ``least`` pixels, and the factor.

    Legible text would hide what stands in a smaller picture.
    """
    factor = max(1, -(-least // max(image.shape[:2])))
    if factor == 1:
        return image, factor
    larger = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return larger.astype(np.uint8, copy=False), factor


def confidence_colour(confidence: float) -> Colour:
    """Colour of a confidence in 0..1: red at one half and below, amber between, green at one."""
    share = min(max(2 * confidence - 1, 0.0), 1.0)
    red, green, blue = colorsys.hsv_to_rgb(0.36 * share, 0.9, 0.95 - 0.15 * share)
    return round(255 * blue), round(255 * green), round(255 * red)


def _outline(canvas: NDArray[np.uint8], box: Box, colour: Colour, thickness: int) -> None:
    """A rectangle just outside ``box``, so that it hides nothing of what it encloses."""
    gap = thickness + 1
    corners = (box.x - gap, box.y - gap), (box.right + gap - 1, box.bottom + gap - 1)
    cv2.rectangle(canvas, *corners, colour, thickness)


def _coloured(line: Line) -> list[tuple[str, Colour]]:
    """The line's characters, each in its digit's colour, and the confidence of the whole."""
    digits = iter(line.digits)
    parts = []
    for character in line.text:
        digit = next(digits, None) if character.isdigit() else None
        colour = confidence_colour(digit.confidence) if digit else _LIGHT
        parts.append((character, (230, 130, 200) if character == UNREADABLE else colour))
    return [*parts, (f" {100 * line.confidence:.0f}%", _FAINT)]


def _plate(parts: Sequence[tuple[str, Colour]], text_height: int, ground: Colour) -> NDArray[np.uint8]:
    """Text on a plain ground, (h, w, 3). text_height: of a digit, in pixels."""
    thickness = max(1, round(text_height / 12))
    scale = cv2.getFontScaleFromHeight(_FONT, text_height, thickness)
    margin = max(2, text_height // 3)
    widths = [cv2.getTextSize(text, _FONT, scale, thickness)[0][0] for text, _ in parts]
    plate = np.full((text_height + 2 * margin, sum(widths) + 2 * margin, 3), ground, np.uint8)
    x = margin
    for (text, colour), width in zip(parts, widths, strict=True):
        cv2.putText(plate, text, (x, margin + text_height), _FONT, scale, colour, thickness, cv2.LINE_AA)
        x += width
    return plate


def _best_place(plate: NDArray[np.uint8], target: Box, taken: NDArray[np.uint8]) -> Box:
    """Above, right of, below or left of ``target``: the first of these that covers least of it and of what is taken.

    taken: (H, W), not 0 where something stands that should stay visible.
    """
    rows, columns = taken.shape
    height, width = min(plate.shape[0], rows), min(plate.shape[1], columns)
    gap = 4
    corners = [
        (target.x, target.y - height - gap),
        (target.right + gap, target.y),
        (target.x, target.bottom + gap),
        (target.x - width - gap, target.y),
    ]
    places = [Box(min(max(x, 0), columns - width), min(max(y, 0), rows - height), width, height) for x, y in corners]
    return min(places, key=lambda place: np.count_nonzero(place.cut(taken)) + _shared(place, target))


def _paste(canvas: NDArray[np.uint8], plate: NDArray[np.uint8], place: Box, taken: NDArray[np.uint8]) -> None:
    """Put ``plate`` there, a little transparent, and take the place."""
    part = place.cut(canvas)
    part[:] = cv2.addWeighted(plate[: place.height, : place.width], 0.85, part, 0.15, 0)
    place.cut(taken)[:] = 1


def _shared(one: Box, other: Box) -> int:
    """Area that two boxes have in common, in pixels."""
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(width, 0) * max(height, 0)
