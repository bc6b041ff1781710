"""Nodes that judge: as many as wanted, made once, kept in the user's cache, and no more of them than of one time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from convert import __main__ as command
from convert.check import nodes
from convert.check.inputs import NodeInputs
from edge_digits.charset import REJECT
from edge_digits.io import mnist
from edge_digits.judge_classes import CLASSES, NONE
from edge_digits.runtime.spec import judge_values
from train import checkpoint, networks
from train.data.build_pool import tiny_pool

COUNT = 500

Make = Callable[..., NodeInputs]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes nodes of our own strokes alone, in this process, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(nodes, "open_pool", lambda folder, part: tiny_pool())
    return lambda task="judge", count=COUNT: nodes.judges(task, tmp_path, count, processes=1)


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "edge-digits" / "judge-nodes").iterdir())


def test_both_stages_are_judged_on_the_same_nodes(make: Make) -> None:
    first, second = make("judge-first"), make("judge")
    for task, found in (("judge-first", first), ("judge", second)):
        values = judge_values(task)
        assert found.task == task
        assert found.pixels.shape == (len(found), values["channels"], *values["input_shape"])
    assert len(first) < len(second) == COUNT
    assert np.array_equal(first.truth == 1, first.label != NONE)
    assert {*second.truth.tolist()} <= {*range(CLASSES)}
    assert {*range(NONE + 1)} <= {*second.truth.tolist()}


def test_the_first_stage_is_judged_on_no_gaps(make: Make) -> None:
    first, second = make("judge-first"), make("judge")
    # What the first stage would see of a gap is not made.
    is_gap = ~second.first.any(axis=(1, 2, 3))
    assert is_gap.any() and second.unasked[is_gap].all()
    assert np.array_equal(first.pixels, second.first[~is_gap])
    assert (second.unasked & ~is_gap).any() and not second.unasked.all()


def test_digits_are_judged_on_the_ink_of_the_same_nodes(make: Make, tmp_path: Path) -> None:
    judge = make()
    found = nodes.crops(tmp_path, COUNT, processes=1)
    shown = judge.first.any(axis=(1, 2, 3))
    assert np.array_equal(found.images, judge.pixels[shown, 0, 2:-2, 2:-2])
    assert np.array_equal(found.labels, np.minimum(judge.label[shown], REJECT))
    assert {*found.labels.tolist()} == {*range(REJECT + 1)}


def test_they_are_made_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    before = make()
    monkeypatch.setattr(nodes, "of_tiles", lambda *_: pytest.fail("made again"))
    assert np.array_equal(make().pixels, before.pixels)


def test_of_those_that_are_kept_fewer_are_the_first(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    every = make()
    monkeypatch.setattr(nodes, "of_tiles", lambda *_: pytest.fail("made again"))
    some = make(count=50)
    assert np.array_equal(some.pixels, every.pixels[:50]) and np.array_equal(some.label, every.label[:50])


def test_only_those_of_the_last_time_are_kept(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(count=50)
    make(count=60)
    (before,) = kept(tmp_path)
    monkeypatch.setattr(nodes, "SEED", 1)
    make(count=50)
    (after,) = kept(tmp_path)
    assert after != before


def test_an_interruption_leaves_nothing(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "of_tiles", lambda *_: exec("raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        make()
    assert kept(tmp_path) == []


def test_without_mnist_one_line_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mnist, "MIRRORS", ())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "judge-first.safetensors"
    checkpoint.save(path, networks.judge_first(), name="judge-first", **judge_values("judge-first"))
    assert command.main(["judge-first", "--checkpoint", str(path), "--data-dir", str(tmp_path)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "error: train-images" in error
