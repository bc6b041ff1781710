"""The figures of photographs, and of single digits as pictures, as Markdown. Nothing of ``check`` is named in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from edge_digits.evaluation import intervals
from edge_digits.evaluation.ground_truth import CHECK
from edge_digits.evaluation.intervals import Interval
from edge_digits.evaluation.statistics import wilson
from train.evaluate import photographs
from train.evaluate.photographs import Read
from train.evaluate.singles import Singles
from train.evaluate.tables import percent, table
from train.evaluate.whole_pictures import Reading

SAID = (
    f"In brackets {100 * intervals.LEVEL:.0f} % intervals: sources are drawn again, {intervals.RESAMPLES:,} times; "
    f"where there are fewer than {intervals.FEWEST} of them, there is none."
)


def all_tables(readings: Sequence[Reading]) -> list[str]:
    """Every table of what ``readings``, at least one, say of the same photographs. The first one's kinds are shown."""
    first = readings[0]
    found = [by_part(readings), SAID, without_digits(readings)]
    if len(readings) > 1:
        found.append(compared(readings))
    return [*found, f"By kind of picture, {first.name}:", by_kind(first), *by_source(readings)]


def by_part(readings: Sequence[Reading]) -> str:
    """One row for each part, the strict photographs of it and all, and each reader; ``check`` leads."""
    header = (
        "part | photographs | reader | pictures | sources | digits | macro CER (%) | CER (%) | lines exact (%) "
        "| pictures exact (%) | wrong in surest 90 % (%)"
    )
    rows = []
    for name in photographs.parts(readings[0].photographs):
        for which, chosen in (("strict", photographs.strict), ("all", photographs.written)):
            for one in readings:
                own = chosen(photographs.parts(one.photographs)[name])
                if own:
                    rows.append(f"{name or '–'} | {which} | {one.name} | {_row(own)}")
    return table(header, 3, rows)


def _row(read: Sequence[Read]) -> str:
    found = photographs.figures(read)
    m = found.measures
    rates = [found.macro_cer, found.cer, found.line_exact]
    cells = [str(m.pictures), str(m.sources), f"{m.digits:,}", *map(ranged, rates), percent(m.image_exact)]
    return " | ".join([*cells, ranged(photographs.surest(read))])


def without_digits(readings: Sequence[Reading]) -> str:
    """Digits read in the pictures without any: a row for each reader, a column for each part."""
    parts = list(photographs.parts(readings[0].photographs))
    rows = []
    for one in readings:
        counts = [photographs.invented(photographs.parts(one.photographs)[name]) for name in parts]
        cells = [f"{sum(own)} in {sum(map(bool, own))} of {len(own)}" if own else "–" for own in counts]
        rows.append(" | ".join([one.name, *cells]))
    return table(" | ".join(["digits read where there are none", *(name or "pictures" for name in parts)]), 1, rows)


def compared(readings: Sequence[Reading]) -> str:
    """Every two readers on the same pictures, those of ``check`` if there are any."""
    name = next(iter(photographs.parts(readings[0].photographs)))
    header = f"macro CER, {name or 'photographs'} (points) | against | strict | all"
    rows = []
    for one, other in combinations(readings, 2):
        cells = []
        for chosen in (photographs.strict, photographs.written):
            first, second = (chosen(photographs.parts(r.photographs)[name]) for r in (other, one))
            cells.append(difference(photographs.difference(first, second), _same(first, second)))
        rows.append(" | ".join([one.name, other.name, *cells]))
    return table(header, 2, rows)


def _same(first: Sequence[Read], second: Sequence[Read]) -> bool:
    return all(one.lines == other.lines for one, other in zip(first, second, strict=True))


def difference(found: Interval, same: bool = False) -> str:
    """A difference of two rates, in points, and whether it can be shown. same: whether every picture is read alike."""
    if same:
        return "read the same"
    if math.isnan(found.value):
        return "–"
    if math.isnan(found.low):
        return f"{100 * found.value:+.2f} (too few sources)"
    said = f"{100 * found.value:+.2f} ({100 * found.low:+.2f} to {100 * found.high:+.2f})"
    return f"{said}: no difference that can be shown" if found.low <= 0 <= found.high else said


def by_kind(reading: Reading) -> str:
    """One row for each kind of picture with digits, and for each part its pictures and rates."""
    parts = {name: photographs.by_kind(photographs.written(own)) for name, own in _parts(reading).items()}
    parts = {name: kinds for name, kinds in parts.items() if kinds}
    columns = ("pictures", "sources", "macro CER (%)", "CER (%)", "lines exact (%)")
    header = ["kind", *(f"{name}: {column}" if name else column for name in parts for column in columns)]
    rows = []
    for kind in sorted({kind for kinds in parts.values() for kind in kinds}):
        cells = [kind or "–"]
        for kinds in parts.values():
            found = photographs.figures(kinds.get(kind, []))
            m = found.measures
            cells += [str(m.pictures), str(m.sources)]
            cells += [ranged(one) for one in (found.macro_cer, found.cer, found.line_exact)]
        rows.append(" | ".join(cells))
    return table(" | ".join(header), 1, rows)


def _parts(reading: Reading) -> dict[str, list[Read]]:
    return photographs.parts(reading.photographs)


def by_source(readings: Sequence[Reading]) -> list[str]:
    """Error rates of the sources: of ``check`` the first reader's in order of size, of the others a row for each source
    and a column for each reader."""
    found = []
    for name, read in _parts(readings[0]).items():
        own = photographs.by_source(photographs.written(read))
        if name == CHECK and own:
            rates = sorted(100 * photographs.measures(some).cer for some in own.values())
            said = ", ".join(f"{rate:.1f}" for rate in rates)
            found.append(f"CER (%) of the {len(own)} sources of {CHECK}, {readings[0].name}, in order of size: {said}.")
        elif own:
            found.append(_named_sources(name, readings))
    return found


def _named_sources(part: str, readings: Sequence[Reading]) -> str:
    by_reader = [photographs.by_source(photographs.written(_parts(one)[part])) for one in readings]
    rows = []
    for source, own in by_reader[0].items():
        rates = [percent(photographs.measures(found[source]).cer) for found in by_reader]
        kinds = ", ".join(photographs.by_kind(own))
        rows.append(" | ".join([source, kinds, str(len(own)), str(photographs.measures(own).digits), *rates]))
    header = [f"CER (%) by source{f', {part}' if part else ''}", "kinds", "pictures", "digits"]
    return table(" | ".join([*header, *(one.name for one in readings)]), 2, rows)


def single_digits(readings: Sequence[Reading]) -> str:
    """Single digits as pictures: a row for each reader and set."""
    header = "reader | set | pictures | read exactly (%) | nothing read | several digits | another digit"
    rows = []
    for one in readings:
        for own in one.singles:
            wrong = own.count - own.right - own.missed - own.several
            cells = [one.name, own.name, f"{own.count:,}", _exactly(own)]
            rows.append(" | ".join([*cells, *map(str, (own.missed, own.several, wrong))]))
    return table(header, 2, rows)


def _exactly(found: Singles) -> str:
    if not found.count:
        return "–"
    return ranged(Interval(found.right / found.count, *wilson(found.right, found.count)))


def ranged(rate: Interval) -> str:
    """A rate in percent, with its interval if there is one: "3.21 (1.90 to 4.70)"."""
    if math.isnan(rate.low):
        return percent(rate.value)
    return f"{percent(rate.value)} ({percent(rate.low)} to {percent(rate.high)})"
