"""What was judged of a page's ink -> the page: its lines with their text, and all that was not read."""

from __future__ import annotations

import math
import statistics

import numpy as np

from edge_digits.cut_off import cut_off
from edge_digits.ink import PageInk
from edge_digits.layout import line_text
from edge_digits.marks import find_marks
from edge_digits.plausibility import Candidate
from edge_digits.segment.components import Components
from edge_digits.segment.rows import clipped, touches_edge
from edge_digits.types import Digit, Image, Line, Page, Rejected, union

_PASSED_OVER = "too-small"
"""Why ink was rejected that does not show in a line's text."""


def assembled(
    candidates: list[Candidate],
    reasons: list[str | None],
    components: Components,
    ink: Image,
    found: PageInk,
    line_exponent: float,
) -> Page:
    """Lines of what is read, in the order of the rows, and all that is not.

    reasons: for each candidate why it is rejected; None if it is read. components: those of ``ink``, (H, W) uint8 of
    the page without its printed lines. found: the page with them. line_exponent: see ``ModelSpec``.
    """
    heights = [c.box.height for c, reason in zip(candidates, reasons, strict=True) if reason is None]
    at_edge = set(clipped(components, statistics.median(heights)).tolist()) if heights else set()
    judged = [
        (c, "clipped" if reason is None and not at_edge.isdisjoint(c.components) else reason)
        for c, reason in zip(candidates, reasons, strict=True)
    ]
    rows: dict[int, list[Candidate]] = {}
    for candidate, reason in judged:
        if reason is None:
            rows.setdefault(candidate.row, []).append(candidate)
    others = {index for c, reason in judged if reason not in (None, _PASSED_OVER) for index in c.components}
    marks = dict(zip(rows, find_marks(list(rows.values()), others, components, ink, found), strict=True))
    taken = others.union(c.components[0] for own in rows.values() for c in own)
    ends = [index for index in np.flatnonzero(touches_edge(components)).tolist() if index not in taken]
    cut = cut_off(rows, ends, components, ink, found.contrast)
    shown = {index for own in (*marks.values(), *cut.values()) for index in own}
    judged = [(c, reason) for c, reason in judged if reason != _PASSED_OVER or shown.isdisjoint(c.components)]
    lines: list[Line] = []
    rejected: list[Rejected] = []
    for row in sorted({candidate.row for candidate in candidates}):
        refused = [Rejected(c.box, reason) for c, reason in judged if c.row == row and reason is not None]
        refused += [Rejected(components.box(index), "not-a-digit") for index in marks.get(row, [])]
        refused += [Rejected(components.box(index), "clipped") for index in cut.get(row, [])]
        rejected += refused
        if row in rows:
            digits = tuple(Digit(c.span.value, c.span.confidence, c.box) for c in rows[row])
            text = line_text(list(digits), [r.box for r in refused if r.reason != _PASSED_OVER])
            # Their product takes nothing but the shapes of the digits for doubtful; digits are missed and torn too.
            confidence = math.prod(digit.confidence for digit in digits) ** line_exponent
            lines.append(Line(text, confidence, union([digit.box for digit in digits]), digits))
    rejected += [Rejected(components.box(index), "clipped") for index in sorted(at_edge - others - shown)]
    return Page(tuple(lines), tuple(rejected))
