"""Nodes that judge: as many as wanted, made once, kept in the user's cache, and no more of them than of one time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from convert import __main__ as command
from convert.inputs import NodeInputs
from convert.judge import nodes
from edge_digits import mnist
from edge_digits.judge.classes import CLASSES, NONE
from edge_digits.model_spec import judge_values
from train import checkpoint, models
from train.data.glyphs.build import tiny_pool

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
        assert found.pixels.shape == (COUNT, values["channels"], *values["input_shape"])
    assert np.array_equal(first.pixels, second.first)
    assert np.array_equal(first.truth == 1, second.truth != NONE)
    assert {*second.truth.tolist()} <= {*range(CLASSES)}
    assert {*range(NONE + 1)} <= {*second.truth.tolist()}
    assert second.is_piece.any() and not second.is_piece.all()


def test_they_are_made_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    before = make()
    monkeypatch.setattr(nodes, "of_tiles", lambda *_: pytest.fail("made again"))
    assert np.array_equal(make().pixels, before.pixels)


def test_only_those_of_the_last_time_are_kept(make: Make, tmp_path: Path) -> None:
    make(count=60)
    before = kept(tmp_path)
    make(count=50)
    assert len(before) == len(kept(tmp_path)) == 1
    assert before != kept(tmp_path)


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
    checkpoint.save(path, models.judge_first(), name="judge-first", **judge_values("judge-first"))
    assert command.main(["judge-first", "--checkpoint", str(path), "--data-dir", str(tmp_path)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "error: train-images" in error
