"""Tiles to look at: a contact sheet with their boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from edge_digits.types import Image
from train.data.tiles import CUT_OFF, DONT_CARE, SIDE, TOO_SMALL, WRITING, Tile

_ASKED, _RED, _BLUE, _YELLOW = (0, 180, 0), (0, 0, 230), (230, 120, 0), (0, 190, 230)
_COLOURS = {DONT_CARE: _RED, CUT_OFF: _RED, TOO_SMALL: _BLUE, WRITING: _YELLOW}


def contact_sheet(tiles: Sequence[Tile], columns: int, boxes: bool = True) -> Image:
    """Tiles side by side, (H, W, 3) uint8 BGR, each shrunk to SIDE: digits' boxes green, don't care and cut off red,
    too small blue, other writing yellow."""
    cells = [_cell(tile, boxes) for tile in tiles]
    cells += [np.zeros((SIDE, SIDE, 3), np.uint8)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[k : k + columns]) for k in range(0, len(cells), columns)])


def _cell(tile: Tile, boxes: bool) -> Image:
    factor = min(1.0, SIDE / max(tile.image.shape))
    small = cv2.resize(tile.image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    cell = np.full((SIDE, SIDE, 3), 90, np.uint8)
    drawn = cast(Image, cv2.cvtColor(small, cv2.COLOR_GRAY2BGR))
    for box, label in zip(tile.boxes if boxes else [], tile.labels.tolist(), strict=False):
        x0, y0, x1, y1 = (round(float(v) * factor) for v in box)
        colour = _COLOURS.get(label, _ASKED)
        cv2.rectangle(drawn, (x0, y0), (x1 - 1, y1 - 1), colour, 1)
        if label >= 0 and y1 - y0 > 14:
            cv2.putText(drawn, str(label), (x0, max(9, y0 - 1)), cv2.FONT_HERSHEY_SIMPLEX, 0.35, colour, 1)
    cell[: drawn.shape[0], : drawn.shape[1]] = drawn
    if boxes:
        cv2.putText(cell, tile.kind, (2, SIDE - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (200, 0, 200), 1)
    return cell
