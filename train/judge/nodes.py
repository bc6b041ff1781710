"""Labelled hypotheses of tiles: made by the very code that reads."""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.illumination.contrast import contrast_map
from edge_digits.illumination.downsampled import shrunken
from edge_digits.judge_classes import CLIPPED, MARK, NONE, SEVERAL
from edge_digits.model_input.context import OUTSIDE, Pyramid, pyramid
from edge_digits.model_input.gaps import gap_input
from edge_digits.model_input.ink import normalized_ink
from edge_digits.model_input.views import SETTINGS, first_views, second_views
from edge_digits.proposals.cuts import wide_nodes
from edge_digits.proposals.hypotheses import Hypotheses, find_nodes, with_pieces
from edge_digits.proposals.ruling import may_be_ruled, without_ruling
from edge_digits.types import Image, as_image
from train.judge.labels import IGNORED, label_gaps, label_hypotheses, touches_edge

PAPER_WINDOWS = (26.0, 200.0)
"""Pixels of the window that must hold some paper, as in pictures of 260 to 2,000."""

WRONG_WAY = 0.15
"""Share of tiles that are seen light on dark though they are dark on light, or the other way."""

STANDS_OUT = 12
"""Grey levels between a pixel and what surrounds it from which it tells a tile's polarity."""

DIGITS_A_MAP, PIECES_A_MAP, OTHERS_A_MAP, MARKS_A_MAP = 24, 10, 5, 10
NONE_A_MAP, NONE_PIECES_A_MAP, FIRST_ONLY_A_MAP = 14, 8, 24
"""Hypotheses of a map that are kept: so many digits, pieces that are digits, several or clipped ones, marks, nodes and
pieces that are none; and further ones that only the first stage sees, which gets all that there is."""

GAPS_A_MAP, JITTER = 4, 0.05
"""Gaps that are kept of those with a mark, and of those without; and how far their sides are off, in heights."""

HOSTS = 4
"""Wide nodes of a map that are cut: of those that are several digits, and of others."""


@dataclass(frozen=True)
class LabelledNodes:
    """N labelled hypotheses. first: (N, 2, s, s), ink: (N, 28, 28), views: (N, 3, S, S) uint8, the judge's inputs; the
    latter two are zeros where only the first stage learns, the first where only the second does, from gaps. label: (N,)
    int8. piece: (N,) bool. height: (N,) int16, pixels. strength: (N,) uint8, contrast. first_only, gap: (N,) bool."""

    first: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    views: NDArray[np.uint8]
    label: NDArray[np.int8]
    piece: NDArray[np.bool_]
    height: NDArray[np.int16]
    strength: NDArray[np.uint8]
    first_only: NDArray[np.bool_]
    gap: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.label)


def joined(parts: list[LabelledNodes]) -> LabelledNodes:
    """All of ``parts`` as one."""
    return LabelledNodes(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(LabelledNodes)))


def tile_nodes(
    image: Image, truth: NDArray[np.floating], kinds: NDArray[np.integer], random: np.random.Generator
) -> list[LabelledNodes]:
    """Labelled hypotheses of one tile, a part for each of its maps. truth, kinds: see ``label_hypotheses``."""
    maps = contrast_maps(image, random)
    borderless = random.random() < 0.5
    return [part for m in maps if len(part := _map_nodes(m, truth, kinds, random, borderless))]


def contrast_maps(image: Image, random: np.random.Generator, wrong_way: float = WRONG_WAY) -> list[Image]:
    """The maps (H, W) uint8 in which hypotheses of a tile are found: of its contrast, and the same without its ruling
    if it may be ruled. wrong_way: see ``WRONG_WAY``."""
    window = float(np.exp(random.uniform(*np.log(PAPER_WINDOWS)))) / max(image.shape)
    # Now and then the wrong way round: what the judge sees where nobody knows, and where there is nothing to read.
    if _is_light_on_dark(image) != (random.random() < wrong_way):
        image = as_image(cv2.bitwise_not(image))
    contrast = contrast_map(image, min(window, 0.8))
    cleaned = without_ruling(contrast) if may_be_ruled(shrunken(contrast)) else None
    return [contrast] if cleaned is None else [contrast, cleaned]


def _is_light_on_dark(image: Image) -> bool:
    """Whether more of a picture is much lighter than what surrounds it than much darker."""
    around = cv2.medianBlur(image, 2 * (min(image.shape) // 10) + 1)
    lighter, darker = cv2.subtract(image, around), cv2.subtract(around, image)
    return int(lighter[lighter > STANDS_OUT].sum(dtype=np.int64)) > int(darker[darker > STANDS_OUT].sum(dtype=np.int64))


def boxes_of(hypotheses: Hypotheses) -> NDArray[np.float32]:
    """(N, 4): left, top, right and bottom, exclusive, in pixels."""
    sides = (hypotheses.x, hypotheses.y, hypotheses.x + hypotheses.width, hypotheses.y + hypotheses.height)
    return np.stack(sides, axis=1).astype(np.float32)


def _map_nodes(
    contrast: Image,
    truth: NDArray[np.floating],
    kinds: NDArray[np.integer],
    random: np.random.Generator,
    borderless: bool,
) -> LabelledNodes:
    size = (contrast.shape[0], contrast.shape[1])
    nodes = find_nodes(contrast)
    label = label_hypotheses(boxes_of(nodes), truth, kinds, size)
    wide = wide_nodes(nodes.tree)
    several = label[wide] == SEVERAL
    hosts = np.concatenate([_some(wide[several], HOSTS, random), _some(wide[~several], HOSTS, random)])
    hypotheses = with_pieces(nodes, hosts)
    boxes = boxes_of(hypotheses)
    label = np.concatenate([label, label_hypotheses(boxes[len(nodes) :], truth, kinds, size)])
    if borderless:
        # As in the middle of a page: nothing shows where the picture ends, and what touches its edge is not shown.
        label[touches_edge(boxes, size)] = IGNORED
    both, first_only = _chosen(hypotheses, label, random)
    index = np.concatenate([both, first_only])
    of = pyramid(contrast)
    beyond = 0 if borderless else OUTSIDE
    first, strength = first_views(hypotheses, of, index, beyond)
    count = len(both)
    views = second_views(hypotheses, of, both, strength[:count], beyond)
    ink = normalized_ink(hypotheses, of, both, strength[:count])
    pad = len(first_only)
    nodes_of_map = LabelledNodes(
        first,
        np.concatenate([ink, np.zeros((pad, *ink.shape[1:]), np.uint8)]),
        np.concatenate([views, np.zeros((pad, *views.shape[1:]), np.uint8)]),
        label[index],
        hypotheses.host[index] >= 0,
        hypotheses.height[index].astype(np.int16),
        np.clip(strength, 0, 255).astype(np.uint8),
        np.arange(len(index)) >= count,
        np.zeros(len(index), np.bool_),
    )
    return joined([nodes_of_map, _gaps(of, truth, kinds, beyond, random)])


def _gaps(
    of: Pyramid, truth: NDArray[np.floating], kinds: NDArray[np.integer], beyond: int, random: np.random.Generator
) -> LabelledNodes:
    """Gaps between digits of a row, with a mark in them or none."""
    boxes, label = label_gaps(truth, kinds)
    marked = label == MARK
    use = [_some(np.flatnonzero(mask), GAPS_A_MAP, random) for mask in (marked, label == NONE)]
    index = np.concatenate(use)
    # Read digits' boxes are not the true ones to the pixel.
    height = (boxes[index, 3] - boxes[index, 1])[:, None]
    shown = boxes[index] + (random.uniform(-JITTER, JITTER, (len(index), 4)) * height).astype(np.float32)
    ink, views = gap_input(of, shown, beyond)
    size, none = SETTINGS.first_size, np.zeros(len(index), np.bool_)
    return LabelledNodes(
        np.zeros((len(index), 2, size, size), np.uint8),
        ink,
        views,
        label[index],
        none,
        height[:, 0].astype(np.int16),
        np.zeros(len(index), np.uint8),
        none,
        ~none,
    )


def _chosen(
    hypotheses: Hypotheses, label: NDArray[np.int8], random: np.random.Generator
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    piece = hypotheses.host >= 0
    is_digit = (label >= 0) & (label < NONE)
    groups = (
        (is_digit & ~piece, DIGITS_A_MAP),
        (is_digit & piece, PIECES_A_MAP),
        (label == SEVERAL, OTHERS_A_MAP),
        (label == CLIPPED, OTHERS_A_MAP),
        (label == MARK, MARKS_A_MAP),
        ((label == NONE) & ~piece, NONE_A_MAP),
        ((label == NONE) & piece, NONE_PIECES_A_MAP),
    )
    both = np.concatenate([_some(np.flatnonzero(mask), most, random) for mask, most in groups])
    rest = (label == NONE) & ~piece
    rest[both] = False
    return both, _some(np.flatnonzero(rest), FIRST_ONLY_A_MAP, random)


def _some(index: NDArray[np.integer], most: int, random: np.random.Generator) -> NDArray[np.integer]:
    return index if len(index) <= most else np.sort(random.choice(index, most, replace=False))
