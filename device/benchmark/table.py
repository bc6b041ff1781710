"""Results as Markdown."""

from __future__ import annotations

import numpy as np

from device.benchmark import precision, reading_table
from device.benchmark.accuracy import unpack
from device.benchmark.cells import middle, table
from device.benchmark.results import Results, cold_starts, values, who
from device.benchmark.stages import STAGES
from device.benchmark.statistics import in_short, paired_ratio


def markdown(results: Results) -> str:
    """All tables of a run. Times of a void run are not in them."""
    parts = [_machine(results), _left_out(results)]
    if results["validity"]["void"]:
        parts.append(f"**This run is void: {'; '.join(results['validity']['reasons'])}.** Its times are not averaged.")
    else:
        parts += [_speed(results), _ten_digits(results), _stages(results), _overhead(results), _precisions(results)]
    parts += [_models(results), _digits(results), reading_table.markdown(results)]
    return "\n\n".join(part for part in parts if part)


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


def _speed(results: Results) -> str:
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
                "–" if model["macs"] is None else f"{model['macs'] / 1e6:.2f}",
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
    heads += ["peak memory (MB)", "file (kB)", "million MACs"]
    text = "One inference, as the reader asks for it: medians of the windows' own quantiles. Cold start is importing, "
    text += "loading and the first inference."
    if any(model["reads_lines"] for model in results["models"]):
        text += " Inputs 32 pixels high are strips of a whole line, the others hold one digit."
    return f"### Inference\n\n{text}\n\n{table(heads, rows, 3)}"


def _ten_digits(results: Results) -> str:
    """What a line costs beside its digits one by one."""
    rows = []
    for e in sorted(results["ten_digits"], key=who):
        line, digits = values(e, "line"), values(e, "digits")
        times_ = in_short(paired_ratio(digits, line))
        strips = middle(values(e, "strips"), 1, ".2f")
        rows.append([e["model"], e["beside"], e["runtime"], strips, middle(line, 1e3), middle(digits, 1e3), times_])
    if not rows:
        return ""
    text = (
        "Ten digits of MNIST test side by side, read at once by a network for lines, and one by one by the one for "
        "digits: what the networks take, in turns in one process, one thread."
    )
    heads = ["lines", "digits", "runtime", "strips of a line", "at once (ms)", "one by one (ms)", "times as long"]
    return f"### A line of ten digits\n\n{text}\n\n{table(heads, rows, 3)}"


def _stages(results: Results) -> str:
    rows = []
    for e in sorted(results["road"], key=who):
        stages = [middle(values(e, "stages", stage, "p50"), 1e3) for stage in STAGES]
        whole = [middle(values(e, key), 1e3) for key in ("p50", "p95", "p99")]
        rows.append([e["model"], e["runtime"], *stages, *whole])
    if not rows:
        return ""
    heads = ["model", "runtime", *STAGES, "frame p50", "p95", "p99"]
    text = (
        "Frames of the demo camera, 640×480, from the hand-over by the camera's thread to what is written into a file; "
    )
    text += "milliseconds, medians per frame that is read (publish: per reading), one thread."
    return f"### A camera frame by stage\n\n{text}\n\n{table(heads, rows, 2)}"


def _overhead(results: Results) -> str:
    rows = []
    for e in sorted(results["overhead"], key=who):
        cells = []
        for batch in ("1", "10"):
            found = values(e, "ratios", batch)
            cells.append(in_short(paired_ratio([1.0] * len(found), found)))
        rows.append([e["model"], e["runtime"], *cells])
    if not rows:
        return ""
    text = "Time of `Model.scores` over that of the bare interpreter's `invoke`, both in turn in one process."
    return f"### What the wrapper costs\n\n{text}\n\n{table(['model', 'runtime', 'one digit', 'ten digits'], rows, 2)}"


def _precisions(results: Results) -> str:
    """int8 against float32, in words."""
    lines = [f"- {line}" for line in precision.sentences(results)]
    return "### int8 against float32\n\n" + "\n".join(lines) if lines else ""


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
    return f"### Models\n\n{table(heads, rows)}"


def _digits(results: Results) -> str:
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
