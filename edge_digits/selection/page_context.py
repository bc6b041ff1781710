"""What the page knows: each hypothesis beside its nearest others -> better log-odds of being a digit.

A word's letters condemn each other, digits of a row vouch for each other. A small set network (Zaheer et al. 2017, Deep
Sets): an edge network looks at each neighbour, the largest and the sum of what it finds goes to a node network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_digits.judge_classes import MARK, NONE
from edge_digits.selection.candidates import Candidates
from edge_digits.selection.overlaps import OverlapSettings, shared, without_overlaps

NEIGHBOURS, NODE_FEATURES, EDGE_FEATURES = 16, 21, 10
"""Nearest others that are looked at, and numbers that describe a hypothesis and a neighbour."""

MOST_LOG_ODDS = 8.0
"""The judge's log-odds are cut off there, both ways."""

_LEAST, _MOST_OTHERS = -3.0, 600
"""Log-odds of being written, digit or not, from which a hypothesis is a neighbour of others, and how many are at most.
"""

_LEAST_CHANCE = 1e-3
"""A line reader's and the judge's chances are cut off there, both ways."""

_SAME_INK = OverlapSettings(most_shared=0.4)
"""What shares more of the smaller box is the same ink."""


def page_features(page: Candidates) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the set network sees: nodes (N, NODE_FEATURES) and edges (N, NEIGHBOURS, EDGE_FEATURES) float32; a missing
    neighbour is all zeros, and its last feature says so."""
    logit = np.clip(page.log_odds, -MOST_LOG_ODDS, MOST_LOG_ODDS)
    x, y = page.boxes[:, 0], page.boxes[:, 1]
    w, h = page.boxes[:, 2] - x, page.boxes[:, 3] - y
    strength = np.maximum(page.strength, 1.0)
    # A word's letters are neighbours as well: they are what tells that its O is no 0.
    letter, none = page.chances[:, MARK], np.clip(page.chances[:, NONE], 1e-6, 1 - 1e-6)
    others = _others(page.boxes, np.log((1 - none) / none))
    chance = 1 / (1 + np.exp(-logit))
    chance_of_others = chance[others]
    weight = chance_of_others * np.sqrt(h[others])
    typical_height = _weighted_median(h[others], weight) if len(others) else 30.0
    typical_strength = _weighted_median(strength[others], weight) if len(others) else 100.0
    height, width = page.size
    edge = (x <= 1) | (y <= 1) | (page.boxes[:, 2] >= width - 1) | (page.boxes[:, 3] >= height - 1)
    count = np.full(len(logit), chance_of_others.sum(), np.float32)
    letters = np.full(len(logit), letter[others].sum(), np.float32)
    nodes = np.stack(
        [
            logit / 4,
            page.digits.max(axis=1),
            np.clip(np.log(h / typical_height), -2, 2),
            np.clip(np.log(strength / typical_strength), -2, 2),
            np.log(w / h),
            strength / 255,
            np.log(h) / 5,
            edge,
            page.is_piece,
            np.log1p(count) / 4,
            np.full(len(logit), np.log1p(len(others)) / 5),
            count / (len(others) + 1),
            letter,
            none,
            letters / (letters + count + 1),
            np.log(np.maximum(w, h) / max(height, width)) / 3,
            *_transcribed_features(page.transcribed),
            np.ones(len(logit)),
        ],
        axis=1,
    )
    return nodes.astype(np.float32), _edges(page, logit, strength, others)


def _transcribed_features(transcribed: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Whether a line reader reads a piece as a digit, 1, or its host otherwise, -1; how surely it reads it and all of
    its host's digits, and how surely the judge sees several there. transcribed: see ``Candidates``."""
    said = np.sign(transcribed[:, 0])
    one, together, several = np.clip(transcribed, _LEAST_CHANCE, 1 - _LEAST_CHANCE).T
    features = (np.log(one), np.log(together) / 3, np.log(several / (1 - several)) / 4)
    return said, *(np.where(said > 0, feature, 0.0) for feature in features)


def _edges(
    page: Candidates, logit: NDArray[np.floating], strength: NDArray[np.floating], others: NDArray[np.intp]
) -> NDArray[np.float32]:
    boxes, count = page.boxes, len(logit)
    edges = np.zeros((count, NEIGHBOURS, EDGE_FEATURES), np.float32)
    if not len(others):
        return edges
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    near = min(NEIGHBOURS, len(others))
    for start in range(0, count, 512):
        i = np.arange(start, min(count, start + 512))[:, None]
        unit = np.maximum(h[i], 0.6 * w[i])
        dx, dy = (x[others][None] - x[i]) / unit, (y[others][None] - y[i]) / unit
        same = shared(boxes[i[:, 0]], boxes[others]) > _SAME_INK.most_shared
        size = np.log(h[others][None] / h[i])
        # Neighbours in a row are nearer than those above and below, and those of like size than others.
        distance = np.hypot(dx, 1.5 * dy) + 0.6 * np.abs(size) + np.where(same, np.inf, 0.0)
        chosen = np.argpartition(distance, near - 1, axis=1)[:, :near]
        j = others[chosen]

        def pick(table: NDArray[np.floating], columns: NDArray[np.intp] = chosen) -> NDArray[np.floating]:
            return np.take_along_axis(table, columns, 1)

        features = np.stack(
            [
                np.clip(pick(dx), -8, 8) / 3,
                np.clip(pick(dy), -8, 8) / 3,
                np.clip(pick(size), -2, 2),
                np.clip(np.log(strength[j] / strength[i]), -2, 2),
                logit[j] / 4,
                1 / (1 + np.exp(-logit[j])),
                np.clip(np.log(w[j] / h[j]), -2, 2),
                page.chances[j, MARK],
                page.chances[j, NONE],
                np.ones(j.shape),
            ],
            axis=2,
        )
        edges[i[:, 0], :near] = np.where(np.isfinite(pick(distance))[:, :, None], features, 0.0)
    return edges


def _others(boxes: NDArray[np.float32], logit: NDArray[np.floating]) -> NDArray[np.intp]:
    """Indices of likely hypotheses that stand beside each other, the likelier first. logit: (N,) log-odds."""
    return without_overlaps(boxes, logit, np.flatnonzero(logit > _LEAST), _SAME_INK)[:_MOST_OTHERS]


def _weighted_median(values: NDArray[np.floating], weight: NDArray[np.floating]) -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][min(len(values) - 1, int(np.searchsorted(total, total[-1] / 2)))])
