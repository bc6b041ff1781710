"""Results as Markdown: the tables of a run, and the page that holds them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.benchmark import reading_table
from device.benchmark.results import Results, cold_starts, middle, table, unpack, values, who
from device.benchmark.stages import STAGES
from device.benchmark.statistics import SMALLEST, TOO_LITTLE, Interval, paired_ratio, times
from edge_digits.errors import DataError
from edge_digits.evaluation.statistics import mcnemar

BEGIN = "<!-- figures: made by `python -m device.benchmark page`, do not edit -->"
END = "<!-- end of figures -->"


def markdown(results: Results) -> str:
    """All tables of a run. Times of a void run are not in them."""
    parts = [machine(results), left_out(results), void(results)]
    if not parts[-1]:
        parts += [speed(results), stages(results), precisions(results)]
    parts += [digits(results), reading_table.markdown(results)]
    return "\n\n".join(part for part in parts if part)


def write_page(results: Results, page: Path) -> None:
    """Put the tables into ``page`` between its markers; a page that is not there is made. Raises DataError if it cannot
    be read or written, or has no place for them."""
    try:
        text = page.read_text(encoding="utf-8") if page.exists() else f"# Benchmark\n\n{BEGIN}\n{END}\n"
    except OSError as error:
        raise DataError(f"{page}: cannot be read: {error.strerror}") from error
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise DataError(f"{page}: needs the lines '{BEGIN}' and '{END}' once each")
    head, rest = text.split(BEGIN)
    body = f"`{command(results)}`\n\n{markdown(results)}"
    try:
        page.write_text(f"{head}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{page}: cannot be written: {error.strerror}") from error


def command(results: Results) -> str:
    """The command as anybody may see it: of an absolute path only the name."""
    return shlex.join(re.sub(r"^(--[^=]*=)?/(.*/)?", r"\1", part) for part in shlex.split(results["command"]))


def void(results: Results) -> str:
    """Why the run is void, if it is."""
    if not results["validity"]["void"]:
        return ""
    return f"**This run is void: {'; '.join(results['validity']['reasons'])}.** Its times are not averaged."


def machine(results: Results) -> str:
    """What it ran on, and how."""
    m, v, effort = results["machine"], results["validity"], results["effort"]
    versions = ", ".join(f"{name} {version}" for name, version in m["versions"].items())
    ghz = "unknown" if v["clock"] is None else " to ".join(f"{hertz / 1e9:.2f}" for hertz in v["clock"]) + " GHz"
    warm = "unknown" if v["temperature"] is None else " to ".join(f"{t:.0f}" for t in v["temperature"]) + " °C"
    drift = v["clock_drift"] if isinstance(v["clock_drift"], str) else f"{v['clock_drift']:.1%}"
    throttled = {True: "yes", False: "no", "unknown": "unknown"}[v["throttled"]]
    waits = [w for kind in ("infer", "road", "reading") for e in results[kind] for w in values(e, "waited")]
    busy = f"{np.median(waits):.0%} of the time" if waits else "unknown"
    quick = " **A quick trial: its times mean nothing.**" if effort["quick"] else ""
    return (
        f"{results['started'][:10]}, {m['board'] or m['processor']} ({m['architecture']}, {m['cores']} cores, "
        f"{m['memory'] / 2**30:.1f} GiB), {m['system']}, kernel {m['kernel']}, Python {m['python']}, {versions}; "
        f"commit {m['commit'] or 'unknown'}. Governor {m['governor'] or 'unknown'}, clock under load {ghz} "
        f"(drift {drift}), temperature {warm}, throttled: {throttled}, load average {m['load_before']:.1f} before, "
        f"windows waited for a core {busy}. "
        f"{effort['windows']} windows of {effort['seconds']:g} s for each variant, each in a process of its own, in "
        f"random order.{quick}"
    )


def left_out(results: Results) -> str:
    """What was not run, and why."""
    if not results["left_out"]:
        return ""
    return "Not run: " + "; ".join(f"{item['what']} ({item['reason']})" for item in results["left_out"]) + "."


def speed(results: Results) -> str:
    """One inference of each file, in each runtime."""
    sizes = {model["file"]: model for model in results["models"]}
    rows = []
    for e in sorted(results["infer"], key=lambda e: (e["model"], e["runtime"], e["threads"])):
        model = sizes[e["model"]]
        rows.append(
            [
                e["model"],
                e["runtime"],
                "×".join(map(str, model["input"])),
                str(e["threads"]),
                *(middle(values(e, key), 1e3) for key in ("p50", "p95", "p99")),
                middle([1 / mean for mean in values(e, "mean")], 1, ",.0f"),
                middle(cold_starts(e), 1e3, ".0f"),
                middle(values(e, "peak_memory"), 1e-6, ".0f"),
                f"{model['bytes'] / 1e3:.0f}",
            ]
        )
    heads = [
        "model",
        "runtime",
        "input",
        "threads",
        "p50 (ms)",
        "p95 (ms)",
        "p99 (ms)",
        "per second",
        "cold start (ms)",
    ]
    heads += ["peak memory (MB)", "file (kB)"]
    text = "One inference, as the reader asks for it: medians of the windows' own quantiles. Cold start is importing, "
    text += "loading and the first inference."
    if any(model["reads_lines"] for model in results["models"]):
        text += " Inputs 32 pixels high are strips of a whole line, the others hold one digit."
    return f"### Inference\n\n{text}\n\n{table(heads, rows, 3)}"


def stages(results: Results) -> str:
    """A camera frame, stage by stage."""
    rows = []
    for e in sorted(results["road"], key=who):
        stages = [middle(values(e, "stages", stage, "p50"), 1e3) for stage in STAGES]
        whole = [middle(values(e, key), 1e3) for key in ("p50", "p95", "p99")]
        rows.append([e["model"], e["runtime"], *stages, *whole])
    if not rows:
        return ""
    heads = ["model", "runtime", *(stage.replace("_", " ") for stage in STAGES), "frame p50", "p95", "p99"]
    text = (
        "Frames of the demo camera, 640×480, from the hand-over by the camera's thread to what is written into a file; "
    )
    text += "milliseconds, medians per frame that is read (publish: per reading), one thread."
    return f"### A camera frame by stage\n\n{text}\n\n{table(heads, rows, 2)}"


def precisions(results: Results) -> str:
    """int8 against float32, in words."""
    lines = [f"- {line}" for line in float_against_int8(results)]
    return "### int8 against float32\n\n" + "\n".join(lines) if lines else ""


def float_against_int8(results: Results) -> list[str]:
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


def digits(results: Results) -> str:
    """Single digits."""
    rows = []
    for e in results["digits"]:
        right = unpack(e["right"], e["count"])
        rows.append([e["model"], e["runtime"], e["set"], f"{e['count']:,}", f"{right.mean():.2%}"])
    if not rows:
        return ""
    text = ""
    if any(model["reads_lines"] for model in results["models"]):
        text = "For a network that reads lines, a digit is a line of one and must be read as that digit alone.\n\n"
    return f"### Single digits\n\n{text}{table(['model', 'runtime', 'set', 'digits', 'right'], rows, 3)}"
