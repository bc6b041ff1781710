"""Lines of synthesized tiles, cut as the reader cuts them: hypotheses that are several digits, and neighbours in a row
pasted together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge_classes import MARK, NONE, SEVERAL
from edge_digits.lines.grouping import group_lines
from edge_digits.lines.skew import estimate_skew
from edge_digits.lines.strips import hypothesis_ink, put_together
from edge_digits.model_input import normalize
from edge_digits.model_input.context import OUTSIDE, pyramid
from edge_digits.model_input.views import first_views
from edge_digits.proposals.cuts import wide_nodes
from edge_digits.proposals.hypotheses import Hypotheses, find_nodes
from edge_digits.types import Image
from train.data.tiles import WRITING, Tile
from train.judge.labels import COVERED, TOUCHED, label_hypotheses
from train.judge.nodes import boxes_of, contrast_maps
from train.lines.glyph import to_ink
from train.lines.glyphs import MOST, random_spacings
from train.lines.spacing import beside
from train.lines.strips import Strip, fitting

MOST_TURN = 32.0
"""Degrees by which a tile is turned from which on it is not read as it lies."""

HOSTS, ROWS = 3, 4
"""Of a map at most so many hypotheses that are several digits, and rows."""
SINGLES, OTHERS = 0.25, 0.15
"""Share of the digits without a neighbour that are a line of one, and of the maps of which one line is no digit."""

_WIDEST_GAP = 1.2
"""Heights between two digits of a line."""
_LEVEL = 0.12
"""Radians by which a row falls up to which its digits are pasted as they stand."""
_SHOWN, _INKED = 0.7, 96
"""Share of a digit's width and height that its ink in a hypothesis covers at least, and what ink counts."""
_TRACE, _PART = 0.02, 0.25
"""Share of a digit inside a hypothesis from which that may be a part of it, and from which it shows a part of it."""


def tile_strips(tile: Tile, random: np.random.Generator) -> list[Strip]:
    """Some strips of a tile, in which nothing is but what they are labelled with; none of one that does not lie as it
    is read."""
    if abs(tile.turn) > MOST_TURN:
        return []
    made = [s for contrast in contrast_maps(tile.image, random, 0.0) for s in _of_map(contrast, tile, random)]
    strips = [(normalize.line(ink)[0], labels) for ink, labels in made]
    return fitting([(strip, labels) for strip, labels in strips if strip.any()])


def _of_map(contrast: Image, tile: Tile, random: np.random.Generator) -> Iterator[tuple[Image, list[int]]]:
    nodes = find_nodes(contrast)
    if not len(nodes):
        return
    boxes = boxes_of(nodes)
    label = label_hypotheses(boxes, tile.boxes, tile.labels, (contrast.shape[0], contrast.shape[1]))
    of = pyramid(contrast)

    def ink_of(index: int) -> tuple[Image, int, int]:
        strength = first_views(nodes, of, np.array([index]), OUTSIDE)[1]
        return hypothesis_ink(nodes, index, float(strength[0]))

    for index in random.permutation(np.flatnonzero(label == SEVERAL))[:HOSTS].tolist():
        ink, left, top = ink_of(index)
        digits = _digits_in(boxes[index], ink, left, top, tile)
        if len(digits) > 1:
            yield ink, digits
    for row in _rows(nodes, boxes, label, tile, random):
        yield _pasted([ink_of(index) for index in row], random), [int(label[index]) for index in row]
    if random.random() < OTHERS:
        wide = wide_nodes(nodes.tree)
        others = wide[(label[wide] == NONE) | (label[wide] == MARK)]
        for index in random.permutation(others)[:1].tolist():
            if not (_inside(boxes[index], tile.boxes)[tile.labels != WRITING] > _TRACE).any():
                yield ink_of(index)[0], [REJECT]


def _digits_in(box: NDArray[np.float32], ink: Image, left: int, top: int, tile: Tile) -> list[int]:
    """The digits that a hypothesis's ink shows from left to right; [] if it shows something else too, or parts."""
    inside = _inside(box, tile.boxes)
    is_digit = tile.labels >= 0
    if (inside[~is_digit] > TOUCHED).any() or ((inside > _PART) & (inside < COVERED)).any():
        return []
    whole = np.flatnonzero(inside >= COVERED)
    if not all(_shows(ink, tile.boxes[index] - (left, top, left, top)) for index in whole):
        return []
    middles = tile.boxes[whole, 0] + tile.boxes[whole, 2]
    return tile.labels[whole[np.argsort(middles)]].tolist()


def _shows(ink: Image, box: NDArray[np.floating]) -> bool:
    """Whether the ink inside a digit's box is as large as the digit."""
    x0, y0, x1, y1 = np.rint(box).astype(int).tolist()
    part = ink[max(y0, 0) : y1, max(x0, 0) : x1]
    _, _, width, height = cv2.boundingRect((part >= _INKED).view(np.uint8))
    return width >= _SHOWN * (x1 - x0) and height >= _SHOWN * (y1 - y0)


def _rows(
    nodes: Hypotheses, boxes: NDArray[np.float32], label: NDArray[np.int8], tile: Tile, random: np.random.Generator
) -> list[list[int]]:
    """Hypotheses of digits that stand next to each other, from left to right."""
    digits = tile.boxes[tile.labels >= 0]
    values = tile.labels[tile.labels >= 0]
    chosen = [_hypothesis_of(box, value, boxes, label, random) for box, value in zip(digits, values, strict=True)]
    runs: list[list[int]] = []
    for row in group_lines(digits, estimate_skew(digits)):
        run = [row[0]] if chosen[row[0]] >= 0 else []
        for a, b in pairwise(row):
            if run and not (chosen[b] >= 0 and _are_neighbours(digits[a], digits[b], tile)):
                runs.append(run)
                run = []
            run += [b] if chosen[b] >= 0 else []
        runs.append(run)
    some: list[list[int]] = []
    for number in random.permutation(len(runs))[:ROWS].tolist():
        run = runs[number]
        if not run or (len(run) == 1 and random.random() >= SINGLES):
            continue
        count = int(random.integers(min(len(run), 2), min(len(run), MOST) + 1))
        start = int(random.integers(0, len(run) - count + 1))
        some.append([chosen[digit] for digit in run[start : start + count]])
    return some


def _hypothesis_of(
    box: NDArray[np.floating],
    value: int,
    boxes: NDArray[np.float32],
    label: NDArray[np.int8],
    random: np.random.Generator,
) -> int:
    """One of the hypotheses that are a digit; -1 if there is none."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    within = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
    fitting = np.flatnonzero(within & (label == value))
    return int(random.choice(fitting)) if len(fitting) else -1


def _are_neighbours(left: NDArray[np.floating], right: NDArray[np.floating], tile: Tile) -> bool:
    """Whether two digits (4,) of a row are near each other, and nothing is written between them."""
    if right[0] - left[2] > _WIDEST_GAP * (left[3] - left[1]):
        return False
    both = np.concatenate([np.minimum(left, right)[:2], np.maximum(left, right)[2:]])
    return not (_inside(both, tile.boxes)[tile.labels < 0] > TOUCHED).any()


def _pasted(parts: list[tuple[Image, int, int]], random: np.random.Generator) -> Image:
    """Digits (ink, column, row) as they stand if they stand level, or moved together so that they may touch."""
    first, last = parts[0], parts[-1]
    across, down = last[1] - first[1], (last[2] + last[0].shape[0]) - (first[2] + first[0].shape[0])
    if abs(down) <= _LEVEL * across and random.random() < 0.5:
        return put_together(parts)
    return beside([to_ink(ink) for ink, _, _ in parts], random_spacings(len(parts) - 1, random), random)


def _inside(box: NDArray[np.floating], boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    """(M,) the share of each of ``boxes`` (M, 4) that lies in ``box`` (4,)."""
    across = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
    down = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return np.maximum(across, 0) * np.maximum(down, 0) / np.maximum(areas, 1e-6)
