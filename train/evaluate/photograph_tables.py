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

INTERVALS_NOTE = (
    f"In brackets {100 * intervals.LEVEL:.0f} % intervals: sources are drawn again, {intervals.RESAMPLES:,} times; "
    f"where there are fewer than {intervals.FEWEST} of them, there is none."
)


def all_tables(readings: Sequence[Reading]) -> list[str]:
    """Every table of what ``readings``, at least one, say of the same photographs. The first one's kinds are shown."""
    first = readings[0]
    tables = [by_part(readings), INTERVALS_NOTE, without_digits(readings)]
    if len(readings) > 1:
        tables.append(compared(readings))
    return [*tables, f"By kind of picture, {first.name}:", by_kind(first), *by_source(readings)]


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
                chosen_part = chosen(photographs.parts(one.photographs)[name])
                if chosen_part:
                    rows.append(f"{name or '–'} | {which} | {one.name} | {_row(chosen_part)}")
    return table(header, 3, rows)


def _row(read: Sequence[Read]) -> str:
    scored = photographs.figures(read)
    m = scored.measures
    rates = [scored.macro_cer, scored.cer, scored.line_exact]
    cells = [str(m.pictures), str(m.sources), f"{m.digits:,}", *map(ranged, rates), percent(m.image_exact)]
    return " | ".join([*cells, ranged(photographs.surest(read))])


def without_digits(readings: Sequence[Reading]) -> str:
    """Digits read in the pictures without any: a row for each reader, a column for each part."""
    parts = list(photographs.parts(readings[0].photographs))
    rows = []
    for one in readings:
        counts = [photographs.invented(photographs.parts(one.photographs)[name]) for name in parts]
        cells = [
            f"{sum(counted)} in {sum(map(bool, counted))} of {len(counted)}" if counted else "–" for counted in counts
        ]
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


def difference(gap: Interval, same: bool = False) -> str:
    """A difference of two rates, in points, and whether it can be shown. same: whether every picture is read alike."""
    if same:
        return "read the same"
    if math.isnan(gap.value):
        return "–"
    if math.isnan(gap.low):
        return f"{100 * gap.value:+.2f} (too few sources)"
    interval = f"{100 * gap.value:+.2f} ({100 * gap.low:+.2f} to {100 * gap.high:+.2f})"
    return f"{interval}: no difference that can be shown" if gap.low <= 0 <= gap.high else interval


def by_kind(reading: Reading) -> str:
    """One row for each kind of picture with digits, and for each part its pictures and rates."""
    parts = {name: photographs.by_kind(photographs.written(part)) for name, part in _parts(reading).items()}
    parts = {name: kinds for name, kinds in parts.items() if kinds}
    columns = ("pictures", "sources", "macro CER (%)", "CER (%)", "lines exact (%)")
    header = ["kind", *(f"{name}: {column}" if name else column for name in parts for column in columns)]
    rows = []
    for kind in sorted({kind for kinds in parts.values() for kind in kinds}):
        cells = [kind or "–"]
        for kinds in parts.values():
            scored = photographs.figures(kinds.get(kind, []))
            m = scored.measures
            cells += [str(m.pictures), str(m.sources)]
            cells += [ranged(one) for one in (scored.macro_cer, scored.cer, scored.line_exact)]
        rows.append(" | ".join(cells))
    return table(" | ".join(header), 1, rows)


def _parts(reading: Reading) -> dict[str, list[Read]]:
    return photographs.parts(reading.photographs)


def by_source(readings: Sequence[Reading]) -> list[str]:
    """Error rates of the sources: of ``check`` the first reader's in order of size, of the others a row for each source
    and a column for each reader."""
    sections = []
    for name, read in _parts(readings[0]).items():
        sources = photographs.by_source(photographs.written(read))
        if name == CHECK and sources:
            rates = sorted(100 * photographs.measures(some).cer for some in sources.values())
            rates_text = ", ".join(f"{rate:.1f}" for rate in rates)
            sections.append(
                f"CER (%) of the {len(sources)} sources of {CHECK}, {readings[0].name}, in order of size: {rates_text}."
            )
        elif sources:
            sections.append(_named_sources(name, readings))
    return sections


def _named_sources(part: str, readings: Sequence[Reading]) -> str:
    by_reader = [photographs.by_source(photographs.written(_parts(one)[part])) for one in readings]
    rows = []
    for source, pictures in by_reader[0].items():
        rates = [percent(photographs.measures(by_source[source]).cer) for by_source in by_reader]
        kinds = ", ".join(photographs.by_kind(pictures))
        rows.append(" | ".join([source, kinds, str(len(pictures)), str(photographs.measures(pictures).digits), *rates]))
    header = [f"CER (%) by source{f', {part}' if part else ''}", "kinds", "pictures", "digits"]
    return table(" | ".join([*header, *(one.name for one in readings)]), 2, rows)


def single_digits(readings: Sequence[Reading]) -> str:
    """Single digits as pictures: a row for each reader and set."""
    header = "reader | set | pictures | read exactly (%) | nothing read | several digits | another digit"
    rows = []
    for one in readings:
        for singles in one.singles:
            wrong = singles.count - singles.right - singles.missed - singles.several
            cells = [one.name, singles.name, f"{singles.count:,}", _exactly(singles)]
            rows.append(" | ".join([*cells, *map(str, (singles.missed, singles.several, wrong))]))
    return table(header, 2, rows)


def _exactly(singles: Singles) -> str:
    if not singles.count:
        return "–"
    return ranged(Interval(singles.right / singles.count, *wilson(singles.right, singles.count)))


def ranged(rate: Interval) -> str:
    """A rate in percent, with its interval if there is one: "3.21 (1.90 to 4.70)"."""
    if math.isnan(rate.low):
        return percent(rate.value)
    return f"{percent(rate.value)} ({percent(rate.low)} to {percent(rate.high)})"
