"""Results as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from device.benchmark.accuracy import unpack
from device.benchmark.compare import times
from device.benchmark.results import Results, cold_starts, false_digits, measured, values, who
from device.benchmark.stages import STAGES
from device.benchmark.statistics import SMALLEST, mcnemar, paired_ratio


def markdown(results: Results) -> str:
    """All tables of a run. Times of a void run are not in them."""
    parts = [_machine(results), _left_out(results)]
    if results["validity"]["void"]:
        parts.append(f"**This run is void: {'; '.join(results['validity']['reasons'])}.** Its times are not averaged.")
    else:
        parts += [_speed(results), _stages(results), _overhead(results), _precisions(results)]
    parts += [_models(results), _digits(results), _reading(results)]
    return "\n\n".join(part for part in parts if part)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    marks = ["---"] * left + ["---:"] * (len(heads) - left)
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, marks, *rows))


def _machine(results: Results) -> str:
    m, v, effort = results["machine"], results["validity"], results["effort"]
    versions = ", ".join(f"{name} {version}" for name, version in m["versions"].items())
    ghz = "unknown" if v["clock"] is None else " to ".join(f"{hertz / 1e9:.2f}" for hertz in v["clock"]) + " GHz"
    warm = "unknown" if v["temperature"] is None else " to ".join(f"{t:.0f}" for t in v["temperature"]) + " °C"
    drift = v["clock_drift"] if isinstance(v["clock_drift"], str) else f"{v['clock_drift']:.1%}"
    said = {True: "yes", False: "no", "unknown": "unknown"}[v["throttled"]]
    waits = [w for kind in ("infer", "road", "reading") for e in results[kind] for w in values(e, "waited")]
    busy = f"{np.median(waits):.0%} of the time" if waits else "unknown"
    quick = " **A quick trial: its times mean nothing.**" if effort["quick"] else ""
    return (
        f"{results['started'][:10]}, {m['board'] or m['processor']} ({m['architecture']}, {m['cores']} cores, "
        f"{m['memory'] / 2**30:.1f} GiB), {m['system']}, kernel {m['kernel']}, Python {m['python']}, {versions}; "
        f"commit {m['commit'] or 'unknown'}. Governor {m['governor'] or 'unknown'}, clock under load {ghz} "
        f"(drift {drift}), temperature {warm}, throttled: {said}, load average {m['load_before']:.1f} before, "
        f"windows waited for a core {busy}. "
        f"{effort['windows']} windows of {effort['seconds']:g} s for each variant, each in a process of its own, in "
        f"random order.{quick}"
    )


def _left_out(results: Results) -> str:
    if not results["left_out"]:
        return ""
    return "Not run: " + "; ".join(f"{item['what']} ({item['reason']})" for item in results["left_out"]) + "."


def _middle(values_: Sequence[float], factor: float, form: str = ".3g") -> str:
    return format(float(np.median(values_)) * factor, form) if values_ else "–"


def _speed(results: Results) -> str:
    sizes = {model["file"]: model for model in results["models"]}
    rows = []
    for e in sorted(results["infer"], key=lambda e: (e["model"], e["runtime"], e["threads"])):
        model = sizes[e["model"]]
        rows.append(
            [
                e["model"],
                e["runtime"],
                str(e["threads"]),
                *(_middle(values(e, key), 1e3) for key in ("p50", "p95", "p99")),
                _middle([1 / mean for mean in values(e, "mean")], 1, ",.0f"),
                _middle(cold_starts(e), 1e3, ".0f"),
                _middle(values(e, "peak_memory"), 1e-6, ".0f"),
                f"{model['bytes'] / 1e3:.0f}",
                "–" if model["macs"] is None else f"{model['macs'] / 1e6:.2f}",
            ]
        )
    heads = ["model", "runtime", "threads", "p50 (ms)", "p95 (ms)", "p99 (ms)", "per second", "cold start (ms)"]
    heads += ["peak memory (MB)", "file (kB)", "million MACs"]
    text = "One inference, as the reader asks for it: medians of the windows' own quantiles. Cold start is importing, "
    return f"### Inference\n\n{text}loading and the first inference.\n\n{_table(heads, rows, 2)}"


def _stages(results: Results) -> str:
    rows = []
    for e in sorted(results["road"], key=who):
        stages = [_middle(values(e, "stages", stage, "p50"), 1e3) for stage in STAGES]
        whole = [_middle(values(e, key), 1e3) for key in ("p50", "p95", "p99")]
        rows.append([e["model"], e["runtime"], *stages, *whole])
    if not rows:
        return ""
    heads = ["model", "runtime", *STAGES, "frame p50", "p95", "p99"]
    text = (
        "Frames of the demo camera, 640×480, from the hand-over by the camera's thread to what is written into a file; "
    )
    text += "milliseconds, medians per frame that is read (publish: per reading), one thread."
    return f"### A camera frame by stage\n\n{text}\n\n{_table(heads, rows, 2)}"


def _overhead(results: Results) -> str:
    rows = []
    for e in sorted(results["overhead"], key=who):
        cells = []
        for batch in ("1", "10"):
            found = values(e, "ratios", batch)
            interval = paired_ratio([1.0] * len(found), found)
            cells.append(f"{interval.estimate:.3f} ({interval.low:.3f} to {interval.high:.3f})")
        rows.append([e["model"], e["runtime"], *cells])
    if not rows:
        return ""
    text = "Time of `Model.scores` over that of the bare interpreter's `invoke`, both in turn in one process."
    return f"### What the wrapper costs\n\n{text}\n\n{_table(['model', 'runtime', 'one digit', 'ten digits'], rows, 2)}"


def _precisions(results: Results) -> str:
    """int8 against float32, in words."""
    lines = []
    precision = {model["file"]: model["precision"] for model in results["models"]}
    network = {model["file"]: model["network"] for model in results["models"]}
    exact = {(e["model"], e["runtime"]): unpack(e["right"], e["count"]) for e in results["digits"]}
    for e in results["infer"]:
        for f in results["infer"]:
            same = network[e["model"]] == network[f["model"]] and e["runtime"] == f["runtime"]
            same = same and _format(e["model"]) == _format(f["model"]) and e["threads"] == f["threads"]
            if not (same and precision[e["model"]] == "float32" and precision[f["model"]] == "int8"):
                continue
            interval = paired_ratio(values(e, "p50"), values(f, "p50"))
            line = f"- {network[e['model']]}, {e['runtime']}, {e['threads']} thread{'s' * (e['threads'] > 1)}: "
            line += f"int8 is {_pace(interval)}"
            pair = [exact.get((x["model"], x["runtime"])) for x in (e, f)]
            if pair[0] is not None and pair[1] is not None:
                only_float, only_int8, p = mcnemar(pair[0], pair[1])
                word = "not measurably different" if p >= 0.05 else "lower" if only_float > only_int8 else "higher"
                said = f"only float32 has {only_float} right, only int8 {only_int8}, McNemar p = {p:.2g}"
                line += f"; its accuracy is {word} ({said})"
            lines.append(line + ".")
    return "### int8 against float32\n\n" + "\n".join(sorted(lines)) if lines else ""


def _format(name: str) -> str:
    return name.rpartition(".")[2]


def _pace(interval: Any) -> str:
    if interval.low >= 1 / (1 + SMALLEST) and interval.high <= 1 + SMALLEST:
        return f"as fast as float32 to within {SMALLEST:.0%}"
    if interval.low <= 1 <= interval.high:
        return f"not measurably faster or slower ({1 / interval.high:.3g} to {1 / interval.low:.3g} times as fast)"
    return times(interval, "slower", "faster")


def _models(results: Results) -> str:
    rows = [
        [
            m["file"],
            f"{m['bytes']:,}",
            *("–" if m[key] is None else f"{m[key]:,}" for key in ("weights", "weight_bytes", "macs")),
            m["sha256"][:12],
        ]
        for m in results["models"]
    ]
    heads = ["model", "file (bytes)", "weights", "weights (bytes)", "MACs of one inference", "sha256"]
    return f"### Models\n\n{_table(heads, rows)}"


def _digits(results: Results) -> str:
    rows = []
    for e in results["digits"]:
        right = unpack(e["right"], e["count"])
        rows.append([e["model"], e["runtime"], e["set"], f"{e['count']:,}", f"{right.mean():.2%}"])
    if not rows:
        return ""
    return f"### Single digits\n\n{_table(['model', 'runtime', 'set', 'digits', 'right'], rows, 3)}"


def _reading(results: Results) -> str:
    parts = []
    for name, pictures in results["sets"].items():
        entries = [e for e in results["reading"] if e["set"] == name]
        own = next((e for e in entries if e["reader"] == "edge-digits" and "int8.tflite" in e["model"]), None)
        rows = []
        for e in entries:
            some, strict = measured(results, e), measured(results, e, strict=True)
            seconds = [float(np.mean(w["seconds"])) for w in e["windows"]]
            speed = "void" if results["validity"]["void"] else _middle(seconds, 1e3)
            slower = "–"
            if own is not None and not results["validity"]["void"] and own is not e:
                ours = [float(np.mean(w["seconds"])) for w in own["windows"]]
                found = paired_ratio(ours, seconds)
                slower = f"{found.estimate:.3g} ({found.low:.3g} to {found.high:.3g})"
            wrong, empty = false_digits(results, e)
            cells = [f"{some.macro_cer:.2%}", "–" if not strict.pictures else f"{strict.macro_cer:.2%}"]
            rows.append(
                [
                    who(e),
                    *cells,
                    f"{some.line_exact:.1%}",
                    f"{wrong} in {empty}" if empty else "–",
                    speed,
                    slower,
                    _middle(values(e, "peak_memory"), 1e-6, ".0f"),
                ]
            )
        heads = [
            "reader",
            "macro CER",
            "the same, strict",
            "lines exact",
            "digits where there are none",
            "ms per picture",
        ]
        heads += ["times as long as cnn-int8.tflite", "peak memory (MB)"]
        count = sum(bool(p["lines"]) for p in pictures)
        written = sum(len(line) for picture in pictures for line in picture["lines"])
        title = f"### Whole pictures: {name}, {count} with digits, {written} digits"
        parts.append(f"{title}\n\n{_table(heads, rows)}")
    return "\n\n".join(parts)
