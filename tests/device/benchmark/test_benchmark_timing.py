"""Windows, stages and counts: what is kept of a measurement, not how fast this machine is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import capture
from device.benchmark import samples
from device.benchmark.results import pack, unpack
from device.benchmark.stages import STAGES, time_frames
from device.benchmark.timing import BIN, read_pictures, shuffled, summary, window
from edge_digits.reader import MODELS, DigitReader
from edge_digits.runtime.load import load_model

MODEL = MODELS / "cnn-int8.tflite"


@given(st.lists(st.floats(1e-7, 10), min_size=1, max_size=50))
def test_every_call_is_in_the_distribution_the_slowest_too(seconds: list[float]) -> None:
    found = summary(seconds)
    bins = {int(place): count for place, count in found["histogram"].items()}
    assert sum(bins.values()) == found["count"] == len(seconds)
    assert BIN ** max(bins) == pytest.approx(max(seconds), rel=0.02)
    assert found["max"] == max(seconds)
    assert found["p50"] <= found["p95"] <= found["p99"] <= found["max"]


def test_a_window_warms_up_then_counts_every_call() -> None:
    calls = []
    took, references = window(calls.append, iter(range(10**9)), seconds=0.05, warm_up=0.01)
    assert 3 <= len(took) < len(calls)
    assert len(references) >= 1
    assert all(t > 0 for t in took + references)


def test_a_call_that_takes_longer_than_the_window_is_counted_three_times() -> None:
    took, _ = window(lambda _: time.sleep(0.02), iter(range(100)), seconds=0.001, warm_up=0)
    assert len(took) == 3


def test_inputs_come_in_an_order_that_the_seed_chooses() -> None:
    given_ = [np.array([n]) for n in range(20)]
    orders = [[int(next(inputs)[0]) for _ in range(20)] for inputs in (shuffled(given_, 1), shuffled(given_, 2))]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(20))
    assert orders[0] != orders[1]


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_right_and_wrong_come_back_as_they_were_packed(right: list[bool]) -> None:
    assert unpack(pack(np.array(right)), len(right)).tolist() == right


def test_models_are_timed_on_what_the_reader_asks_them(tmp_path: Path) -> None:
    frames = samples.demo_frames()
    [asked] = samples.record_samples([load_model(MODEL)], list(frames[:2]))
    assert {sample.shape for sample in asked} == {(1, 28, 28)}
    assert all(sample.any() for sample in asked)
    samples.save_samples(tmp_path / "s.npz", asked)
    assert np.array_equal(np.concatenate(samples.load_samples(tmp_path / "s.npz")), np.concatenate(asked))


def test_strips_of_different_widths_are_kept_as_they_are(tmp_path: Path) -> None:
    strips = [np.full((1, 32, width), width, np.uint8) for width in (64, 128, 64)]
    samples.save_samples(tmp_path / "s.npz", strips)
    assert sorted(s.shape[2] for s in samples.load_samples(tmp_path / "s.npz")) == [64, 64, 128]


@pytest.fixture(scope="module")
def frames() -> Any:
    """Six frames of one page."""
    return samples.demo_frames()[: samples.EACH]


@pytest.mark.slow
def test_the_stages_of_a_frame_make_up_the_frame(frames: Any) -> None:
    found = time_frames(DigitReader(load_model(MODEL)), frames, seconds=3.0, warm_up=0.0)
    assert tuple(found["stages"]) == STAGES
    per_frame = [found["stages"][stage] for stage in STAGES if stage != "publish"]
    assert {stage["count"] for stage in per_frame} == {found["count"]}
    assert sum(stage["mean"] for stage in per_frame) == pytest.approx(found["mean"], rel=0.15)


def test_a_sleep_shows_in_the_stage_in_which_it_is(frames: Any) -> None:
    reader = DigitReader(load_model(MODEL))
    scores = reader.model.scores

    def slow(pixels: Any) -> Any:
        time.sleep(0.02)
        return scores(pixels)

    reader.model.scores = slow
    assert time_frames(reader, frames, 0.4, 0.0)["stages"]["classifier"]["p50"] > 0.02


def test_timing_leaves_the_loop_as_it_was(frames: Any) -> None:
    before = capture.Capture.take
    time_frames(DigitReader(load_model(MODEL)), frames, 0.1, 0.0)
    assert capture.Capture.take is before


def test_pages_have_their_truth_and_no_line_that_is_cut(tmp_path: Path) -> None:
    pages = samples.write_pages(tmp_path, 1)
    assert [page.source for page in pages] == list(samples.KINDS)
    assert all(page.path.is_file() and page.written for page in pages)


def test_every_picture_is_read_once_and_only_digits_count() -> None:
    loaded: list[str] = []

    def load(name: str) -> str:
        loaded.append(name)
        return name

    found = read_pictures(lambda name: [f"{name}. 1", "x"], load, ["3", "4", "5"], seed=0)
    assert found["lines"] == [["31", ""], ["41", ""], ["51", ""]]
    assert sorted(loaded[1:]) == ["3", "4", "5"], "after one that warms up"
    assert len(found["seconds"]) == 3
