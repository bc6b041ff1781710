"""int8 against float32 of the same network, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.benchmark.accuracy import unpack
from device.benchmark.results import Results, values
from device.benchmark.statistics import SMALLEST, TOO_LITTLE, Interval, mcnemar, paired_ratio, times


def sentences(results: Results) -> list[str]:
    """A sentence for each network, input, runtime and number of threads in which both precisions were measured."""
    models = {model["file"]: model for model in results["models"]}
    exact = {(e["model"], e["runtime"]): unpack(e["right"], e["count"]) for e in results["digits"]}
    lines = []
    for e in results["infer"]:
        for f in results["infer"]:
            before, after = models[e["model"]], models[f["model"]]
            if (before["precision"], after["precision"]) != ("float32", "int8") or _kind(e, before) != _kind(f, after):
                continue
            name = before["network"] + (f" ({before['input'][1]} columns)" if before["reads_lines"] else "")
            threads = f"{e['threads']} thread{'s' * (e['threads'] > 1)}"
            line = f"{name}, {e['runtime']}, {threads}: int8 is "
            line += _pace(paired_ratio(values(e, "p50"), values(f, "p50")))
            pair = [exact.get((x["model"], x["runtime"])) for x in (e, f)]
            if pair[0] is not None and pair[1] is not None:
                line += f"; its accuracy is {_accuracy(pair[0], pair[1])}"
            lines.append(line + ".")
    return sorted(lines)


def _kind(entry: dict[str, Any], model: dict[str, Any]) -> tuple[Any, ...]:
    """What both precisions must have in common."""
    return model["network"], *model["input"], model["file"].rpartition(".")[2], entry["runtime"], entry["threads"]


def _accuracy(float32: NDArray[np.bool_], int8: NDArray[np.bool_]) -> str:
    only_float, only_int8, p = mcnemar(float32, int8)
    word = "not measurably different" if p >= 0.05 else "lower" if only_float > only_int8 else "higher"
    return f"{word} (only float32 has {only_float} right, only int8 {only_int8}, McNemar p = {p:.2g})"


def _pace(interval: Interval) -> str:
    if interval.low >= 1 / (1 + SMALLEST) and interval.high <= 1 + SMALLEST:
        return f"as fast as float32 to within {SMALLEST:.0%}"
    if interval.tells_nothing:
        return f"perhaps faster, perhaps slower: {TOO_LITTLE}"
    if interval.low <= 1 <= interval.high:
        return f"not measurably faster or slower ({1 / interval.high:.3g} to {1 / interval.low:.3g} times as fast)"
    return times(interval, "slower", "faster")
