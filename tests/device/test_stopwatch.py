"""The time of the stages of reading."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

import edge_digits.read_page as module
from device.stopwatch import Stopwatch
from edge_digits.judge import cascade
from edge_digits.reader import open_reader


def test_stages_are_timed_apart_and_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def work(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("device.stopwatch.time", SimpleNamespace(perf_counter=lambda: now))
    watch = Stopwatch()
    for stage, seconds in (("first", 2.0), ("other", 0.5), ("first", 3.0)):
        watch.timed(stage, work)(seconds)
    assert watch.seconds == {"first": 5.0, "other": 0.5}


def test_a_stage_that_fails_is_timed_too() -> None:
    watch = Stopwatch()
    with pytest.raises(ZeroDivisionError):
        watch.timed("fail", lambda: 1 // 0)()
    assert watch.seconds["fail"] > 0


def test_what_another_thread_does_meanwhile_is_not_counted() -> None:
    watch = Stopwatch()
    timed = watch.timed("read", lambda: None)
    with ThreadPoolExecutor(1) as other:
        other.submit(timed).result()
    assert watch.seconds == {}
    timed()
    assert watch.seconds["read"] > 0


def test_timing_leaves_the_reader_as_it_was() -> None:
    before = (module.find_nodes, cascade.first_views)
    reader = open_reader("cnn")
    scores = reader.model.scores
    watch = Stopwatch()
    with watch.around(reader):
        assert module.find_nodes is not before[0]
        reader.read(np.full((60, 60), 200, np.uint8))
    assert watch.seconds["illumination"] > 0
    assert (module.find_nodes, cascade.first_views) == before
    assert reader.model.scores == scores
