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
    """plain: nats that the digits of a page are worth together, from which it is not read light on dark as well."""

    plain: float = 12.0


SETTINGS = ReadSettings()


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


def select_dark(grey: Image, judges: Judges, page: SetNetwork) -> Selection:
    """The digits of ``grey`` (H, W) uint8, dark on light."""
    candidates, judged = find_candidates(grey, judges)
    worth = candidates.log_odds
    if len(candidates):
        # What the page says of being a digit at all, and what the classifiers say of which.
        which = np.log(np.maximum(candidates.digits.max(axis=1), 1e-4))
        worth = (page(*page_features(candidates)) + which).astype(np.float32)
    return Selection(candidates, worth, choose(candidates, judged, worth))


def read_page(grey: Image, judges: Judges, page: SetNetwork, least_confidence: float, line_exponent: float) -> Page:
    """The page of ``grey`` (H, W) uint8, in its pixels. least_confidence, line_exponent: see ``build_page``."""
    found = select(grey, judges, page)
    confidence = 1 / (1 + np.exp(-found.worth))
    return build_page(found.candidates, found.chosen, confidence, least_confidence, line_exponent)
