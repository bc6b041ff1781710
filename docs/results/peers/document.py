"""A comparison of readers -> docs/results/peers.md."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from device.benchmark.machine import now
from device.benchmark.results import table
from docs.results.page import RESULTS, write_page
from docs.results.peers.compare import Comparison
from docs.results.peers.opening import OURS
from docs.results.peers.pictures import NONE
from docs.results.prose.peers import HEAD
from edge_digits.evaluation import intervals
from edge_digits.evaluation.intervals import Interval, Pairs


def write(result: Comparison, machine: dict[str, Any]) -> None:
    """Write the page. machine: where it was measured, as ``device.benchmark.machine.describe`` says it."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    where = f"{machine['board'] or machine['processor']} ({machine['architecture']}), {machine['system']}"
    where = f"{now()[:10]}, {where}, Python {machine['python']}, {versions}; commit {machine['commit'] or 'unknown'}."
    parts = [f"{where} Times are means, since they differ from picture to picture.", costs(result)]
    for name in filter(result.pictures.get, result.pictures):
        parts += [f"## {name.capitalize()}", no_digits(result) if name == NONE else errors(result, name)]
    if result.left_out:
        reasons = "\n".join(f"- `{name}`: {reason}" for name, reason in result.left_out.items())
        parts.append(f"## Not run\n\n{reasons}")
    write_page(RESULTS / "peers.md", HEAD, *parts)


def errors(result: Comparison, name: str) -> str:
    """How one set was read: errors with intervals, and by how much more than ours; times beside ours."""
    rows = []
    ours = _pairs(result, name, OURS)
    seconds = _mean_seconds(result, name, OURS)
    for reader in result.readers:
        read = _pairs(result, name, reader.name)
        figures, own = intervals.figures(read), _mean_seconds(result, name, reader.name)
        more = "–" if reader.name == OURS else _points(intervals.macro_difference(ours, read), sign=True)
        exact = f"{100 * figures.measures.image_exact:.1f}"
        rows.append(
            [
                *(reader.name, _points(figures.macro_cer), more, _points(figures.line_exact), exact),
                *(f"{1e3 * own:.1f}", f"{own / seconds:.1f}"),
            ]
        )
    heads = ["reader", "macro CER (%)", "more than ours (points)", "lines exact (%)", "pictures exact (%)"]
    count = len(result.pictures[name])
    sources = len({one.source for one in result.pictures[name]})
    said = f"{count} pictures, {sources} sources, {sum(one.written for one in result.pictures[name])} digits."
    return f"{said}\n\n{table([*heads, 'mean time (ms)', 'times ours'], rows)}"


def no_digits(result: Comparison) -> str:
    """Digits that were read where there are none."""
    rows = []
    for reader in result.readers:
        counts = [sum(map(len, answer.lines)) for answer in result.answers[NONE][reader.name]]
        rows.append([reader.name, str(sum(counts)), f"{sum(count > 0 for count in counts)} of {len(counts)}"])
    return table(["reader", "digits", "in pictures"], rows)


def costs(result: Comparison) -> str:
    """Memory and what installing brings."""
    rows = [[one.name, _megabytes(one.memory), _megabytes(one.installed)] for one in result.readers]
    note = (
        "Memory: the most that the process held, Python and the picture included; Tesseract's program is not in it. On "
        "the disk: the package and all that it requires, without Python."
    )
    return f"## Memory and disk\n\n{note}\n\n{table(['reader', 'memory (MB)', 'on the disk (MB)'], rows)}"


def _pairs(result: Comparison, name: str, reader: str) -> Pairs:
    answers = result.answers[name][reader]
    return [(picture, answer.lines) for picture, answer in zip(result.pictures[name], answers, strict=True)]


def _mean_seconds(result: Comparison, name: str, reader: str) -> float:
    return float(np.mean([answer.seconds for answer in result.answers[name][reader]]))


def _points(of: Interval, sign: bool = False) -> str:
    form = "+.1f" if sign else ".1f"
    ends = "" if math.isnan(of.low) else f" ({100 * of.low:{form}} to {100 * of.high:{form}})"
    return "–" if math.isnan(of.value) else f"{100 * of.value:{form}}{ends}"


def _megabytes(count: int | None) -> str:
    return "–" if count is None else f"{count / 1e6:.0f}"
