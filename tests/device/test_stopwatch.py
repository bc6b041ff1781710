"""The time of the stages of reading."""

from __future__ import annotations

import time

import numpy as np
import pytest

import edge_digits.read_page as module
from device.stopwatch import Stopwatch
from edge_digits.judge import cascade
from edge_digits.reader import open_reader


def test_stages_are_timed_apart_and_add_up() -> None:
    watch = Stopwatch()
    wait = watch.timed("wait", time.sleep)
    wait(0.02)
    wait(0.02)
    watch.timed("other", len)([])
    assert watch.seconds["wait"] == pytest.approx(0.04, abs=0.02)
    assert watch.seconds["other"] < watch.seconds["wait"]


def test_a_stage_that_fails_is_timed_too() -> None:
    watch = Stopwatch()
    with pytest.raises(ZeroDivisionError):
        watch.timed("fail", lambda: 1 // 0)()
    assert watch.seconds["fail"] > 0


def test_timing_leaves_the_reader_as_it_was() -> None:
    before = (module.find_nodes, cascade.first_views)
    reader = open_reader("cnn")
    scores = reader.model.scores
    watch = Stopwatch()
    with watch.around(reader):
        assert module.find_nodes is not before[0]
        reader.read(np.full((60, 60), 200, np.uint8))
    assert watch.seconds["ink"] > 0
    assert (module.find_nodes, cascade.first_views) == before
    assert reader.model.scores == scores
