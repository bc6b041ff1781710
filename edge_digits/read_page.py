"""A grey picture -> a page: contrast, component tree, judge, page context, cut of the tree, text lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.judge import cascade
from edge_digits.judge.cascade import Judged
from edge_digits.judge.orientation import MOST, worth_by_turn
from edge_digits.judge.unseen import changed_nodes
from edge_digits.judge_classes import NONE
from edge_digits.lines.build_page import build_page
from edge_digits.lines.ctc import Symbol
from edge_digits.lines.grouping import group_lines
from edge_digits.lines.line_reader import LineReader
from edge_digits.lines.marks import find_marks
from edge_digits.lines.skew import estimate_skew
from edge_digits.lines.votes import read_group, touching, transcribe, with_votes
from edge_digits.page import Page
from edge_digits.proposals.hypotheses import find_nodes
from edge_digits.proposals.maps import full_maps, small_map
from edge_digits.runtime.model import Model
from edge_digits.selection.candidates import Candidates, ask_which, gather
from edge_digits.selection.choose import choose
from edge_digits.selection.overlaps import without_overlaps
from edge_digits.selection.page_context import page_features
from edge_digits.selection.set_network import SetNetwork
from edge_digits.types import Image, as_image


@dataclass(frozen=True)
class ReadSettings:
    """plain: nats that the digits of a page are worth together, from which it is not read light on dark as well, and by
    which it must be worth more turned by quarters than as it lies. upright: nats that each is worth on a page that
    surely lies right, on the average; where it is less, it is looked at turned by quarters. turned: nats that each must
    be worth turned, on the average: letters that lie upside down are worth less.
    """

    plain: float = 12.0
    upright: float = 5.0
    turned: float = 3.5


SETTINGS = ReadSettings()

_MOST_WORTH = 30.0
"""Nats beyond which nothing is surer."""


Strip = tuple[Image, tuple[Symbol, ...]]
"""(32, W) uint8, as a line reader is given it, and what it read there."""


@dataclass(frozen=True)
class Networks:
    """All that is asked about a page. first, second: the judge's stages. page: knows hypotheses beside each other.
    classifier: says which digit it is; None leaves that to the judge. lines: reads what touches; None leaves that to
    the others. whole_rows: whether ``lines`` votes on whole rows, not only on what touches.
    """

    first: Model
    second: Model
    page: SetNetwork
    classifier: Model | None = None
    lines: LineReader | None = None
    whole_rows: bool = False


@dataclass(frozen=True)
class Selection:
    """The hypotheses of a picture and those that stand. judged: map by map; scales: pixels of each map for one of the
    picture's. log_odds: (N,) float32, natural, of being a digit, as the page knows; worth: (N,) float32, of being the
    likeliest digit. chosen: indices."""

    candidates: Candidates
    judged: tuple[Judged, ...]
    scales: tuple[float, ...]
    log_odds: NDArray[np.float32]
    worth: NDArray[np.float32]
    chosen: NDArray[np.intp]

    @property
    def total(self) -> float:
        """Nats that what stands is worth together."""
        return float(self.worth[self.chosen].sum())


def find_candidates(grey: Image, networks: Networks) -> tuple[Candidates, tuple[Judged, ...], tuple[float, ...]]:
    """All judged hypotheses of ``grey`` (H, W) uint8, dark on light; and the same map by map, with the maps' scales."""
    maps = [*full_maps(grey), small_map(grey)]
    read = None if networks.lines is None else partial(transcribe, networks.lines)
    ask = partial(cascade.judge, first=networks.first, second=networks.second, transcribe=read)
    nodes = [find_nodes(m.contrast, m.least_height) for m in maps]
    judged = [ask(nodes[0])]
    judged += [ask(cleaned, index=changed_nodes(cleaned, nodes[0])) for cleaned in nodes[1:-1]]
    judged.append(ask(nodes[-1]))
    scales = tuple(m.scale for m in maps)
    return gather(judged, scales, (grey.shape[0], grey.shape[1])), tuple(judged), scales


def select(grey: Image, networks: Networks) -> Selection:
    """The digits of ``grey`` (H, W) uint8, dark on light or light on dark, whichever is worth more."""
    dark = select_dark(grey, networks)
    if dark.total >= SETTINGS.plain:
        return dark
    light = select_dark(as_image(cv2.bitwise_not(grey)), networks)
    return light if light.total > dark.total else dark


def select_dark(grey: Image, networks: Networks) -> Selection:
    """The digits of ``grey`` (H, W) uint8, dark on light."""
    candidates, judged, scales = find_candidates(grey, networks)
    if not len(candidates):
        nothing = candidates.log_odds
        return Selection(candidates, judged, scales, nothing, nothing, np.zeros(0, np.intp))
    page = networks.page(*page_features(candidates))
    chosen = choose(candidates, judged, _worth(page, candidates))
    if networks.classifier is not None:
        candidates = ask_which(candidates, chosen, networks.classifier)
    worth = _worth(page, candidates)
    return Selection(candidates, judged, scales, page, worth, chosen[worth[chosen] > 0])


def _worth(page: NDArray[np.float32], candidates: Candidates) -> NDArray[np.float32]:
    """What the page says of being a digit at all, (N,) log-odds, and what the classifiers say of which."""
    which = np.log(np.maximum(candidates.digits.max(axis=1), 1e-4))
    return np.clip(page + which, -_MOST_WORTH, _MOST_WORTH).astype(np.float32)


def quarter_turns(selection: Selection, networks: Networks) -> int:
    """By how many quarter turns, counter-clockwise, a picture should be turned to lie right, as some of its ink
    says."""
    digits = len(selection.chosen)
    if selection.total >= SETTINGS.upright * max(digits, 1):
        return 0
    candidates = selection.candidates
    nodes = np.flatnonzero((candidates.map == 0) & ~candidates.is_piece)
    likely = 1.0 - candidates.chances[:, NONE]
    asked = without_overlaps(candidates.boxes, likely, nodes)[:MOST]
    if not len(asked):
        return 0
    worth = worth_by_turn(selection.judged[0], asked, networks.second)
    return int(np.argmax(worth))


def is_surely_better(turned: Selection, unturned: Selection) -> bool:
    """Whether a picture that was turned is worth surely more than as it lay."""
    least = max(unturned.total + SETTINGS.plain, SETTINGS.turned * len(turned.chosen))
    return turned.total > least


def read_selection(
    selection: Selection, networks: Networks, least_confidence: float, line_exponent: float
) -> tuple[Page, tuple[Strip, ...]]:
    """The page of what was found in a picture, in its pixels, and what the line reader was given. least_confidence,
    line_exponent: see ``build_page``."""
    candidates, chosen = selection.candidates, selection.chosen
    boxes = candidates.boxes[chosen]
    skew = estimate_skew(boxes)
    rows = [chosen[row].tolist() for row in group_lines(boxes, skew)]
    groups = rows if networks.whole_rows else touching(candidates, selection.judged, chosen)
    strips = [] if networks.lines is None else [_read_group(selection, group, skew, networks.lines) for group in groups]
    digits = with_votes(candidates.digits, groups[: len(strips)], [symbols for _, symbols in strips])
    confidence = networks.page.confidence(selection.log_odds, digits.max(axis=1))
    is_sure = confidence >= least_confidence
    # A row goes on where one of its digits is too unsure.
    rows = [sure for row in rows if (sure := [index for index in row if is_sure[index]])]
    marks = find_marks(candidates.boxes, candidates.strength, rows, selection.judged[0].pyramid, networks.second)
    doubtful = chosen[~is_sure[chosen]]
    page = build_page(candidates, digits, confidence, rows, doubtful, marks, skew, line_exponent)
    return replace(page, turn=math.degrees(skew)), tuple(strips)


def _read_group(selection: Selection, group: Sequence[int], skew: float, reader: LineReader) -> Strip:
    return read_group(selection.candidates, selection.judged, selection.scales, group, skew, reader)
