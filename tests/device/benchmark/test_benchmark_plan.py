"""What is run, in which order, and when a run does not count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from device.benchmark.machine import judge
from device.benchmark.plan import plan_variants, rounds

MODELS = [Path("cnn-int8.tflite"), Path("cnn-int8.onnx")]


def test_every_model_runs_in_every_runtime_for_its_format() -> None:
    variants, _ = plan_variants(MODELS, [1, 2], 4, {})
    assert {(v.model, v.runtime) for v in variants} == {
        ("cnn-int8.tflite", "ai-edge-litert"),
        ("cnn-int8.tflite", "tflite-runtime"),
        ("cnn-int8.onnx", "onnxruntime"),
    }
    assert len(variants) == 6


def test_what_cannot_be_run_is_named_with_the_reason() -> None:
    variants, left_out = plan_variants(MODELS, [1, 4], 2, {"tflite-runtime": "not installed"})
    assert {(v.runtime, v.threads) for v in variants} == {("ai-edge-litert", 1), ("onnxruntime", 1)}
    assert [(item.what, item.reason) for item in left_out] == [
        ("tflite-runtime", "not installed"),
        ("4 threads", "this machine has 2 cores"),
    ]


def test_every_round_runs_everything_once_in_an_order_of_its_own() -> None:
    found = rounds(range(20), 5, seed=0)
    assert all(sorted(order) == list(range(20)) for order in found)
    assert len({tuple(order) for order in found}) == 5
    assert found == rounds(range(20), 5, seed=0)


def state(load: str = "1 threads", clock: float | None = 1.8e9, throttled: int | None = 0) -> dict[str, Any]:
    """What the machine was like in a window."""
    return {"load": load, "clock": clock, "temperature": 60.0, "throttled": throttled}


def test_a_steady_run_counts() -> None:
    found = judge(0, [state(), state(clock=1.75e9)])
    assert not found["void"]
    assert found["clock_drift"] == pytest.approx(0.0278, abs=1e-4)
    assert found["throttled"] is False


@pytest.mark.parametrize("bits", [0x1, 0x2, 0x4, 0x8, 0x20000])
def test_a_throttled_run_is_void(bits: int) -> None:
    assert judge(0, [state(), state(throttled=bits)])["reasons"] == [f"throttled (0x{bits:x})"]


def test_what_was_throttled_before_the_run_does_not_make_it_void() -> None:
    assert not judge(0x50000, [state(throttled=0x50000)])["void"]
    assert judge(0x50000, [state(throttled=0x70000)])["void"]


def test_a_clock_that_drifts_by_more_than_five_per_cent_makes_a_run_void() -> None:
    found = judge(0, [state(clock=1.8e9), state(clock=1.7e9)])
    assert found["void"]
    assert found["reasons"] == ["the clock under load (1 threads) drifted by 5.6%"]


def test_a_clock_may_differ_between_one_thread_and_four() -> None:
    assert not judge(0, [state(), state("4 threads", 1.5e9)])["void"]


def test_what_cannot_be_read_is_unknown_and_not_void() -> None:
    found = judge(None, [state(clock=None, throttled=None)] * 2)
    assert not found["void"]
    assert (found["clock_drift"], found["throttled"], found["clock"]) == ("unknown", "unknown", None)
