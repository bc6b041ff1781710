"""What is said of two runs: made-up results with the spread of real ones."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from device.benchmark import compare, table
from device.benchmark.results import pack
from device.benchmark.stages import STAGES

MODELS = ("cnn-float32.tflite", "cnn-int8.tflite")
STAGE_SECONDS = dict(zip(STAGES, (4e-5, 2e-3, 4e-3, 1e-3, 5e-4, 2e-3, 5e-4, 1e-3, 4e-4, 6e-5), strict=True))


def results(
    seed: int, slower: float = 1.0, sleep: float = 0.0, copying: float = 0.0, right: int = 990
) -> dict[str, Any]:
    """A run whose windows differ by 2 %, and by more in the tail. slower: factor for inferences. sleep: seconds more
    of each inference. copying: seconds more of handing a frame over."""
    random = np.random.default_rng(seed)

    def spread(value: float, share: float = 0.02) -> float:
        return float(value * np.exp(random.normal(0, share)))

    infer, road, digits = [], [], []
    for model in MODELS:
        who = {"model": model, "runtime": "ai-edge-litert", "threads": 1}
        windows = [
            {
                "p50": spread(2e-5 * slower) + sleep,
                "mean": spread(2.2e-5 * slower, 0.04) + sleep,
                "p99": spread(4e-5 * slower, 0.2) + sleep,
                "cold": {"import": spread(0.2, 0.1), "load": spread(0.01, 0.1), "first_inference": spread(1e-3, 0.2)},
                "peak_memory": int(spread(7e7, 0.001)),
            }
            for _ in range(5)
        ]
        infer.append({**who, "windows": windows})
        frames = []
        for _ in range(5):
            stages = {stage: {"p50": spread(seconds)} for stage, seconds in STAGE_SECONDS.items()}
            stages["capture"]["p50"] += copying
            whole = sum(stage["p50"] for stage in stages.values())
            frames.append({"p50": whole, "p99": spread(3 * whole, 0.1), "stages": stages})
        road.append({**who, "windows": frames})
        digits.append({**who, "set": "mnist-test", "count": 1000, "right": pack(np.arange(1000) < right)})
    models = [
        {"file": model, "network": "cnn", "precision": model[4:-7], "reads_lines": False, "input": [28, 28]}
        for model in MODELS
    ]
    return {
        "models": models,
        "ten_digits": [],
        "started": "2026-11-20T10:00:00+0000",
        "machine": {"board": None, "processor": "a processor", "commit": "abc"},
        "effort": {"windows": 5, "seconds": 10.0, "quick": False},
        "validity": {"void": False, "reasons": []},
        "infer": infer,
        "road": road,
        "reading": [],
        "digits": digits,
    }


def different(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """What is said to be slower or larger in B."""
    return [d.what for d in compare.differences(a, b) if d.verdict in ("worse", "better")]


@pytest.mark.slow
def test_two_runs_of_the_same_build_are_called_different_in_at_most_one_of_ten_tries() -> None:
    tries = [bool(different(results(2 * seed), results(2 * seed + 1))) for seed in range(60)]
    assert sum(tries) <= 6


def test_two_windows_that_disagree_are_said_to_be_too_few() -> None:
    a, b = results(1), results(2)
    for run, medians in ((a, (2e-5, 9e-4)), (b, (8e-4, 2e-5))):
        for entry in run["infer"]:
            entry["windows"] = [
                {**window, "p50": p50} for window, p50 in zip(entry["windows"][:2], medians, strict=True)
            ]
    said = compare.report(a, b)
    assert "cnn-int8.tflite, ai-edge-litert: inference, median: too little was measured to tell; 0.46 → 0.41 ms" in said
    assert "e+0" not in said
    b["infer"][1]["windows"] = b["infer"][1]["windows"][::-1]
    [line] = table.float_against_int8(b)
    assert line.startswith(
        "cnn, ai-edge-litert, 1 thread: int8 is perhaps faster, perhaps slower: too little was measured"
    )


def test_a_sleep_in_the_model_is_caught() -> None:
    found = different(results(1), results(2, sleep=5e-5))
    assert "cnn-int8.tflite, ai-edge-litert: inference, median" in found


def test_a_frame_that_is_copied_while_it_is_handed_over_is_caught() -> None:
    found = different(results(1), results(2, copying=3e-5))
    assert found == [f"{model}, ai-edge-litert: stage capture, median" for model in MODELS]


def test_an_improvement_is_told_in_plain_words() -> None:
    said = compare.report(results(1), results(2, slower=0.5))
    assert re.search(r"cnn-int8\.tflite, ai-edge-litert: inference, median: B is (1\.9|2\b)\S* times faster \(", said)


def test_what_is_smaller_than_the_smallest_effect_of_interest_decides_nothing() -> None:
    assert different(results(1), results(2, slower=1.01)) == []


def test_a_void_run_is_not_compared() -> None:
    void = results(2, sleep=1.0)
    void["validity"] = {"void": True, "reasons": ["throttled (0x4)"]}
    said = compare.report(results(1), void)
    assert "B is void: throttled (0x4)" in said
    assert "slower" not in said


def test_accuracy_is_compared_on_the_same_digits() -> None:
    same, worse = (compare.accuracies(results(1), results(2, right=right))[0] for right in (988, 950))
    assert "accuracy is not measurably different (only A has 2 right, only B 0; McNemar p = 0.5)" in same.text
    assert not same.worse
    assert worse.worse
    assert "B is less accurate" in worse.text


def test_figures_that_only_one_run_has_are_left_out() -> None:
    other = results(2)
    for kind in ("infer", "road", "digits"):
        other[kind] = []
    assert "nothing was measured in both runs" in compare.report(results(1), other)


@pytest.mark.parametrize(("low", "high", "verdict"), [(0.99, 1.01, "same"), (0.9, 1.2, "unknown"), (1.03, 2, "worse")])
def test_a_verdict_needs_the_whole_interval(low: float, high: float, verdict: str) -> None:
    interval = compare.Interval((low * high) ** 0.5, low, high)
    assert compare.Difference("x", compare.MS, 1, 1, interval, 0.02).verdict == verdict


def test_what_other_programs_disturbed_is_called_neither_slower_nor_faster() -> None:
    quiet, busy = results(1), results(2, sleep=5e-5, copying=1e-2)
    for entry in [*busy["infer"], *busy["road"]]:
        for window in entry["windows"]:
            window["waited"] = 0.6
    found = compare.differences(quiet, busy)
    assert [d.what for d in found if d.verdict == "worse"] == [
        f"{model}, ai-edge-litert: inference, median" for model in MODELS
    ], "short calls are over before they have to wait"
    assert any("stage capture, median: disturbed by other programs" in compare.sentence(d) for d in found)
