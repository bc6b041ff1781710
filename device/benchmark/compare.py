"""Two runs side by side: what differs, by how much, how surely, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from device.benchmark import table
from device.benchmark.results import Results, cold_starts, labelled, measured, pairs, unpack, values, who
from device.benchmark.samples import PAGE_SET
from device.benchmark.stages import STAGES
from device.benchmark.statistics import LEVEL, SMALLEST, TOO_LITTLE, Interval, macro_difference, ratio, times
from edge_digits.evaluation import intervals
from edge_digits.evaluation.statistics import mcnemar

MOST_WAITING = 0.05
"""Share of its time that a window may wait for a core before its times are somebody else's too."""

SMALLEST_TIME = 2e-6
"""Seconds: a stage that differs by less decides nothing, however many per cent of the stage that are."""


@dataclass(frozen=True)
class Difference:
    """How many times B's figure is A's. what: variant and figure. unit: factor and name for people, as (1e3, "ms").
    interval: simultaneous with those of all other figures of the comparison. before, after: typical figures.
    disturbed: whether other programs had the cores so often that the figure says as much about them."""

    what: str
    unit: tuple[float, str]
    before: float
    after: float
    interval: Interval
    smallest: float
    disturbed: bool = False

    @property
    def verdict(self) -> str:
        """ "worse" or "better" if even the mild end of the interval is beyond the smallest effect of interest, "same"
        if the whole interval is inside it, else "unknown"; always so if it was disturbed."""
        if self.disturbed:
            return "unknown"
        most = 1 + self.smallest
        if self.interval.low > most:
            return "worse"
        if self.interval.high < 1 / most:
            return "better"
        return "same" if 1 / most <= self.interval.low and self.interval.high <= most else "unknown"


@dataclass(frozen=True)
class Changed:
    """Accuracy on the same items. worse, better: surely so."""

    text: str
    worse: bool = False
    better: bool = False


MS, MB = (1e3, "ms"), (1e-6, "MB")
_FIGURES: dict[str, list[tuple[str, tuple[float, str], Callable[[dict[str, Any]], list[float]]]]] = {
    "infer": [
        ("inference, median", MS, lambda e: values(e, "p50")),
        ("inference, mean", MS, lambda e: values(e, "mean")),
        ("inference, p99", MS, lambda e: values(e, "p99")),
        ("cold start", MS, cold_starts),
        ("peak memory", MB, lambda e: values(e, "peak_memory")),
    ],
    "road": [
        ("frame, median", MS, lambda e: values(e, "p50")),
        ("frame, p99", MS, lambda e: values(e, "p99")),
        *[
            (f"stage {stage.replace('_', ' ')}, median", MS, lambda e, s=stage: values(e, "stages", s, "p50"))
            for stage in STAGES
        ],
    ],
    "reading": [("picture, mean", MS, lambda e: [float(np.mean(w["seconds"])) for w in e["windows"]])],
}


_UNDISTURBED = ("inference, median", "peak memory")
"""An inference is over long before the scheduler gives its core away, so most of them never wait."""


def waiting(entry: dict[str, Any]) -> float:
    """Share of its time that an entry's middle window waited for a core; 0 where nobody tells."""
    shares = values(entry, "waited")
    return float(np.median(shares)) if shares else 0.0


def differences(a: Results, b: Results) -> list[Difference]:
    """Every figure of time and memory that both runs have. Intervals hold for all of them at once (Bonferroni)."""
    every = list(_pairs(a, b))
    level = 1 - (1 - LEVEL) / max(len(every), 1)
    compared = []
    for what, unit, before, after, disturbed in every:
        middle = float(np.median(before))
        smallest = max(SMALLEST, SMALLEST_TIME / middle) if unit == MS else SMALLEST
        interval = ratio(before, after, level)
        compared.append(Difference(what, unit, middle, float(np.median(after)), interval, smallest, disturbed))
    return compared


def _pairs(a: Results, b: Results) -> Iterator[tuple[str, tuple[float, str], list[float], list[float], bool]]:
    for kind, figures in _FIGURES.items():
        ours = {_key(entry): entry for entry in b[kind]}
        for entry in a[kind]:
            other = ours.get(_key(entry))
            if other is None:
                continue
            for name, unit, of in figures:
                before, after = of(entry), of(other)
                if min(len(before), len(after)) >= 2 and min(before + after) > 0:
                    place = f" of {entry['set']}" if "set" in entry else ""
                    disturbed = name not in _UNDISTURBED and max(waiting(entry), waiting(other)) > MOST_WAITING
                    yield f"{who(entry)}: {name}{place}", unit, before, after, disturbed


def _key(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(key) for key in ("reader", "model", "runtime", "threads", "set"))


def accuracies(a: Results, b: Results) -> list[Changed]:
    """Accuracy of every model on the items that both runs have."""
    changes = []
    ours = {(_key(entry), entry["count"]): entry for entry in b["digits"]}
    for entry in a["digits"]:
        other = ours.get((_key(entry), entry["count"]))
        if other is not None:
            pair = (unpack(e["right"], e["count"]) for e in (entry, other))
            changes.append(_digits(f"{who(entry)}: {entry['set']}", *pair))
    read = {_key(entry): entry for entry in b["reading"]}
    for entry in a["reading"]:
        other = read.get(_key(entry))
        if other is not None and a["sets"][entry["set"]] == b["sets"].get(entry["set"]):
            changes.append(_pictures(f"{who(entry)}: {entry['set']}", a, entry, b, other))
    return changes


def _digits(what: str, before: Any, after: Any) -> Changed:
    only_a, only_b, p = mcnemar(before, after)
    rates = f"{what}: {before.mean():.2%} → {after.mean():.2%} right"
    if only_a == only_b == 0:
        return Changed(f"{rates}; right and wrong on the same digits")
    test = f"only A has {only_a} right, only B {only_b}; McNemar p = {p:.2g}"
    if p >= 1 - LEVEL:
        return Changed(f"{rates}; accuracy is not measurably different ({test})")
    worse = only_a > only_b
    return Changed(f"{rates}; B is {'less' if worse else 'more'} accurate ({test})", worse, not worse)


def _pictures(what: str, a: Results, entry: dict[str, Any], b: Results, other: dict[str, Any]) -> Changed:
    truth = labelled(a, entry["set"])
    with_digits = [index for index, picture in enumerate(truth) if picture.lines]
    first, second = (
        [min(truth[i].errors(lines["lines"][i]), truth[i].written) for i in with_digits] for lines in (entry, other)
    )
    before, after = measured(a, entry).macro_cer, measured(b, other).macro_cer
    rates = f"{what}: macro CER {before:.2%} → {after:.2%}"
    if entry["lines"] == other["lines"]:
        return Changed(f"{rates}; read the same")
    written, sources = [truth[i].written for i in with_digits], [truth[i].source for i in with_digits]
    if entry["set"] == PAGE_SET or len(set(sources)) < intervals.FEWEST:
        gap = macro_difference(first, second, written, sources)
    else:
        gap = intervals.macro_difference(pairs(a, entry), pairs(b, other))
    test = f"difference {100 * gap.low:+.2f} to {100 * gap.high:+.2f} points"
    if gap.low <= 0 <= gap.high:
        return Changed(f"{rates}; not measurably different ({test})")
    worse = gap.low > 0
    return Changed(f"{rates}; B reads {'worse' if worse else 'better'} ({test})", worse, not worse)


def sentence(difference: Difference) -> str:
    """One figure in words."""
    factor, unit = difference.unit
    words = ("larger", "smaller") if difference.unit == MB else ("slower", "faster")
    figures = f"{difference.before * factor:.4g} → {difference.after * factor:.4g} {unit}"
    if difference.verdict in ("worse", "better"):
        return f"{difference.what}: B is {times(difference.interval, *words)}; {figures}"
    low, high = 100 * (difference.interval.low - 1), 100 * (difference.interval.high - 1)
    if difference.disturbed:
        return f"{difference.what}: disturbed by other programs; {figures}"
    if difference.verdict == "same":
        return (
            f"{difference.what}: the same to within {difference.smallest:.0%} ({low:+.1f} to {high:+.1f} %); {figures}"
        )
    if difference.interval.tells_nothing:
        return f"{difference.what}: {TOO_LITTLE}; {figures}"
    return f"{difference.what}: not measurably different ({low:+.1f} to {high:+.1f} %); {figures}"


def report(a: Results, b: Results) -> str:
    """The comparison as text: what differs first."""
    lines = []
    for name, results in (("A", a), ("B", b)):
        m = results["machine"]
        lines.append(
            f"{name}: {results['started']}, {m['board'] or m['processor']}, commit {m['commit']}, "
            f"{results['effort']['windows']} windows of {results['effort']['seconds']:g} s"
        )
    void = [f"{name} is void: {'; '.join(r['validity']['reasons'])}" for name, r in (("A", a), ("B", b)) if _void(r)]
    if void:
        return "\n".join([*lines, *void, "times are not compared", "", *_accuracy_lines(a, b)])
    if a["machine"]["processor"] != b["machine"]["processor"]:
        lines.append("these are two machines: differences in time are theirs, too")
    if a["effort"]["quick"] or b["effort"]["quick"]:
        lines.append("a quick run is a trial: its times mean little")
    compared = differences(a, b)
    if not compared:
        return "\n".join([*lines, "nothing was measured in both runs"])
    sure = [d for d in compared if d.verdict in ("worse", "better")]
    lines += ["", f"different, {len(sure)} of {len(compared)} figures:", *(f"  {sentence(d)}" for d in sure)]
    same = [d for d in compared if d.verdict == "same"]
    lines += ["", f"the same to within {SMALLEST:.0%}, {len(same)}:", *(f"  {sentence(d)}" for d in same)]
    rest = [d for d in compared if d.verdict == "unknown"]
    lines += ["", f"not measurably different, {len(rest)}:", *(f"  {sentence(d)}" for d in rest)]
    lines += ["", *_accuracy_lines(a, b)]
    for name, results in (("A", a), ("B", b)):
        ratios = table.float_against_int8(results)
        lines += ["", f"int8 against float32 in {name}:", *(f"  {line}" for line in ratios)] if ratios else []
    lines.append(
        f"\nintervals hold for all {len(compared)} figures at once with {LEVEL:.0%} (windows drawn again, Bonferroni)"
    )
    return "\n".join(lines)


def _void(results: Results) -> bool:
    return bool(results["validity"]["void"])


def _accuracy_lines(a: Results, b: Results) -> list[str]:
    return ["accuracy:", *(f"  {changed.text}" for changed in accuracies(a, b))]
