"""What was measured, as a table for a terminal, at most 100 columns wide, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_digits.accuracy.measure import Measured
from edge_digits.accuracy.pairs import ALL, Side
from edge_digits.evaluation.intervals import Interval
from edge_digits.evaluation.statistics import Difference, wilson

_NAME, _CELL = 28, 11
_WHAT = {"digits": "digits right", "lines": "lines exact", "pages": "pages exact"}
_ONE = {"digits": "one digit", "lines": "one line", "pages": "one page"}


def as_table(sides: Sequence[Side], measured: Sequence[Measured]) -> str:
    """One table: shares with their paired difference, then times and sizes with their ratio."""
    titles = [side.title for side in sides]
    last = f"{titles[1]} less {titles[0]} (95 %)" if len(sides) == 2 else "95 % interval"
    counts = ", ".join(f"{row.count:,} {row.kind}" for row in measured)
    lines = [] if sides[0].network == ALL else [f"{side.title}: {_names(side.files)}" for side in sides]
    lines += [f"{counts}; one thread" + (", in turns" if len(sides) == 2 else ""), _row("", titles, last)]
    lines += [_share(f"{_WHAT[row.kind]} ({row.network})", row) for row in measured]
    for row in measured:
        if row.error_rate:
            cells = [f"{100 * rate:.2f} %" for rate in row.error_rate]
            difference = row.error_difference
            lines.append(_row("  character error rate", cells, _difference(difference) if difference else ""))
    for row in measured:
        cells = [f"{value:.3g} ms" for value in row.milliseconds]
        lines.append(_row(f"{_ONE[row.kind]} ({row.network})", cells, _ratio(row.milliseconds)))
    for row in measured:
        cells = [f"{value:,.0f} kB" for value in row.kilobytes]
        lines.append(_row(f"files ({row.network})", cells, _ratio(row.kilobytes)))
    # One network has the same files for digits or lines as for pages.
    return "\n".join(dict.fromkeys(lines))


def as_json(sides: Sequence[Side], measured: Sequence[Measured]) -> dict[str, Any]:
    """The same as one object. Shares and differences 0..1, times in milliseconds, sizes in kB."""
    models = [{"title": side.title, "files": [str(path) for path in side.files]} for side in sides]
    return {"models": models, "measured": [_fields(row) for row in measured]}


def _names(files: Sequence[Path]) -> str:
    return ", ".join([str(files[0]), *(path.name for path in files[1:])])


def _fields(row: Measured) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": row.kind,
        "network": row.network,
        "count": row.count,
        "right": list(row.right),
        "right_difference": _ends(row.difference),
        "milliseconds": list(row.milliseconds),
        "kilobytes": list(row.kilobytes),
    }
    if row.error_rate:
        fields |= {"error_rate": list(row.error_rate), "error_rate_difference": _ends(row.error_difference)}
    return fields


def _ends(difference: Difference | Interval | None) -> dict[str, float] | None:
    return difference and {"value": difference.value, "low": difference.low, "high": difference.high}


def _share(name: str, row: Measured) -> str:
    cells = [f"{100 * share:.2f} %" for share in row.right]
    if row.difference is not None:
        return _row(name, cells, _difference(row.difference))
    low, high = wilson(round(row.right[0] * row.count), row.count)
    return _row(name, cells, f"{100 * low:.2f} to {100 * high:.2f} %")


def _difference(difference: Difference | Interval) -> str:
    value, low, high = (100 * end for end in (difference.value, difference.low, difference.high))
    text = f"{value:+.2f} ({low:.2f} to {high:.2f})"
    return f"{text}, no difference shown" if low <= 0 <= high else text


def _ratio(values: Sequence[float]) -> str:
    return f"{values[1] / values[0]:.2f} times" if len(values) == 2 else ""


def _row(name: str, cells: Sequence[str], last: str) -> str:
    return (f"{name:{_NAME}}" + "".join(f"{cell:>{_CELL}}" for cell in cells) + f"   {last}").rstrip()
