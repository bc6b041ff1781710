"""A comparison as a table for people, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge_digits.accuracy.compare import Measured, Outcome
from edge_digits.evaluation.statistics import paired_loss, wilson
from edge_digits.system.terminal import escaped

KINDS = {
    "digits": ("MNIST's digits", "a digit"),
    "lines": ("drawn lines", "a line"),
    "tiles": ("rows of tiles", "a tile"),
}
"""By kind of sample what is right or wrong in it, and what is timed."""

_LABEL, _CELL = 30, 12


def as_text(outcomes: Sequence[Outcome]) -> str:
    """At most 100 columns. outcomes: of one side, or of two, the second beside the first."""
    names = [escaped(one.side.name) for one in outcomes]
    heads, legend = names, ""
    if max(map(len, names)) >= _CELL:
        heads = ["A", "B"][: len(names)]
        legend = "".join(f"{head} is {name}\n" for head, name in zip(heads, names, strict=True))
    rows = [("", *heads, f"{heads[1]} beside {heads[0]}" if len(heads) > 1 else "")]
    for kind, (name, _) in KINDS.items():
        some = [_of(one, kind) for one in outcomes]
        if any(some):
            count = next(len(one.right) for one in some if one)
            shares = [f"{100 * one.share:.1f} %" if one else "–" for one in some]
            rows.append((f"{name} right, of {count:,}", *shares, _difference(some)))
    for kind, (_, name) in KINDS.items():
        some = [_of(one, kind) for one in outcomes]
        if any(some):
            rows.append(
                (f"{name}, median", *(f"{1e3 * one.median:.3g} ms" if one else "–" for one in some), _pace(some))
            )
    for network in dict.fromkeys(name for one in outcomes for name in one.side.files):
        sizes = [one.side.files.get(network) for one in outcomes]
        rows.append((f"{network}, file", *(f"{size / 1e3:,.0f} kB" if size else "–" for size in sizes), ""))
    lines = [
        f"{label:{_LABEL}}" + "".join(f"{cell:>{_CELL}}" for cell in cells[:-1]) + f"  {cells[-1]}"
        for label, *cells in rows
    ]
    return legend + "\n".join(line.rstrip() for line in lines)


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares in 0..1 with their intervals (95 %), seconds, bytes."""
    sides = {}
    for one in outcomes:
        measured = {kind: m for kind in KINDS if (m := _of(one, kind)) is not None}
        sides[one.side.name] = {"bytes": one.side.files, **{kind: _figures(m) for kind, m in measured.items()}}
    if len(outcomes) < 2:
        return {"sides": sides}
    pairs = {kind: [_of(one, kind) for one in outcomes] for kind in KINDS}
    losses = {kind: paired_loss(a.right, b.right) for kind, (a, b) in pairs.items() if a and b}
    return {
        "sides": sides,
        "loss": {kind: {"share": loss, "margin": margin} for kind, (loss, margin) in losses.items()},
    }


def _figures(measured: Measured) -> dict[str, Any]:
    right, count = int(measured.right.sum()), len(measured.right)
    low, high = wilson(right, count)
    return {
        "right": right,
        "count": count,
        "share": measured.share,
        "interval": [low, high],
        "seconds": measured.median,
    }


def _of(outcome: Outcome, kind: str) -> Measured | None:
    return {"digits": outcome.digits, "lines": outcome.lines, "tiles": outcome.tiles}[kind]


def _difference(some: Sequence[Measured | None]) -> str:
    """By how many points more the second is right, with its 95 % interval."""
    if len(some) < 2 or some[0] is None or some[1] is None:
        return ""
    loss, margin = paired_loss(some[0].right, some[1].right)
    points = f"{-100 * loss:+.1f} points"
    if loss == margin == 0:
        return "the same on every one"
    shown = "" if abs(loss) > margin else ", maybe chance"
    return f"{points} ({100 * (-loss - margin):+.1f} to {100 * (-loss + margin):+.1f}){shown}"


def _pace(some: Sequence[Measured | None]) -> str:
    if len(some) < 2 or some[0] is None or some[1] is None:
        return ""
    ratio = some[0].median / some[1].median
    return f"{ratio:.2f} times faster" if ratio >= 1 else f"{1 / ratio:.2f} times slower"
