"""A grey picture -> a page: contrast, component tree, judge, page context, cut of the tree, text lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.judge import cascade
from edge_digits.judge.cascade import Judged
from edge_digits.lines.build_page import build_page
from edge_digits.proposals.hypotheses import find_nodes
from edge_digits.proposals.maps import full_maps, small_map
from edge_digits.runtime import Model
from edge_digits.selection.candidates import Candidates, gather
from edge_digits.selection.choose import choose
from edge_digits.selection.page_context import page_features
from edge_digits.selection.set_network import SetNetwork
from edge_digits.types import Image, Page, as_image


@dataclass(frozen=True)
class ReadSettings:
    """plain: nats that the digits of a page are worth together, from which it is not read light on dark as well.
    upright: nats that each is worth on a page that lies right, on the average; where it is less, it is read turned
    by quarters, too. turn_side: pixels of the longer side that are enough for that. surely: how many times
    as much a turned page must be worth.
    """

    plain: float = 12.0
    upright: float = 7.5
    turn_side: int = 800
    surely: float = 1.2


SETTINGS = ReadSettings()


_MOST_WORTH = 30.0
"""Nats beyond which nothing is surer."""


@dataclass(frozen=True)
class Judges:
    """What looks at hypotheses one by one: the judge's two stages, and the CNN that says which digit it is."""

    first: Model
    second: Model
    classifier: Model


@dataclass(frozen=True)
class Selection:
    """The hypotheses of a picture and those that stand. worth: (N,) float32, natural log-odds. chosen: indices."""

    candidates: Candidates
    worth: NDArray[np.float32]
    chosen: NDArray[np.intp]

    @property
    def total(self) -> float:
        """Nats that what stands is worth together."""
        return float(self.worth[self.chosen].sum())


def find_candidates(grey: Image, judges: Judges) -> tuple[Candidates, list[Judged]]:
    """All judged hypotheses of ``grey`` (H, W) uint8, dark on light; and the same map by map."""
    maps = [*full_maps(grey), small_map(grey)]
    judged = [cascade.judge(find_nodes(each.contrast), judges.first, judges.second) for each in maps]
    size = (grey.shape[0], grey.shape[1])
    return gather(judged, [each.scale for each in maps], judges.classifier, size), judged


def select(grey: Image, judges: Judges, page: SetNetwork, settings: ReadSettings = SETTINGS) -> Selection:
    """The digits of ``grey`` (H, W) uint8, dark on light or light on dark, whichever is worth more."""
    dark = select_dark(grey, judges, page)
    if dark.total >= settings.plain:
        return dark
    light = select_dark(as_image(cv2.bitwise_not(grey)), judges, page)
    return light if light.total > dark.total else dark


def quarter_turns(grey: Image, found: Selection, judges: Judges, page: SetNetwork, settings: ReadSettings) -> int:
    """By how many quarter turns, counter-clockwise, ``grey`` is to be turned to lie right: 0 unless another way is
    surely worth more than ``found``, what is read in it as it lies."""
    digits = len(found.chosen)
    if digits and found.total >= settings.upright * digits:
        return 0
    scale = min(1.0, settings.turn_side / max(grey.shape))
    if scale < 1.0:
        grey = as_image(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    totals = [select(as_image(np.ascontiguousarray(np.rot90(grey, turns))), judges, page).total for turns in range(4)]
    best = int(np.argmax(totals))
    return best if totals[best] > max(settings.surely * totals[0], settings.plain) else 0


def select_dark(grey: Image, judges: Judges, page: SetNetwork) -> Selection:
    """The digits of ``grey`` (H, W) uint8, dark on light."""
    candidates, judged = find_candidates(grey, judges)
    worth = candidates.log_odds
    if len(candidates):
        # What the page says of being a digit at all, and what the classifiers say of which.
        which = np.log(np.maximum(candidates.digits.max(axis=1), 1e-4))
        worth = np.clip(page(*page_features(candidates)) + which, -_MOST_WORTH, _MOST_WORTH).astype(np.float32)
    return Selection(candidates, worth, choose(candidates, judged, worth))


def read_page(grey: Image, judges: Judges, page: SetNetwork, least_confidence: float, line_exponent: float) -> Page:
    """The page of ``grey`` (H, W) uint8, in its pixels. least_confidence, line_exponent: see ``build_page``."""
    found = select(grey, judges, page)
    confidence = 1 / (1 + np.exp(-found.worth))
    return build_page(found.candidates, found.chosen, confidence, least_confidence, line_exponent)
